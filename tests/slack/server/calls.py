"""One call of the Web API: its arguments, who makes it, and how a method says what it wants and refuses."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.slack.server.model import Channel, Json, Token, Workspace

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack


class Refused(Exception):
    """One of Slack's error codes."""

    def __init__(self, code: str, *messages: str, **more: Any) -> None:
        super().__init__(code)
        self.answer: Json = {"ok": False, "error": code, **more}
        if messages:
            self.answer["response_metadata"] = {"messages": list(messages)}


@dataclass
class Request:
    """What a method is given. Arguments are strings when they came as a form, as with Slack."""

    slack: Slack
    args: Json
    token: Token
    workspace: Workspace

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name, default)
        if not isinstance(value, str):
            raise Refused("invalid_arguments", f"[ERROR] must be a string [json-pointer:/{name}]")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name, default)
        if value in (True, "true", "1", 1):
            return True
        if value in (False, "false", "0", 0):
            return False
        raise Refused("invalid_arguments", f"[ERROR] must be a boolean [json-pointer:/{name}]")

    def number(self, name: str, default: int, most: int) -> int:
        """A limit: from 1 to `most`."""
        try:
            value = int(self.args.get(name, default))
        except (TypeError, ValueError):
            raise Refused("invalid_arguments", f"[ERROR] must be an integer [json-pointer:/{name}]") from None
        if not 1 <= value <= most:
            raise Refused("invalid_limit")
        return value

    def json(self, name: str) -> Any:
        """An argument that is JSON, encoded as a string in a form."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            code = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            raise Refused(code, f"[ERROR] not JSON [json-pointer:/{name}]") from None

    def need(self, *scopes: str) -> None:
        """One of these scopes."""
        if self.token.scopes.isdisjoint(scopes):
            raise Refused("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.token.scopes)))

    def channel(self, name: str = "channel") -> Channel:
        """A channel that the bot can know of: a private one that it is not in does not exist for it."""
        found = self.workspace.channels.get(self.text(name))
        if found is None or found.deleted:
            raise Refused("channel_not_found")
        if found.private and self.workspace.bot.id not in found.members:
            raise Refused("channel_not_found")
        return found

    def member_channel(self) -> Channel:
        """A channel that the bot is in."""
        found = self.channel()
        if self.workspace.bot.id not in found.members:
            raise Refused("not_in_channel")
        return found

    def team_matches(self) -> None:
        if self.args.get("team_id") not in (None, self.workspace.id, self.workspace.enterprise):
            raise Refused("team_access_not_granted")


Method = Callable[[Request], Awaitable[Json]]

READS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""A kind of channel as the names of scopes call it."""


@dataclass(frozen=True)
class Declared:
    run: Method
    scopes: tuple[str, ...]
    required: tuple[str, ...]
    kinds: tuple[str, ...]


METHODS: dict[str, Declared] = {}


def method(
    name: str, *scopes: str, required: Iterable[str] = (), kinds: Iterable[str] = ("bot", "user")
) -> Callable[[Method], Method]:
    """Declare a method: one of `scopes` and all arguments in `required` are needed, `kinds` of token may call it."""

    def declare(run: Method) -> Method:
        METHODS[name] = Declared(run, scopes, tuple(required), tuple(kinds))
        return run

    return declare
