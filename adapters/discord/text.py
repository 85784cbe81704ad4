"""Discord's markdown: what people wrote so that it is shown as written, and the core's small markup. Pure.

https://support.discord.com/hc/en-us/articles/210298617 and
https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re

from bot.markup import Line, LineKind, Span

_ALWAYS = re.compile(r"([\\*_~`|<>\[\]])")
_LINE_START = re.compile(r"^([ \t]*)(#|-|\+|[0-9]{1,10}(?=[.)]))", re.MULTILINE)
_SCHEME = re.compile(r"(?<=[A-Za-z]):(?=//)")
_INVITE = re.compile(r"((?:discord(?:app)?\.(?:com|gg)))/", re.IGNORECASE)
_PING = re.compile(r"@(?=everyone|here|[!&]?[0-9])", re.IGNORECASE)
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_ID = re.compile(r"[0-9]{1,20}")

_PAGE = re.compile(
    r"https://(?:discord\.com/developers/applications(?:/[0-9]{1,20}(?:/[a-z]{1,20})?)?|dis\.gd/app-appeal)"
    r"(?=[.,;:)]*(?:\s|$))"
)
"""Where Discord itself has something mended: whoever wrote such an address, it leads nowhere else."""

_NO_PING = "@\N{ZERO WIDTH SPACE}"

_PREFIX = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "- "}


def escape(text: str) -> str:
    """`text` so that it is shown as it is, on as many lines as it has, wherever in a message it stands.

    A backslash before a sign makes it literal: no bold, spoiler, code, heading, list, quote, subtext, named link,
    emoji, timestamp, channel, command or ping comes of it. An address is no link without its `://`, an invitation none
    without its slash. Pings are looked for by the server whatever the markdown says, hence the space without width;
    that they call nobody even so is the task of `allowed_mentions`. What stays a link is `_PAGE`.
    """
    parts = _PAGE.split(text := _STEERING.sub("", text))
    pages = [f"<{page}>" for page in _PAGE.findall(text)]
    return "".join(part + page for part, page in zip(map(_escaped, parts), [*pages, ""], strict=True))


def leads_somewhere(text: str) -> bool:
    """Whether `escape` leaves a link in it."""
    return _PAGE.search(text) is not None


def _escaped(text: str) -> str:
    text = _ALWAYS.sub(r"\\\1", text)
    text = _LINE_START.sub(_at_line_start, text)
    text = _SCHEME.sub(r"\:", text)
    text = _INVITE.sub(r"\1\\/", text)
    return _PING.sub(_NO_PING, text)


def _at_line_start(match: re.Match[str]) -> str:
    """A digit cannot be escaped, the full stop after it can: that is done by inserting the backslash behind it."""
    space, sign = match[1], match[2]
    return f"{space}{sign}\\" if sign[0].isdigit() else f"{space}\\{sign}"


def rendered_line(line: Line) -> str:
    return _PREFIX[line.kind] + "".join(rendered_span(span) for span in line.spans)


def rendered_span(span: Span) -> str:
    """In bold, as a link, or as a channel under its name."""
    if span.channel is not None:
        return f"<#{span.channel}>" if _ID.fullmatch(span.channel) else escape(span.text)
    text = escape(span.text)
    if span.url is not None:
        return f"[{text}]({span.url})" if text.strip() else text
    if span.bold and text.strip():
        return f"**{text}**"
    return text


def size(text: str) -> int:
    """Length as Discord's clients count it, in UTF-16 units; its server never counts more."""
    return len(text) + sum(char > "\uffff" for char in text)
