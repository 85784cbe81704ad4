"""The text of a message in a DiscordChatExporter file, to plain text and typed pings.

The exporter normally writes names in place of ids (`@Name`, its `PlainTextMarkdownVisitor.cs`), and lists the members
called beside the text; told `--markdown false` it leaves the raw forms, which are Discord's own:
https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re
from typing import Any

from adapters.exports.guild import Guild, names_of
from adapters.exports.shapes import as_list, clean, is_id
from bot.model import Ping, PingKind

Call = tuple[PingKind, str]

_RAW = re.compile(r"<(@!?|@&|#|a?:\w+:)(\d{1,20})>")
_EVERYONE = re.compile(r"(?<!\w)@(everyone|here)\b")
_BETWEEN = " \t\r\n\xa0,;:"  # what people write between the names of those they speak to


def plain(content: str, mentions: object, guild: Guild, *, reply: bool) -> tuple[str, tuple[Ping, ...]]:
    """What people see, and whom it calls, each once; a ping is leading as in `slack_text.plain`.

    Discord counts the author of what is replied to among the mentions, though no text names them.
    """
    if not mentions and "@" not in content and "<" not in content:
        return content, ()
    users = [user for user in as_list(mentions) if isinstance(user, dict) and is_id(user.get("id"))]
    forms: dict[str, Call] = {}
    for user in users:
        guild.meet(user)
        forms |= {f"@{clean(name)}": (PingKind.MEMBER, user["id"]) for name in names_of(user)}
    text = _named(content, users, forms, guild) if "<" in content else content
    pings = _written(text, forms, guild)
    for user in users:
        if (PingKind.MEMBER, user["id"]) not in pings:
            kind = PingKind.REPLY if reply else PingKind.MEMBER
            pings[kind, user["id"]] = Ping(kind, user["id"])
    return text, tuple(pings.values())


def _written(text: str, forms: dict[str, Call], guild: Guild) -> dict[Call, Ping]:
    """The pings in their order. The longest name counts, so that `@Max Mustermann` calls nobody named Max."""
    longest_first = sorted(forms.items(), key=lambda form: -len(form[0]))
    pings: dict[Call, Ping] = {}
    leading, end, at = True, 0, text.find("@")
    while at >= 0:
        call, length = _call(text, at, longest_first, guild)
        if call is not None:
            leading = leading and not text[end:at].strip(_BETWEEN)
            end = at + length
            pings.setdefault(call, Ping(*call, leading))
        at = text.find("@", max(end, at + 1))
    return pings


def _call(text: str, at: int, forms: list[tuple[str, Call]], guild: Guild) -> tuple[Call | None, int]:
    """Who is called at this `@`, and how long that is."""
    for form, call in forms:
        if text.startswith(form, at):
            return call, len(form)
    if match := _EVERYONE.match(text, at):
        return (PingKind.EVERYONE, match[1]), len(match[0])
    if role := guild.role_at(text, at):
        return (PingKind.ROLE, role[1]), len(role[0]) + 1
    return None, 0


def _named(content: str, users: list[Any], forms: dict[str, Call], guild: Guild) -> str:
    """With names for the raw forms; `forms` learns how each was written."""
    names = {user["id"]: clean(next(iter(names_of(user)), user["id"])) for user in users}
    roles = {id_: name for name, id_ in guild.roles.items()} if "<@&" in content else {}

    def name_of(match: re.Match[str]) -> str:
        sigil, id_ = match[1], match[2]
        if sigil == "#":
            return f"#{guild.channels.get(id_, id_)}"
        if sigil == "@&":
            kind, name = PingKind.ROLE, roles.get(id_, id_)
        elif sigil[0] == "@":
            member = guild.members.get(id_)
            kind, name = PingKind.MEMBER, names.get(id_) or (member.name if member is not None else "") or id_
        else:
            return sigil.removeprefix("a")  # a custom emoji
        forms.setdefault(f"@{name}", (kind, id_))
        return f"@{name}"

    return _RAW.sub(name_of, content)
