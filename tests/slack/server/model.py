"""What exists inside Slack: workspaces, their people, channels, messages and tokens, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

BOT_SCOPES = frozenset(
    "app_mentions:read channels:history channels:join channels:read chat:write chat:write.public commands files:write "
    "groups:history groups:read im:history im:read im:write mpim:history mpim:read reactions:read team:read "
    "usergroups:read users:read".split()
)
"""All that a bot like ours may want; a test that is about scopes takes some away."""


def named(prefix: str, name: str) -> str:
    """An id that looks like Slack's and can be read by whoever reads a failing test: `C0SUPPORT`."""
    return f"{prefix}0{''.join(char for char in name.upper() if char.isascii() and char.isalnum())}"


@dataclass
class User:
    id: str
    name: str
    team: str
    real_name: str = ""
    is_bot: bool = False
    locale: str = "en-US"
    deleted: bool = False
    restricted: bool = False  # a guest
    stranger: bool = False  # of another organisation, seen through Slack Connect


@dataclass
class Group:
    """A user group; `users` in the order of their joining."""

    id: str
    handle: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass
class Said:
    """One message as Slack keeps it. Empty fields are left out of what is shown."""

    ts: str
    user: str
    text: str
    team: str
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    app_id: str = ""
    client_msg_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    more: Json = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass
class Channel:
    """`kind`: channel (public), group (private), im, mpim. `others`: who shares it through Slack Connect."""

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    deleted: bool = False
    others: set[str] = field(default_factory=set)
    messages: dict[str, Said] = field(default_factory=dict)
    ephemeral: dict[str, Said] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        return self.kind != "channel"

    def thread(self, root: str) -> list[Said]:
        """The replies under a message, oldest first."""
        return sorted(
            (said for said in self.messages.values() if said.thread_ts == root and said.ts != root),
            key=lambda said: said.ts,
        )


@dataclass
class Workspace:
    id: str
    domain: str
    bot: User
    bot_id: str
    enterprise: str | None = None
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    modals: dict[str, list[Json]] = field(default_factory=dict)  # user → the views on their screen, the topmost last
    installed: bool = True
    whole: bool = False  # the organisation installed the app once, for all of its workspaces

    def channel_named(self, name: str) -> Channel:
        return self.channels[named("C", name)]


@dataclass
class Token:
    """`kind`: bot, user or app. `state`: what a call with it is refused with, empty while it is good."""

    value: str
    kind: str
    team: str
    scopes: frozenset[str]
    state: str = ""


@dataclass
class App:
    id: str = "A0VIGIE"
    name: str = "Vigie"
    client_id: str = "111.222"
    client_secret: str = "client-secret"  # of a Slack that exists only here
    signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5"  # the example of Slack's documentation
    app_token: str = "xapp-1-A0VIGIE-1-abc"
    verification: str = "verification-token"
    subscribed: frozenset[str] | None = None  # names of events as in a manifest; None: everything


class Stamps:
    """Slack's `ts`: seconds and microseconds, each greater than all before, following the server's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> str:
        micro = int(self._now().timestamp() * 1_000_000)
        self._last = max(micro, self._last + 100)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"


def page(items: list[Any], cursor: str, limit: int) -> tuple[list[Any], str]:
    """Up to `limit` items from an opaque cursor on, and the next cursor or nothing."""
    start = int(cursor.removeprefix("next:")) if cursor else 0
    end = start + limit
    return items[start:end], f"next:{end}" if end < len(items) else ""


def ids(prefix: str) -> Iterator[str]:
    """Endless distinct ids."""
    count = 0
    while True:
        count += 1
        yield f"{prefix}{count:08X}"
