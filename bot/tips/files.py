"""Reads one file of tips or topics, and names what is wrong in it by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import category

from bot.tips.model import LANGUAGES, Level, Problem, Source, Tip, TipText, Topic

TIP_KEYS = ("number", "slug", "topics", *LANGUAGES)
TEXT_KEYS = ("title", "tip", "try", "words")
TOPIC_KEYS = LANGUAGES
NAME_KEYS = ("label", "synonyms")

# In characters. A title fits on a card and in a list of choices; tip and try together fit in one message of any chat.
LENGTHS = {"title": (3, 60), "tip": (40, 700), "try": (20, 400), "label": (2, 40)}
ONE_LINE = ("title", "label")
EXAMPLES = {"topics": "content", "words": "newcomer", "synonyms": "changelog"}
MAX_BYTES = 100_000

_SLUG = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\b(?:TODO|TBD|FIXME|XXX+)\b|(?i:lorem ipsum)|\[(?:\.{3}|…)\]|^[\s.…?]+$")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")


class TomlFile:
    """A TOML file being checked: its values, and the problems found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.lines: list[str] = []
        self.values: dict[str, Any] = self._read()

    @property
    def broken(self) -> bool:
        return any(problem.level is Level.ERROR for problem in self.problems)

    def report(self, message: str, at: Sequence[str] = (), fix: str | None = None, level: Level = Level.ERROR) -> None:
        """Notes a problem; `at` is the way to the key concerned, such as `("en", "title")`."""
        self.problems.append(Problem(self.path, self._line(at), message, fix, level))

    def table(self, values: Mapping[str, Any], key: str, at: Sequence[str], valid: Sequence[str]) -> dict[str, Any]:
        """The sub-table `key`, reporting it if it is no table or holds keys that are not in `valid`."""
        found = values.get(key)
        if not isinstance(found, dict):
            self.report(f"{key} must be a table, [{key}]", (*at, key))
            return {}
        self.only(found, valid, (*at, key))
        return found

    def only(self, values: Mapping[str, Any], valid: Sequence[str], at: Sequence[str] = ()) -> None:
        """Reports every key that is not in `valid`."""
        for key in values:
            if key not in valid:
                where = f" in [{'.'.join(at)}]" if at else ""
                self.report(f"unknown key {key!r}{where}", (*at, key), f"valid keys: {', '.join(valid)}")

    def string(self, values: Mapping[str, Any], key: str, at: Sequence[str]) -> str:
        """A required text of the right length; paragraphs are kept, line breaks inside them are not."""
        value, at = values.get(key), (*at, key)
        if value is None:
            self.report(f"{'.'.join(at)} is missing", at[:-1])
            return ""
        if not isinstance(value, str):
            self.report(f"{'.'.join(at)} must be a text in quotes", at)
            return ""
        text = _unwrap(value)
        low, high = LENGTHS[key]
        if not text:
            self.report(f"{'.'.join(at)} is empty", at)
        elif _PLACEHOLDER.search(text):
            self.report(f"{'.'.join(at)} still holds a placeholder", at, "write the text, or remove the file")
        elif not low <= len(text) <= high:
            size, s = "short" if len(text) < low else "long", "" if len(text) == 1 else "s"
            self.report(f"{'.'.join(at)} is too {size}: {len(text)} character{s}", at, f"{low} to {high} are allowed")
        elif control := next((char for char in text if char != "\n" and category(char) == "Cc"), None):
            self.report(f"{'.'.join(at)} holds the control character U+{ord(control):04X}", at, "take it out")
        elif key in ONE_LINE and "\n" in text:
            self.report(f"{'.'.join(at)} has an empty line in it", at, "write it on one line")
        return text

    def strings(self, values: Mapping[str, Any], key: str, at: Sequence[str]) -> tuple[str, ...]:
        """A list of texts, which may be absent."""
        value, at = values.get(key, []), (*at, key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.report(f"{'.'.join(at)} must be a list of texts", at, f'for example {key} = ["{EXAMPLES[key]}"]')
            return ()
        if not all(item.strip() for item in value):
            self.report(f"{'.'.join(at)} holds an empty text", at)
        return tuple(item.strip() for item in value if item.strip())

    def _read(self) -> dict[str, Any]:
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            self.report(f"cannot be read: {error.strerror or error}")
            return {}
        if len(raw) > MAX_BYTES:
            self.report(f"is too big: {len(raw)} bytes", fix=f"at most {MAX_BYTES}, and one tip in each file")
            return {}
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.problems.append(Problem(self.path, line, "is not UTF-8 text", "save the file with UTF-8 encoding"))
            return {}
        self.lines = text.splitlines()
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            at = _AT_LINE.search(str(error))
            line = int(at[1]) if at else max(1, len(self.lines))
            message = f"is not valid TOML: {_AT_LINE.sub('', str(error))}"
            self.problems.append(Problem(self.path, line, message, "check quotes, brackets and equals signs"))
        except RecursionError:
            self.report("is not valid TOML: too many nested brackets")
        except ValueError:  # a bare one is how Python refuses to read a number of over 4,300 digits
            self.report("is not valid TOML: a number has too many digits")
        return {}

    def _line(self, at: Sequence[str]) -> int | None:
        """The line where a key stands, as `key =` under its table or as `[table]`; else that of the nearest table."""
        if not self.lines:
            return None
        here, best = "", 1
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
                here = header[1].replace('"', "").replace("'", "")
                path = tuple(part.strip() for part in here.split("."))
            elif key := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]", line):
                path = (*(tuple(here.split(".")) if here else ()), key[1])
            else:
                continue
            if path == tuple(at):
                return number
            if path == tuple(at)[: len(path)]:
                best = number
        return best


