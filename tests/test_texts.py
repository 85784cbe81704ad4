"""Every text that people see exists in both languages, and is written as each language writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot import buttons, commands, looks, tables
from bot.channels import CHANNEL_LOST, THREAD_LOST
from bot.markup import parse
from bot.model import Verdict
from bot.nudges import WHY
from bot.texts import KEYWORDS, LANGUAGES, PLURAL_KEYWORDS, closest, texts

BOT = Path(__file__).parents[1] / "bot"
ADAPTERS, STORAGE = BOT.with_name("adapters"), BOT.with_name("storage")

FRENCH = BOT / "locales" / "fr" / "LC_MESSAGES"

SLIM, HARD = "\u202f", "\u00a0"
"""The spaces before ; ! ? and, wider, before : and inside « » that never break a line."""

Key = str | tuple[str, str]


def written() -> set[Key]:
    """Every text of the code."""
    keywords = {**dict.fromkeys(KEYWORDS), **dict.fromkeys(PLURAL_KEYWORDS, (1, 2))}
    found = [
        found
        for code in (BOT, ADAPTERS, STORAGE)
        for found in extract_from_dir(code, [("**.py", "python")], keywords=keywords)
    ]
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def catalogue() -> Catalog:
    with (FRENCH / "vigie.po").open("rb") as file:
        return read_po(file, locale="fr")


def forms() -> Iterator[tuple[list[str], list[str]]]:
    """Of each text, what stands for it in English and in French, form by form."""
    for message in catalogue():
        if message.id:
            english = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
            french = list(message.string) if isinstance(message.string, tuple | list) else [message.string]
            yield english, french


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_the_compiled_catalogue_is_that_of_the_translators() -> None:
    """`make texts` was run after the last change of a translation."""
    # Text by text: Babel puts the minute at which it was compiled into the file.
    with (FRENCH / "vigie.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for english, french in forms():
        said = [compiled.ngettext(*english, n) for n in (1, 2)] if len(english) > 1 else [compiled.gettext(*english)]
        assert said == french


def test_every_text_is_translated_and_nothing_else_is() -> None:
    """Every text of the code is in the French catalogue, and the catalogue holds nothing that is not in the code."""
    known = {m.id if isinstance(m.id, str) else tuple(m.id) for m in catalogue() if m.id}
    assert written() - known == set()
    assert known - written() == set()
    assert not catalogue().obsolete
    assert not any(message.fuzzy for message in catalogue() if message.id)
    assert all(form.strip() for _, french in forms() for form in french)


def test_placeholders_agree_in_every_form() -> None:
    """A translation fills in exactly what its text does, in the singular and in the plural."""
    for english, french in forms():
        wanted = placeholders(english[-1])
        assert [placeholders(form) for form in [*english, *french]] == [wanted] * (len(english) + len(french)), english


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (r"'", "a straight apostrophe"),
        (r'["“”]', "English quotation marks"),
        (r"\.\.\.", "three dots for an ellipsis"),
        (rf"[^{SLIM}?!][;!?]", "no narrow space before ; ! or ?"),
        (rf"[^{HARD}]:(?=\s|$)", "no hard space before a colon"),
        (rf"«(?!{HARD})", "no hard space after «"),
        (rf"(?<!{HARD})»", "no hard space before »"),
        (r"  ", "two spaces"),
        (r"^\s|\s$", "a space at an end"),
        (r"\d [€%]", "a space that breaks after a number"),
    ],
)
def test_french_is_written_as_french(wrong: str, what: str) -> None:
    """French typography: typographic apostrophes and quotation marks, and spaces that do not break."""
    assert [form for _, french in forms() for form in french if re.search(wrong, form)] == [], what


def test_ends_agree() -> None:
    """A sentence stays a sentence: what ends with a full stop, or does not, does so in French as well."""
    odd = [
        (e[-1], f[-1]) for e, f in forms() if e[-1].rstrip("”").endswith(".") != f[-1].rstrip(f"»{HARD}").endswith(".")
    ]
    assert odd == []


def strings_in_calls(path: Path, *names: str) -> Iterator[str]:
    """The string constants among the arguments of calls to any of these functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in names:
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            for argument in arguments:
                choices = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                yield from (c.value for c in choices if isinstance(c, ast.Constant) and isinstance(c.value, str))


