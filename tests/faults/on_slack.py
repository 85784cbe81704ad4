"""Slack as a stage of the kill rig: over Socket Mode, or over HTTP as signed requests that are told again in vain."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import count
from random import Random

from aiohttp import ClientError, ClientSession

from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
from tests.faults.checker import Uttered
from tests.faults.stage import Doom
from tests.faults.town import Town
from tests.slack.scenarios.living import DUTY, MODS, STAFF, SUPPORT, TIPS, populate
from tests.slack.server.faults import BROKEN, BROKEN_THOUGH_ACCEPTED, DROPPED, REFUSED, Fault, Faults, ratelimited
from tests.slack.server.model import Json, Said
from tests.slack.server.slack import Slack

FAULTS: tuple[Fault, ...] = (DROPPED, REFUSED, BROKEN, BROKEN_THOUGH_ACCEPTED, ratelimited(1), ratelimited(60))

RETRIES = (0.05, 0.3, 1.0)
"""Real seconds for Slack's own: at once, one minute, five minutes. In the story the last is up to 80 s."""

PATIENCE = 60.0
"""Real seconds for a first process to be connected, on a busy machine."""


class Fatal(Faults):
    """The script of what goes wrong, and the call during which the caller is killed."""

    def __init__(self, doom: Doom) -> None:
        super().__init__()
        self._doom = doom

    def take(self, method: str, args: Json) -> Fault | None:
        accepted = self._doom.strikes(method)
        if accepted is not None:
            return Fault(accepted=accepted, dropped=True)
        return super().take(method, args)


class OnSlack:
    """Over Socket Mode."""

    say = "chat.postMessage"
    mode = "socket"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.doom = Doom()
        self.town = Town(SUPPORT, MODS, TIPS, "D0U0LEA", STAFF, DUTY, "U0LEA", "U0ADAM")
        self._slack = Slack(now)
        self._slack.app.subscribed = frozenset(BOT_EVENTS)
        self._slack.faults = self._faults = Fatal(self.doom)
        self._slack.telling.retry_delays = RETRIES
        self._acme = self._slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
        populate(self._acme)
        self._support = self._acme.workspace.channels[SUPPORT]

    async def __aenter__(self) -> OnSlack:
        await self._slack.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._slack.__aexit__()

    def file(self) -> str:
        return f'[slack]\nmode = "{self.mode}"\napi_url = "{self._slack.api_url}"\n'

    def environ(self, number: int) -> dict[str, str]:
        app_token = self._slack.app.app_token
        return {"VIGIE_SLACK_BOT_TOKEN": self._acme.token, "VIGIE_SLACK_APP_TOKEN": app_token, "VIGIE_HTTP__PORT": "0"}

    async def connected(self) -> None:
        await self._slack.sockets.connected(patience=PATIENCE)

    def lives(self, numbers: Collection[int]) -> None:
        """Slack tells whoever has opened a socket."""

    def activity(self) -> int:
        journal = self._slack.journal
        return len(journal.calls) + sum(told.acknowledgements + len(told.attempts) for told in journal.told)

    def fails(self, random: Random) -> None:
        self._faults.next(self.say, random.choice(FAULTS))

    def lift(self) -> None:
        self._faults.lift()

    async def asks(self, name: str, text: str) -> Said:
        return await self._acme.person(name).says(self._support, text)

    async def disturbs(self) -> None:
        """Slack tells it once more."""
        if self._slack.journal.told:
            await self._slack.telling.redeliver(self._slack.journal.told[-1], reason="timeout")

    async def answers(self, asked: Said, *, by_mark: bool) -> None:
        tess = self._acme.person("tess")
        if by_mark:
            await tess.reacts(self._support, asked)
        else:
            await tess.says(self._support, "Like this", thread=asked)

    def said(self) -> list[Uttered]:
        return [
            Uttered(one.at, one.channel, f"{one.text} {json.dumps(one.blocks)}", one.key)
            for one in self._slack.journal.accepted
            if one.via == self.say and one.key
        ]

    def complaints(self) -> list[str]:
        return []


class OnSlackOverHttp(OnSlack):
    """Each process has an address of its own, which it keeps while it is dead; Slack calls one of the living."""

    mode = "http"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self._doors: dict[int, socket.socket] = {}
        self._turn = count()

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        for door in self._doors.values():
            door.close()

    def environ(self, number: int) -> dict[str, str]:
        # Bound and not listened on, so that nobody else on this machine is given the port.
        self._doors[number] = door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", 0))
        secret = self._slack.app.signing_secret
        return {
            "VIGIE_SLACK_BOT_TOKEN": self._acme.token,
            "VIGIE_SLACK_SIGNING_SECRET": secret,
            "VIGIE_HTTP__PORT": str(door.getsockname()[1]),
        }

    async def connected(self) -> None:
        """As whoever runs it asks, too."""
        async with ClientSession() as session, asyncio.timeout(PATIENCE):
            while True:
                for number in self._doors:
                    try:
                        async with session.get(f"{self._address(number)}/readyz") as answer:
                            if answer.status == 200:
                                return
                    except ClientError:
                        continue
                await asyncio.sleep(0.05)

    def lives(self, numbers: Collection[int]) -> None:
        """One after the other; while all are dead, Slack calls in vain."""
        if numbers:
            number = sorted(numbers)[next(self._turn) % len(numbers)]
            self._slack.telling.events_url = f"{self._address(number)}/slack/events"

    def _address(self, number: int) -> str:
        return "http://{}:{}".format(*self._doors[number].getsockname())
