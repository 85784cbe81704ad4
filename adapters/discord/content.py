"""What a message says, from Discord's raw content: plain text, and whom it calls. Pure.

https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from adapters.discord.payloads import as_dict, as_id, as_list, as_text
from bot.excerpt import shorten
from bot.model import Ping, PingKind

NAME = 80
"""Characters of a name that are kept. Discord allows 32, a channel 100."""

_CODE = re.compile(r"```(?:[a-zA-Z0-9+#-]*\n)?(.+?)```|``(.+?)``|`([^`\n]+)`", re.DOTALL)
_FORM = re.compile(
    r"""<@!?(?P<user>\d{1,20})>
      | <@&(?P<role>\d{1,20})>
      | <\#(?P<channel>\d{1,20})>
      | <a?(?P<emoji>:\w{1,64}:)\d{1,20}>
      | <t:(?P<time>-?\d{1,15})(?::[a-zA-Z])?>
      | </(?P<command>[^:<>\n]{1,100}):\d{1,20}>
      | <id:(?P<guide>[a-z_-]{1,40})(?::\d{1,20})?>
      | <(?P<address>https?://[^\s<>]+)>
      | @(?P<all>everyone|here)\b
      | \\(?P<escaped>[^0-9A-Za-z\s])""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"^(?:#{1,3} |-# )", re.MULTILINE)
