"""The text of a Slack message, as Slack escapes it, to plain text and typed pings.

Everything between angle brackets is a reference, and `&`, `<`, `>` themselves are written as entities:
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.model import Member, Ping, PingKind

_REFERENCE = re.compile(r"<([^<>]+)>")
_BETWEEN = " \t\r\n\xa0,;:"  # what people write between the names of those they speak to
_EVERYONE = frozenset({"here", "channel", "everyone"})


def plain(text: str, members: Mapping[str, Member], channels: Mapping[str, str]) -> tuple[str, tuple[Ping, ...]]:
    """What people see, and whom it calls, each once.

    Somebody unknown is called by the label that Slack wrote, else by their id; a link is written as its label. A ping
    is leading when nothing but other pings, white space and `,;:` comes before it. Entities are decoded exactly once.
    """
    if "<" not in text:
        return decoded(text), ()
    parts: list[str] = []
    pings: dict[tuple[PingKind, str], Ping] = {}
    leading, end = True, 0
    for match in _REFERENCE.finditer(text):
        before = text[end : match.start()]
        end = match.end()
        shown, kind, id_ = _reference(match[1], members, channels)
        parts += (decoded(before), shown)
        leading = leading and kind is not None and not before.strip(_BETWEEN)
        if kind is not None:
            pings.setdefault((kind, id_), Ping(kind, id_, leading))
    parts.append(decoded(text[end:]))
    return "".join(parts), tuple(pings.values())


def decoded(text: str) -> str:
    """The three entities that Slack writes, decoded once: `&amp;lt;` is what somebody sees as `&lt;`."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reference(
    inside: str, members: Mapping[str, Member], channels: Mapping[str, str]
) -> tuple[str, PingKind | None, str]:
    """What a reference looks like, and if it is a ping, of which kind and whom."""
    target, _, label = inside.partition("|")
    label = decoded(label)
    sigil, id_ = target[0:1], target[1:]
    if sigil == "@" and id_:
        member = members.get(id_)
        name = (member.name if member is not None else "") or label.removeprefix("@") or id_
        return f"@{name}", PingKind.MEMBER, id_
    if sigil == "#" and id_:
        return f"#{channels.get(id_) or label.removeprefix('#') or id_}", None, ""
    if sigil == "!" and id_:
        return _special(id_, label)
    if label:
        return label, None, ""
    return decoded(target.removeprefix("mailto:").removeprefix("tel:")), None, ""


def _special(name: str, label: str) -> tuple[str, PingKind | None, str]:
    command, _, rest = name.partition("^")
    if command in _EVERYONE:
        return f"@{command}", PingKind.EVERYONE, command
    if command == "subteam" and rest:
        id_ = rest.partition("^")[0]
        return f"@{label.removeprefix('@') or id_}", PingKind.ROLE, id_
    return label or command, None, ""  # `<!date^…|fallback>` and whatever Slack invents next
