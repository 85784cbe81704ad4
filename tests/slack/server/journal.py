"""What happened on the server, for tests to read: every call, every message that was accepted, every event sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from tests.slack.server.faults import Fault
from tests.slack.server.model import Json


@dataclass
class Call:
    """One request to the Web API. `answer` is None when none was given."""

    at: datetime
    method: str
    args: Json
    token: str
    team: str
    answer: Json | None = None
    status: int = 0
    fault: Fault | None = None


@dataclass(frozen=True)
class Accepted:
    """A message of the app that somebody can see. `via`: the method, or `response_url`. `to`: who alone sees it."""

    at: datetime
    via: str
    team: str
    channel: str
    ts: str
    text: str
    blocks: list[Json]
    metadata: Json | None = None
    thread_ts: str = ""
    to: str = ""

    @property
    def key(self) -> str:
        """What the app wrote into its metadata to know the message again."""
        return str((self.metadata or {}).get("event_payload", {}).get("key", ""))


@dataclass
class Attempt:
    """One try at delivering. `via`: the socket's number, 0 for HTTP, None when there was nowhere to send it."""

    at: datetime
    via: int | None
    envelope: str
    number: int
    status: int = 0
    failure: str = ""


@dataclass
class Told:
    """Something told to the app: an event, a command or an interaction, and what the app made of it.

    `response` is what came with the acknowledgement; `responses` what was sent to the response_url afterwards.
    """

    kind: str
    payload: Json
    team: str
    attempts: list[Attempt] = field(default_factory=list)
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledgements: int = 0
    given_up: bool = False
    response: Json | str | None = None
    responses: list[Json] = field(default_factory=list)

    @property
    def event(self) -> Json:
        """The inner event of an event callback."""
        inner: Json = self.payload["event"]
        return inner

    @property
    def name(self) -> str:
        """What it is, in short: `message/message_changed`, `/tip`, `block_actions`."""
        if self.kind == "events_api":
            return "/".join(filter(None, (self.event["type"], self.event.get("subtype"))))
        return str(self.payload.get("command") or self.payload.get("type"))


@dataclass
class Journal:
    calls: list[Call] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def said_in(self, channel: str) -> list[Accepted]:
        """What the app said there for all to see, oldest first."""
        return [accepted for accepted in self.accepted if accepted.channel == channel and not accepted.to]

    def keys(self) -> list[str]:
        """The delivery keys of the messages that got out, oldest first."""
        return [accepted.key for accepted in self.accepted if accepted.key]

    def events(self, name: str) -> list[Told]:
        return [told for told in self.told if told.name == name]