def test_every_rule_has_its_words() -> None:
    """Whatever rule opens, closes or reopens a mention, people read it in words; and so they do each verdict."""
    mentions = BOT / "mentions"
    opening = {word for file in ("opening.py", "judge.py") for word in strings_in_calls(mentions / file, "Opening")}
    answering = {word for word in strings_in_calls(mentions / "answering.py", "Answered", "_of") if "@" not in word}
    core = [mentions / "judge.py", *BOT.glob("*.py")]
    closing = {
        word
        for file in core
        for word in strings_in_calls(file, "_end", "_close", "_solved", "gone", "answered", "dismissed")
    }
    again = {word for file in core for word in strings_in_calls(file, "reopening")}
    assert len(opening) > 5
    assert len(answering) > 3
    assert len(closing) > 5
    outsiders = {f"outsider-{rule}" for rule in answering}
    reasons = {f"not-a-mention:{reason}" for reason in buttons.REASONS} | {"not-a-mention"}
    assert opening == set(looks.RULES)
    assert answering | outsiders | closing | reasons | {CHANNEL_LOST, THREAD_LOST} == set(looks.CLOSINGS)
    assert again == set(looks.AGAIN)
    assert set(tables.VERDICTS) == set(Verdict)
    assert set(WHY) <= set(Verdict)


def test_every_command_is_described_in_both_languages() -> None:
    """What a platform shows of the commands and their options is translated."""
    french = texts("fr")
    for command in commands.COMMANDS.values():
        options = [*command.options, *(option for sub in command.subcommands for option in sub.options)]
        described = [
            command.description,
            *(s.description for s in command.subcommands),
            *(o.description for o in options),
        ]
        assert all(french.t(text) != text for text in described)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr-FR", "fr"), ("fr_CA", "fr"), ("FR", "fr"), ("en-GB", "en"), ("de", "fr"), ("", "fr"), (None, "fr")],
)
def test_the_closest_language(locale: str | None, language: str) -> None:
    """Somebody is spoken to in their client's language, or else in the community's."""
    assert closest(locale, "fr") == language


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [
        (timedelta(0), "0 min", "0 min"),
        (timedelta(seconds=40), "40 sec", "40 s"),
        (timedelta(seconds=59.7), "1 min", "1 min"),
        (timedelta(minutes=30), "30 min", "30 min"),
        (timedelta(minutes=59, seconds=50), "1 h", "1 h"),
        (timedelta(hours=2, minutes=30), "2 h 30 min", "2 h 30 min"),
        (timedelta(days=1), "1 day", "1 jour"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 h", "3 jours 4 h"),
        (timedelta(seconds=-5), "0 min", "0 min"),
    ],
)
def test_durations(length: timedelta, english: str, french: str) -> None:
    """The two largest units that say something, as each language writes them."""
    assert _spaced(texts("en").duration(length)) == english
    assert _spaced(texts("fr").duration(length)) == french


def test_effort_is_in_hours_however_long() -> None:
    """A working day is no day of 24 hours: working time stays in hours, and in minutes while these matter."""
    for language in LANGUAGES:
        speak = texts(language)
        assert _spaced(speak.effort(timedelta(hours=2, minutes=5))) == "2 h 5 min"
        assert _spaced(speak.effort(timedelta(hours=30, minutes=5))) == "30 h"
        assert _spaced(speak.effort(timedelta(minutes=59, seconds=40))) == "1 h"
        assert _spaced(speak.effort(timedelta(minutes=5))) == "5 min"


def _spaced(text: str) -> str:
    return text.replace(SLIM, " ").replace(HARD, " ")


def test_numbers_and_shares() -> None:
    """Numbers are written as each language writes them."""
    english, french = texts("en"), texts("fr")
    assert (english.number(12345.5), french.number(12345.5)) == ("12,345.5", f"12{SLIM}345,5")
    assert (english.percent(0.756), _spaced(french.percent(0.756))) == ("76%", "76 %")


def test_dates() -> None:
    """Days are written in words, times by the 24-hour clock of the community, and today's day is left out."""
    english, french, paris = texts("en"), texts("fr"), ZoneInfo("Europe/Paris")
    at = datetime(2026, 9, 14, 12, 5, tzinfo=UTC)
    assert (english.day(date(2026, 9, 14)), french.day(date(2026, 9, 14))) == (
        "Monday 14 September",
        "lundi 14 septembre",
    )
    assert english.when(at, paris, at) == french.when(at, paris, at) == "14:05"
    later = at + timedelta(hours=10)
    assert english.when(at, paris, later) == "Monday 14 September, 14:05"
    assert french.when(at, paris, later) == "lundi 14 septembre à 14:05"


@pytest.mark.parametrize(("n", "english", "french"), [(0, "0 mentions", "0 appel"), (1, "1 mention", "1 appel")])
def test_plurals_follow_each_language(n: int, english: str, french: str) -> None:
    """Nothing is plural in English and singular in French."""
    assert texts("en").plural("{n} mention", "{n} mentions", n) == english
    assert texts("fr").plural("{n} mention", "{n} mentions", n) == french
    assert texts("fr").plural("{n} mention", "{n} mentions", 2000) == f"2{SLIM}000 appels"


def test_what_is_filled_in_is_escaped() -> None:
    """A name filled into a rich text is shown as written, in every language."""
    for language in LANGUAGES:
        rich = texts(language).rich("{who} {rule} in {place}", who="**x**", rule="[y](http://z.example)", place="#c")
        assert all(not span.bold and not span.url for line in parse(rich) for span in line.spans)