def read_tip(path: Path, source: Source, topics: Mapping[str, Topic]) -> tuple[Tip | None, list[Problem]]:
    """One tip from its file, or None when an error leaves it out. Problems are listed in either case."""
    file = TomlFile(path)
    if file.broken:
        return None, file.problems
    file.only(file.values, TIP_KEYS)
    slug = _slug(file, source)
    number = _number(file, source)
    subjects = _subjects(file, topics)
    texts = {language: _text(file, language) for language in LANGUAGES if language in file.values}
    for language in LANGUAGES:
        if language not in texts and (texts or language == LANGUAGES[0]):
            level = Level.WARNING if texts and source is Source.OWN else Level.ERROR
            fix = f"add a table [{language}]" if texts else f"add a table {' or '.join(f'[{x}]' for x in LANGUAGES)}"
            file.report(f"has no text in [{language}]", (), fix, level)
    tip = None if file.broken else Tip(slug, number, subjects, texts, source)
    return tip, file.problems


def read_topics(path: Path) -> tuple[dict[str, Topic], list[Problem]]:
    """The topics declared in a file, by id, leaving out those that are wrong."""
    file = TomlFile(path)
    found = {}
    for key in file.values:
        before = len(file.problems)
        names = file.table(file.values, key, (), TOPIC_KEYS)
        if not _SLUG.fullmatch(key):
            file.report(f"{key!r} cannot be a topic's id", (key,), "use small letters, digits and hyphens: long-term")
        tables = {lang: file.table(names, lang, (key,), NAME_KEYS) for lang in LANGUAGES if lang in names}
        if not tables and len(file.problems) == before:
            file.report(f"topic {key} has no label", (key,), f'for example en = {{ label = "{key.capitalize()}" }}')
        labels = {lang: file.string(table, "label", (key, lang)) for lang, table in tables.items()}
        synonyms = {lang: file.strings(table, "synonyms", (key, lang)) for lang, table in tables.items()}
        if len(file.problems) == before:
            found[key] = Topic(key, labels, synonyms)
    return found, file.problems


def _slug(file: TomlFile, source: Source) -> str:
    slug = file.values.get("slug")
    if slug is None and source is Source.OWN:
        return re.sub(r"^\d+-(?=.)", "", file.path.stem) if _SLUG.fullmatch(file.path.stem) else _bad_slug(file, None)
    return slug if isinstance(slug, str) and _SLUG.fullmatch(slug) else _bad_slug(file, slug)


def _bad_slug(file: TomlFile, slug: object) -> str:
    what = "the file's name cannot be a slug" if slug is None else f"slug {_quoted(slug)} is not valid"
    file.report(what, ("slug",), "use small letters, digits and hyphens: have-a-blog")
    return ""


def _quoted(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # hexadecimal, a number of over 4,300 digits is read, and not written
        return "of so many digits"


def _number(file: TomlFile, source: Source) -> int | None:
    number = file.values.get("number")
    if number is None and source is Source.OWN:
        return None
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10_000:
        return number
    what = "number is missing" if number is None else f"number {_quoted(number)} is not valid"
    file.report(what, ("number",), "a whole number from 1 to 9999")
    return None


def _subjects(file: TomlFile, topics: Mapping[str, Topic]) -> tuple[str, ...]:
    found = file.strings(file.values, "topics", ())
    if not found and not file.broken:
        file.report("topics is missing or empty", ("topics",), f"for example topics = {list(topics)[:2]}")
    for topic in found:
        if topic not in topics:
            nearest = ", ".join(_nearest(topic, topics))
            file.report(f"unknown topic {topic!r}", ("topics",), f"nearest topics: {nearest}")
    return tuple(dict.fromkeys(found))


def _text(file: TomlFile, language: str) -> TipText:
    before = len(file.problems)
    table = file.table(file.values, language, (), TEXT_KEYS)
    if not table and len(file.problems) > before:
        return TipText("", "", "")
    title, body, try_today = (file.string(table, key, (language,)) for key in ("title", "tip", "try"))
    return TipText(title, body, try_today, file.strings(table, "words", (language,)))


def _nearest(topic: str, topics: Mapping[str, Topic], limit: int = 3) -> list[str]:
    """The ids most like a mistyped one, also looked for among labels and synonyms."""
    from difflib import get_close_matches

    names: dict[str, str] = {}
    for known in topics.values():
        for name in (known.id, *known.labels.values(), *(word for words in known.synonyms.values() for word in words)):
            names.setdefault(name.casefold(), known.id)
    close = get_close_matches(topic.casefold(), names, n=limit * 3, cutoff=0.5)
    ids = list(dict.fromkeys(names[name] for name in close))
    return (ids or list(topics))[:limit]


def _unwrap(text: str) -> str:
    # Only ASCII blanks: str.split() would also eat the no-break spaces of French punctuation.
    paragraphs = (re.sub(r"[ \t\r\n]+", " ", part).strip(" ") for part in re.split(r"\n[ \t]*\n", text.strip()))
    return "\n\n".join(part for part in paragraphs if part)
