"""The small markup of posts: `**bold**`, `[text](url)`, `[#](channel:ID)`, `> ` (quote) or `- ` (list) before a line.

`Markup` is a text that may use it; a plain `str` put into one is escaped, so that whatever a person wrote is shown as
written. Pings are data of a post, never text: nothing here can call anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_SPECIAL = re.compile(r"([\\*\[\]()>\-])")
_ESCAPED = re.compile(r"\\([\\*\[\]()>\-])")
_TOKEN = re.compile(
    r"""\\(?P<escaped>[\\*\[\]()>\-])
      | \*\*(?P<bold>(?:\\.|[^\\*])+)\*\*
      | \[\#\]\(channel:(?P<channel>[A-Za-z0-9_.-]+)\)
      | \[(?P<label>(?:\\.|[^\\\]])+)\]\((?P<url>https?://[^\s()<>]+)\)""",
    re.VERBOSE,
)


class Markup(str):
    """A text in the small markup."""

    __slots__ = ()

    def __add__(self, other: str) -> Markup:
        return Markup(str.__add__(self, escape(other)))

    def format(self, *args: object, **kwargs: object) -> Markup:
        """As `str.format`, with every argument escaped that is not Markup itself."""
        return Markup(str.format(self, *map(_safe, args), **{k: _safe(v) for k, v in kwargs.items()}))

    def join(self, parts: Iterable[str], /) -> Markup:
        return Markup(str.join(self, (escape(part) for part in parts)))


def _safe(value: object) -> object:
    return escape(value) if isinstance(value, str) else value


def escape(text: str) -> Markup:
    """`text` so that it is shown as it is; Markup is left alone."""
    return text if isinstance(text, Markup) else Markup(_SPECIAL.sub(r"\\\1", text))


def bold(text: str) -> Markup:
    """`text` on one line in bold; an empty text stays empty, since `****` would be shown as stars."""
    return Markup(f"**{_on_one_line(text)}**") if text else Markup("")


def link(text: str, url: str) -> Markup:
    """A link, or the bare text where the address could not be written safely inside the markup."""
    safe = re.fullmatch(r"https?://[^\s()<>]+", url)
    return Markup(f"[{_on_one_line(text)}]({url})") if safe and text else escape(text)


def channel(id_: str) -> Markup:
    """A channel, shown under its name by the platform; a channel cannot be pinged."""
    return Markup(f"[#](channel:{id_})") if re.fullmatch(r"[A-Za-z0-9_.-]+", id_) else escape(f"#{id_}")


def quote(text: str) -> Markup:
    """Every line of `text` as a quotation."""
    return Markup("\n".join(f"> {escape(line)}" for line in text.splitlines() or [""]))


def bullets(items: Iterable[str]) -> Markup:
    """One line for each of `items`."""
    return Markup("\n".join(f"- {_on_one_line(item)}" for item in items))


def _on_one_line(text: str) -> Markup:
    return Markup(escape(text).replace("\n", " "))


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters to show as they are."""

    text: str
    bold: bool = False
    url: str | None = None
    channel: str | None = None


class LineKind(StrEnum):
    TEXT = "text"
    QUOTE = "quote"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Line:
    kind: LineKind
    spans: tuple[Span, ...]


def parse(text: Markup) -> list[Line]:
    """The lines and spans of `text`, for an adapter to render. Never fails: what is no markup is text."""
    return [_line(line) for line in text.split("\n")]


def plain(text: Markup) -> str:
    """`text` for a notification or a terminal: no markup, links as `label (url)` left to the label alone."""
    prefix = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "• "}
    return "\n".join(prefix[line.kind] + "".join(span.text for span in line.spans) for line in parse(text))


def _line(line: str) -> Line:
    if line.startswith("> "):
        return Line(LineKind.QUOTE, tuple(_spans(line[2:])))
    if line.startswith("- "):
        return Line(LineKind.ITEM, tuple(_spans(line[2:])))
    return Line(LineKind.TEXT, tuple(_spans(line)))


def _spans(text: str) -> Iterator[Span]:
    pending = ""
    at = 0
    for match in _TOKEN.finditer(text):
        pending += text[at : match.start()]
        at = match.end()
        if match["escaped"]:
            pending += match["escaped"]
            continue
        if pending:
            yield Span(pending)
            pending = ""
        if match["bold"]:
            yield Span(_ESCAPED.sub(r"\1", match["bold"]), bold=True)
        elif match["channel"]:
            yield Span(f"#{match['channel']}", channel=match["channel"])
        else:
            yield Span(_ESCAPED.sub(r"\1", match["label"]), url=match["url"])
    pending += text[at:]
    if pending:
        yield Span(pending)
