"""The words that tell what kind of thing a message says, in French and in English: folded, see `reading.fold`.

Each list is a kind, and `KINDS` tells for a word of which kinds it is, so that a message is gone through once.
"""

from __future__ import annotations

THANKS = frozenset(
    """
    thanks thank thx ty tyvm thankyou cheers merci mercii danke gracias appreciated remerciements
    """.split()
)
GREETINGS = frozenset(
    """
    hi hello hey heya hiya yo howdy greetings morning afternoon evening good day night bonjour bonsoir salut
    coucou hola hullo welcome bienvenue bye goodbye ciao cya later tchao bonne journee soiree nuit re wb
    """.split()
)
SELVES = frozenset("i im ive id ill my me mine we our je jai mon ma mes moi nous notre nos jarrive".split())
OTHERS = frozenset(
    """
    you u your youre youve youd youll yours ya tu te toi ton ta tes tas vous votre vos
    """.split()
)
ANYONE = frozenset("anyone anybody any1 someone somebody everyone quelquun qqn qqun personne".split())
GOING_ON = frozenset(
    """
    and so but ok okay yes yeah yep no nope ah oh hmm hm well then because it that thats this they et mais donc
    oui non nan ouais alors parce ca cest voila bon
    """.split()
)
VERDICTS = frozenset(
    """
    yes yep yeah yup no nope sure oui ouais non nan si exactly correct right exactement
    """.split()
)
TROUBLE = frozenset(
    """
    problem problems issue issues error errors fail fails failed failing crash crashes crashed broken stuck
    weird strange annoying wrong missing lost bug buggy trouble doesnt wont cant cannot couldnt isnt didnt
    unable freezes hangs slow 400 401 403 404 500 502 503 probleme problemes souci soucis erreur erreurs panne
    bloque bloquee bloques casse cassee perdu perdue manque vide plante impossible coupe coince refuse disparu
    narrive marche fonctionne
    """.split()
)
FILLERS = frozenset(
    """
    ok okay k kk yes yep yeah yup no nope sure cool nice great good perfect awesome excellent super parfait
    genial top oui ouais non nan daccord dac bien vu got it i see ah oh haha hehe lol lmao mdr ptdr xd hmm hm so
    much a lot lots very you u for the help everyone everybody all guys folks there team tous toutes tout le
    monde la les beaucoup bcp pour votre ton aide reponse a vous toi an and et un very indeed to of that this
    your time answer reply again me in please
    """.split()
)
CHATTER = THANKS | GREETINGS | FILLERS
ORDINARY = frozenset(
    """
    what when where which while with would will just like about from have has had this that then than they them
    there their your youre dont cant wont didnt isnt using used use need want know think make made does did done
    try tried install update upgrade linux ubuntu windows file files also only some any here now well but not
    are was were been can could should might maybe actually because since same other another someone anyone
    still even avec dans pour sans mais donc alors comme quand cela cette avez etes sont fait faire faut peut
    deja aussi encore apres avant entre voir merci bien tres plus moins rien quelque chose
    """.split()
)
BEGGING = frozenset(
    """
    help helping question answer idea ideas clue know knows able sait aide aider reponse repondre
    """.split()
)
EVERYDAY = CHATTER | ORDINARY | OTHERS | ANYONE | GOING_ON | SELVES
# The three long searches of `reading` cost more than all the rest: each runs only where a word stands that any match
# must have.
QUESTION_CUES = frozenset(
    """
    does do can could here anyone anybody somebody someone any how there what wondering wonder quelquun est-ce
    est comment savez pouvez pourriez pourrais peux sais demande y une idee
    """.split()
)
HELP_CUES = frozenset(
    """
    help need needing want looking could get stuck lost unable trying having getting able cant cannot couldnt
    keep got like id have problem problems question issue issues trouble doubt work working works start
    starting boot booting load loading install recognise recognize recognised recognized connect show showing
    error message tells says fails fail failed crash crashes crashed crashing broken new secours aide laide
    aidez besoin jai probleme problemes souci soucis erreur derreur bug arrive narrive jarrive marche fonctionne
    demarre repond saffiche affiche charge souvre ouvre cherche voudrais souhaite souhaiterais peux parviens
    sais trouve comprends jaimerais plante casse bloque perdu coince impossible
    """.split()
)
SOLVED_CUES = frozenset(
    """
    solved mind nevermind nvm nm forget fixed working work works worked did helped found good sorted figured
    laisse laisser laissez oublie oublier oubliez resolu regle bon cest repare trouve marche fonctionne
    """.split()
)

THANKING, GREETING, SELF, OTHER, ANY, AMISS, MAY_ASK, MAY_CALL, MAY_BE_SOLVED, SAYING_MORE, TOPICAL = (
    1 << n for n in range(11)
)
UNHEARD_OF = SAYING_MORE | TOPICAL
"""A word of no list: by it a subject can be told from another."""

KINDS: dict[str, int] = {}
"""The kinds of a word that is in any list, one bit each: the lists, `SAYING_MORE` than chatter, not `EVERYDAY`."""

for _kind, _words in (
    (THANKING, THANKS),
    (GREETING, GREETINGS),
    (SELF, SELVES),
    (OTHER, OTHERS),
    (ANY, ANYONE),
    (AMISS, TROUBLE),
    (MAY_ASK, QUESTION_CUES),
    (MAY_CALL, HELP_CUES),
    (MAY_BE_SOLVED, SOLVED_CUES),
    (0, EVERYDAY),
):
    for _word in _words:
        KINDS[_word] = KINDS.get(_word, 0) | _kind
for _word in KINDS:
    KINDS[_word] |= (_word not in CHATTER and SAYING_MORE) | (_word not in EVERYDAY and TOPICAL)
