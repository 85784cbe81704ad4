"""What makes reading fast makes no difference to how a text reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plainly import _GIVES_UP, _HELP, _QUESTION_INSIDE, _QUESTION_START, _SOLVED, read_plainly

from adapters.exports import open_export
from bot.events import MessagePosted
from bot.mentions import words
from bot.mentions.reading import read

CHATS = Path(__file__).parents[3] / "shared" / "chats"

OF_FORMS = sorted(
    {
        word
        for form in (_QUESTION_START, _QUESTION_INSIDE, _HELP, _GIVES_UP, _SOLVED)
        for word in re.findall(r"[a-z][a-z'-]*[0-9]?", re.sub(r"\\[a-zA-Z]|\(\?<!|\['’\]", " ", form.pattern))
    }
)
"""The pieces of which the forms are made: whole words, and the ends that some of them may have."""

_pieces = st.one_of(
    st.sampled_from(OF_FORMS),
    st.sampled_from(sorted(words.KINDS)),
    st.sampled_from(
        "a an the i i'm i’m can't don’t it's j'ai n'arrive s'affiche l'aide d'erreur qu'un Été 404 x_y".split()
    ),
    st.text(max_size=4),
)
_between = st.sampled_from(
    [" ", " ", " ", " ", "", "'", "’", "-", "?", ". ", "\n", ", ", "_", "\xa0", " @", " :", ": ", "https://"]
)
_texts = st.lists(st.tuples(_pieces, _between), max_size=14).map(lambda parts: "".join(map("".join, parts)))


@settings(max_examples=1500, deadline=None)
@given(_texts)
def test_any_text_reads_as_it_would_plainly(text: str) -> None:
    """Whatever is written, in words of which the forms are made: `read` says what the plain expressions say."""
    assert read(text) == read_plainly(text)


@pytest.mark.skipif(not CHATS.is_dir(), reason="the real chats do not lie beside the repository")
def test_what_people_really_wrote_reads_as_it_would_plainly() -> None:
    """Every message of one real chat of each kind."""
    for name in ("rust-rust-0", "ubuntu-2011-05-29_19", "racket-2017"):
        with open_export(CHATS / f"{name}.zip") as export:
            said = [event.message.text for event in export.events() if isinstance(event, MessagePosted)]
        assert said
        assert [read(text) for text in said] == [read_plainly(text) for text in said]