_AROUND = re.compile(r"(\*\*\*|\*\*|__|~~|\|\|)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_SINGLE = re.compile(r"(?<![\w*])(\*|_)(?=\S)([^*_\n]+?)(?<=\S)\1(?![\w*])")
_NAMED_LINK = re.compile(r"\[([^\[\]\n]+)\]\(<?(https?://[^\s()<>]+)>?\)")
_NAME_FIRST = re.compile(r"\s*<@[!&]?(\d{1,20})>[\s,:;]*")
_HELD = re.compile("\ue000(\\d+)\ue001")
_HOLDERS = re.compile("[\ue000\ue001]")
_CODE_MARK, _FORM_SIGNS, _MARKS = "`", "<@\\", "#[*_~|"
_SIGNS = _CODE_MARK + _FORM_SIGNS + _MARKS
"""A text without any of these is plain, as most are."""
_BETWEEN = " \t\r\n\xa0,;:"
"""What people write between the names of those they speak to."""


class Names(Protocol):
    """Who we are, and what ids are called, from memory; None where that is not known."""

    @property
    def me(self) -> str: ...
    @property
    def my_role(self) -> str | None: ...

    def channel_name(self, id: str) -> str | None: ...  # noqa: A002
    def member_name(self, id: str) -> str | None: ...  # noqa: A002
    def role_name(self, id: str) -> str | None: ...  # noqa: A002


class Said(NamedTuple):
    text: str
    pings: tuple[Ping, ...]


def said(payload: Mapping[str, Any], names: Names) -> Said:
    """Pings are those of the content, each once, in its order; then who is called by being replied to.

    Names are as people see them. A ping of our own role is one of us. What stands in code calls nobody. A reply pings
    the author of what it replies to unless its own author switched that off: then that one is no mention.
    """
    content = as_text(payload.get("content"))
    if not content.isascii():
        content = _HOLDERS.sub("", content)
    if payload.get("type") != 19 and not _has_any(content, _SIGNS):
        return Said(content.strip(), ())
    users = {id_: user for user in as_list(payload.get("mentions")) if (id_ := as_id(as_dict(user).get("id")))}
    reader = _Reader(payload, users, names)
    text = reader.read(content)
    pings = reader.pings
    if payload.get("type") == 19:
        written = {ping.id for ping in pings.values()}
        for id_ in users:
            if id_ not in written:
                pings[PingKind.REPLY, id_] = Ping(PingKind.REPLY, id_)
    return Said(text, tuple(pings.values()))


def called(user: Mapping[str, Any], member: Mapping[str, Any]) -> str:
    """Under which name people see an account: in this guild, else everywhere, else its own."""
    for name in (member.get("nick"), user.get("global_name"), user.get("username")):
        if name and (shown := _shown(name)):
            return shown
    return ""


def _shown(name: object) -> str:
    if isinstance(name, str) and len(name) <= NAME and name.isprintable() and "  " not in name and name.strip() == name:
        return name  # as most are: there is nothing to take out or to cut
    return shorten(as_text(name), NAME)


def after_name(content: str, ids: frozenset[str]) -> str | None:
    """The raw content after a ping of one of these with which it begins; None when it does not begin so."""
    match = _NAME_FIRST.match(content)
    return content[match.end() :] if match is not None and match[1] in ids else None


def after_our_name(content: str, names: Names) -> str | None:
    """As `after_name`, for us and our role. Most texts begin with nobody's name, so that is looked at first."""
    if not content.lstrip().startswith("<@"):
        return None
    return after_name(content, frozenset(id_ for id_ in (names.me, names.my_role) if id_))


def _has_any(text: str, signs: str) -> bool:
    """A loop, since it is three times as fast as an expression: searching for one character costs next to nothing."""
    for sign in signs:  # noqa: SIM110  # `any` takes as long again
        if sign in text:
            return True
    return False


class _Reader:
    """Reads one content, collecting pings."""

    def __init__(self, payload: Mapping[str, Any], users: Mapping[str, Any], names: Names) -> None:
        self.pings: dict[tuple[PingKind, str], Ping] = {}
        self._names = names
        self._users = users
        # An older library, or a search's result, may leave the lists out: then the text alone counts.
        self._listed = isinstance(payload.get("mentions"), list)
        self._everyone = payload.get("mention_everyone") is not False
        self._leading = True

    def read(self, content: str) -> str:
        return ("".join(self._parts(content)) if _CODE_MARK in content else self._prose(content)).strip()

    def _parts(self, content: str) -> Iterator[str]:
        end = 0
        for code in _CODE.finditer(content):
            yield self._prose(content[end : code.start()])
            yield code[1] or code[2] or code[3]
            self._leading = False
            end = code.end()
        yield self._prose(content[end:])

    def _prose(self, text: str) -> str:
        """Without markup; what is to stay as it is waits in `held` under a private sign meanwhile."""
        held: list[str] = []
        end, read = 0, ""
        marked = _has_any(text, _MARKS)
        for form in _FORM.finditer(text) if _has_any(text, _FORM_SIGNS) else ():
            between = text[end : form.start()]
            self._leading = self._leading and not between.strip(_BETWEEN)
            shown = self._shown(form)
            read += f"{between}\ue000{len(held)}\ue001" if marked else between + shown
            held.append(shown)
            end = form.end()
        rest = text[end:]
        self._leading = self._leading and not rest.strip(_BETWEEN)
        read += rest
        if not marked:
            return read
        # Each is looked for only where a sign stands that it cannot do without: most messages have none of them.
        if "#" in read:
            read = _LINE_START.sub("", read)
        if "](" in read:
            read = _NAMED_LINK.sub(r"\1", read)
        if "**" in read or "__" in read or "~~" in read or "||" in read:
            for _ in range(3):
                read = _AROUND.sub(r"\2", read)
        if "*" in read or "_" in read:
            read = _SINGLE.sub(r"\2", read)
        return _HELD.sub(lambda at: held[int(at[1])] if int(at[1]) < len(held) else "", read) if held else read

    def _shown(self, form: re.Match[str]) -> str:
        kind, value = str(form.lastgroup), form[str(form.lastgroup)]
        if kind in ("user", "role", "all"):
            return self._call(kind, value)
        self._leading = False
        match kind:
            case "channel":
                return f"#{self._names.channel_name(value) or value}"
            case "time":
                return _date(int(value))
            case "command":
                return f"/{value}"
            case "guide":
                return f"#{value}"
            case _:  # an emoji, an address, an escaped sign
                return value

    def _call(self, kind: str, id_: str) -> str:
        if kind == "user":
            user = as_dict(self._users.get(id_))
            name = called(user, as_dict(user.get("member"))) or self._names.member_name(id_) or id_
            if user or not self._listed:
                self._ping(PingKind.MEMBER, id_)
        elif kind == "role":
            name = self._names.role_name(id_) or id_
            ours = id_ == self._names.my_role
            self._ping(PingKind.MEMBER if ours else PingKind.ROLE, self._names.me if ours else id_)
        else:
            name = id_
            if self._everyone:
                self._ping(PingKind.EVERYONE, id_)
        return f"@{name}"

    def _ping(self, kind: PingKind, id_: str) -> None:
        self.pings.setdefault((kind, id_), Ping(kind, id_, self._leading))


def _date(seconds: int) -> str:
    """Everybody sees a timestamp in their own zone; nobody's is known here."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return str(seconds)
