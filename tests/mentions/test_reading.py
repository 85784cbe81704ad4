"""How messages read: forms in French and in English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mentions.reading import read

ASKS = """
how do I install flash on firefox
How can i make the icon text narrower, or get rid of it altogether?
does anyone know if the stock page can be sorted by supplier
anyone here using the kiosk?
is there an API for the opening hours
what command should i use to mount the system
any idea why the label comes out blank
I can't log in since this morning
it doesn't work any more
i am having trouble getting two disks recognised
please help me
I get an error when I save
I'm stuck at the last step
can somebody look at my invoice
wondering if there is a dark theme
looking for some advice on pricing
comment on fait pour archiver un vélo
est-ce que quelqu'un sait pourquoi l'export plante
Quelqu’un peut m’aider
l'impression sort toute blanche, une idée ?
je n'arrive pas à me connecter
j’arrive pas à trouver le réglage
ça ne marche plus depuis ce matin
j'ai un souci avec la caisse
besoin d'aide svp
je voudrais passer la caisse en francs suisses mais je trouve pas
impossible d'ouvrir le fichier
pouvez-vous regarder ma demande
y a-t-il un moyen d'exporter
??
"""

STATEMENTS = """
I updated everything yesterday
nice, label printing was badly needed here
we had 31 people today, new record
mise à jour faite, 40 secondes
bon vendredi à vous
12 vélos sauvés ce matin
quiet sunday reading: https://blog.example/?q=wheels&how=to
j'en ai 40 d'avance, passe en prendre
that's all I needed
"""

POLITE = """
thanks
Thanks a lot!
thank you so much for the help
ok thanks
merci beaucoup !
Merci à tous
merci pour votre réponse
hello
hi everyone
Hello there, good morning all
bonjour à tous
salut
bonsoir tout le monde
👍
:wave: :tada:
ok
cool
mdr
…
https://example.com/picture.png
@malo thanks
"""

SOLVED = """
never mind, found it
nevermind
ah wait, I'm not admin on that account. never mind, solved :sweat_smile:
it works now
that worked, thank you
figured it out
merci, c'est bon
résolu
laissez tomber
j'ai trouvé
ça marche maintenant
"""

NOT_SOLVED = """
it's not solved
that fixed it?
it works now but the other one still doesn't
ça marche pas
ce n'est pas résolu
if it works now I will tell you
c'est bon pour toi ?
"""


def lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


@pytest.mark.parametrize("text", lines(ASKS))
def test_questions_and_calls_for_help_are_recognised_with_or_without_a_question_mark(text: str) -> None:
    """A question or a call for help is one in either language, whatever its punctuation."""
    assert read(text).asks
    assert not read(text).polite


@pytest.mark.parametrize("text", lines(STATEMENTS))
def test_a_statement_asks_nothing(text: str) -> None:
    """What only tells something is no question; nor is the query of a link."""
    assert not read(text).asks


@pytest.mark.parametrize("text", lines(POLITE))
def test_thanks_greetings_and_signs_alone_await_nobody(text: str) -> None:
    """Thanks, a greeting, an emoji, a link or an acknowledgement alone is polite and asks nothing."""
    assert read(text).polite
    assert not read(text).asks


@pytest.mark.parametrize("text", ["thanks, but it still fails", "hello, how do I log in?", "merci mais ça marche pas"])
def test_politeness_does_not_hide_a_question(text: str) -> None:
    """A greeting or thanks in front of a problem does not make it polite only."""
    assert not read(text).polite
    assert read(text).asks


@pytest.mark.parametrize("text", lines(SOLVED))
def test_solved_is_recognised(text: str) -> None:
    """An asker who gives up or found it says so in many words."""
    assert read(text).solved


@pytest.mark.parametrize("text", lines(NOT_SOLVED))
def test_doubt_is_not_solved(text: str) -> None:
    """Negations, conditions and questions about being solved are not solved."""
    assert not read(text).solved


@pytest.mark.parametrize("pair", [("EST-CE QUE ÇA MARCHE", "est-ce que ca marche"), ("Résolu", "resolu")])
def test_case_accents_and_apostrophes_do_not_matter(pair: tuple[str, str]) -> None:
    """The same words read the same, however they are typed."""
    assert read(pair[0]) == read(pair[1])


@given(st.text(max_size=3000))
def test_any_text_has_a_reading(text: str) -> None:
    """Reading never fails; what has no words at all asks nothing but by question marks."""
    reading = read(text)
    assert reading.words >= 0
    assert not (reading.empty and reading.asks)
