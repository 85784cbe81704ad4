"""A catalogue is read as Babel and gettext read it."""

from __future__ import annotations

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import Catalogue

FRENCH = Path(__file__).parents[1] / "bot" / "locales" / "fr" / "LC_MESSAGES" / "vigie.po"


def readings(source: bytes) -> tuple[Catalogue, GNUTranslations, Catalog]:
    """One source read by us, by gettext, and as Babel's list of its messages."""
    messages, compiled = read_po(BytesIO(source), locale="fr"), BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Catalogue(source.decode()), GNUTranslations(compiled), messages


def assert_alike(source: bytes) -> None:
    ours, theirs, messages = readings(source)
    for message in messages:
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        if english[0]:
            assert ours.gettext(english[0]) == theirs.gettext(english[0])
        if len(english) > 1:
            assert [ours.ngettext(*english, n) for n in range(4)] == [theirs.ngettext(*english, n) for n in range(4)]


def test_our_own_is_read_whole() -> None:
    """Every text of the shipped catalogue is found, each form of a plural too."""
    assert_alike(FRENCH.read_bytes())


# Letters, spaces, and whatever has to be escaped in a catalogue.
said = st.text(st.characters(exclude_categories=("C",)) | st.sampled_from('\n\t\r"\\'), min_size=1)


@given(st.dictionaries(said, said), st.dictionaries(st.tuples(said, said), st.tuples(said, said)))
def test_whatever_is_written_is_read(plain: dict[str, str], plurals: dict[tuple[str, str], tuple[str, str]]) -> None:
    """Quotes, line breaks and long texts that Babel breaks into lines come back as they were."""
    messages, written = Catalog(locale="fr"), BytesIO()
    for english, french in plain.items():
        messages.add(english, french)
    for pair, forms in plurals.items():
        messages.add(pair, forms)
    write_po(written, messages)
    assert_alike(written.getvalue())


def test_what_is_not_in_it_stays() -> None:
    """A text that is not in a catalogue, or not translated, is said in English."""
    ours = Catalogue('msgid "one"\nmsgstr ""\n')
    assert (ours.gettext("one"), ours.gettext("two")) == ("one", "two")
    assert [ours.ngettext("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["{n} days", "{n} day", "{n} days"]
