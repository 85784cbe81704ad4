"""How servers that stand in for Slack differ from it: what they leave out, and what they do not know.

Each difference was seen in the sources of an emulator that people use: methods served by one HTTP verb alone, no header
with the scopes, no idea of a time in `conversations.history`, no metadata, envelopes with the bare event, methods that
nobody had needed yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.slack.server.model import Json

READING = ("auth.test", "conversations.history", "conversations.info", "conversations.replies", "users.info")
WINDOW = ("oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata", "include_locale")


@dataclass(frozen=True)
class Likeness:
    """`verb`: by which alone what reads can be called. `unknown`: methods that are not there, with that `status`.

    `typed`: an answer is said to be JSON. `timeless`: history is all of it, whatever was asked for. `bare`: nothing is
    told beyond what is indispensable. `without`: what is missing in an answer, by method.
    """

    verb: str | None = None
    unknown: frozenset[str] = frozenset()
    status: int = 200
    scopes: bool = True
    typed: bool = True
    timeless: bool = False
    bare: bool = False
    without: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def serves(self, method: str, verb: str) -> bool:
        reads = method in READING or method.endswith((".list", ".info"))
        return not reads or self.verb in (None, verb)

    def asked(self, args: Json) -> Json:
        return {name: value for name, value in args.items() if not (self.timeless and name in WINDOW)}

    def answered(self, method: str, answer: Json) -> Json:
        left = {name: value for name, value in answer.items() if name not in self.without.get(method, ())}
        if self.timeless and "messages" in left:
            left["messages"] = [self._plain(message) for message in left["messages"]]
        if self.bare and isinstance(left.get("channel"), dict):
            left["channel"] = {name: left["channel"][name] for name in ("id", "name") if name in left["channel"]}
        if self.bare and isinstance(left.get("user"), dict):
            left["user"] = {name: left["user"][name] for name in ("id", "name") if name in left["user"]}
        return left

    def told(self, payload: Json) -> Json:
        """An envelope's payload."""
        if not self.bare or payload.get("type") != "event_callback":
            return payload
        event = {name: value for name, value in payload["event"].items() if name not in ("team", "client_msg_id")}
        return {"type": "event_callback", "event": event}

    @staticmethod
    def _plain(message: Json) -> Json:
        return {name: value for name, value in message.items() if name not in ("metadata", "latest_reply")}


SLACK = Likeness()
