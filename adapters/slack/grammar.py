"""Slack's own markup, both ways: what somebody wrote as plain text and typed pings, and a text so that it is only text.

Everything between angle brackets is a reference, and `&`, `<`, `>` themselves are written as entities:
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bot.model import Ping, PingKind

Names = Callable[[str], str | None]

_REFERENCE = re.compile(r"<([^<>]+)>")
_BETWEEN = " \t\r\n\xa0,;:"  # what people write between the names of those they speak to
_AFTER_NAME = f"{_BETWEEN}.!?-–—"
_EVERYONE = frozenset({"here", "channel", "everyone"})
_ID = re.compile(r"[A-Z0-9_]{2,64}")
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKS = re.compile(r"(?<![^\W_])[*_~]+|[*_~]+(?![^\W_])")
_LINE_START = re.compile(r"^(?=&gt;)", re.MULTILINE)
_OPENING = re.compile(r"<(?=[!@#])")

APART = "\N{ZERO WIDTH SPACE}"
"""Slack has no escape for its marks, which must touch the text that they enclose: a space without width parts them."""

QUOTE_MARK = "\N{MODIFIER LETTER GRAVE ACCENT}"
"""Looks like the mark of code, which may have spaces inside and so cannot be parted from it."""


class Seen(NamedTuple):
    """What people see of a text, and whom it calls, each once."""

    text: str
    pings: tuple[Ping, ...] = ()


def seen(text: str, names: Names, *, addresses: bool = False) -> Seen:
    """A text as Slack writes it, as people see it.

    Somebody is called by the name that `names` knows, else by the label that Slack wrote, else by their id. A link is
    written as its label, or as its address when those are wanted. A ping is leading when nothing but other pings, white
    space and `,;:` comes before it. Entities are decoded exactly once.
    """
    if "<" not in text:
        return Seen(decoded(text))
    parts: list[str] = []
    pings: dict[tuple[PingKind, str], Ping] = {}
    leading, end = True, 0
    for match in _REFERENCE.finditer(text):
        before, end = text[end : match.start()], match.end()
        shown, called = _reference(match[1], names, addresses=addresses)
        parts += (decoded(before), shown)
        leading = leading and called is not None and not before.strip(_BETWEEN)
        if called is not None:
            pings.setdefault(called, Ping(*called, leading))
    parts.append(decoded(text[end:]))
    return Seen("".join(parts), tuple(pings.values()))


def decoded(text: str) -> str:
    """The three entities that Slack writes, decoded once: `&amp;lt;` is what somebody sees as `&lt;`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if "&" in text else text


def after_name(text: str, member: str) -> str | None:
    """What follows a member's name in a text that begins with it, still as Slack writes it; None when it does not."""
    match = re.match(rf"\s*<@{re.escape(member)}(?:\|[^<>]*)?>", text)
    return text[match.end() :].lstrip(_AFTER_NAME).rstrip() if match else None


def inert(text: str) -> str:
    """`text` for a `plain_text` object, where nothing is a reference; even so nothing looks like one."""
    return _OPENING.sub(f"<{APART}", _STEERING.sub("", text))


def escaped(text: str) -> str:
    """`text` for a message's own text, where references are understood: nothing in it is one."""
    text = _STEERING.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """`text` for a place where markup is shown, so that it is shown as it is.

    What would make a text bold, slanted or struck out, or a line a quotation, is taken apart; a mark within a word,
    as in `snake_case`, is none. Emoji stay: Slack itself writes `:wave:` for what somebody saw as a hand.
    """
    parted = _MARKS.sub(_parted, escaped(text).replace("`", QUOTE_MARK))
    return _LINE_START.sub(APART, parted)


def bold(text: str) -> str:
    """`text` in bold; the stars have to touch it."""
    core = text.strip()
    if not core:
        return literal(text)
    before, _, after = text.partition(core)
    return f"{before}*{literal(core)}*{after}"


def _parted(match: re.Match[str]) -> str:
    return APART + "".join(f"{sign}{APART}" for sign in match[0])


def linked(label: str, address: str) -> str:
    """A link; the bare label where the address could not stand between the brackets."""
    if not re.fullmatch(r"https?://[^\s<>|]+", address):
        return literal(label)
    return f"<{escaped(address)}|{literal(label).replace('|', '∣')}>" if label.strip() else literal(label)


def channel(id_: str, shown: str) -> str:
    """A channel under its present name; what is no channel's id is shown as text."""
    return f"<#{id_}>" if _ID.fullmatch(id_) and id_[0] in "CGD" else literal(shown)


def calls(pings: Iterable[Ping]) -> list[str]:
    """Those whom a post may call, each once; everybody at once cannot be called."""
    forms = {PingKind.MEMBER: "<@{}>", PingKind.ROLE: "<!subteam^{}>"}
    known = [ping for ping in pings if ping.kind in forms and _ID.fullmatch(ping.id)]
    return list(dict.fromkeys(forms[ping.kind].format(ping.id) for ping in known))


def _reference(inside: str, names: Names, *, addresses: bool) -> tuple[str, tuple[PingKind, str] | None]:
    """What a reference looks like, and whom it calls if it is a ping."""
    target, _, label = inside.partition("|")
    label = decoded(label)
    sigil, id_ = target[:1], target[1:]
    if sigil == "@" and id_:
        return f"@{names(id_) or label.removeprefix('@') or id_}", (PingKind.MEMBER, id_)
    if sigil == "#" and id_:
        return f"#{names(id_) or label.removeprefix('#') or id_}", None
    if sigil == "!" and id_:
        return _special(id_, label, names)
    address = decoded(target.removeprefix("mailto:").removeprefix("tel:"))
    return (address if addresses else label or address), None


def _special(name: str, label: str, names: Names) -> tuple[str, tuple[PingKind, str] | None]:
    command, _, rest = name.partition("^")
    if command in _EVERYONE:
        return f"@{command}", (PingKind.EVERYONE, command)
    id_ = rest.partition("^")[0]
    if command == "subteam" and id_:
        shown = names(id_) or label.removeprefix("@") or id_
        return f"@{shown.removeprefix('@')}", (PingKind.ROLE, id_)
    return label or command, None  # `<!date^…|fallback>` and whatever Slack invents next
