"""Discord as a stage of the kill rig: the gateway and the REST API on loopback, spoken to by discord.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime
from random import Random
from typing import Any

from tests.discord.wire.faults import Dropped, Fault, broken, limited
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.rest import Asked, Rest
from tests.discord.wire.server import WireDiscord
from tests.faults.checker import Uttered
from tests.faults.stage import Doom
from tests.faults.town import Town

FAULTS: tuple[Fault, ...] = (Dropped(True), Dropped(False), broken(500), broken(503), limited(1), limited(60))

PATIENCE = 60.0
"""Real seconds for a first process to be connected, on a busy machine."""


class Fatal(Rest):
    """The script of what goes wrong, and the request during which the caller is killed."""

    doom: Doom

    def lift(self) -> None:
        self._script.clear()

    def _next_fault(self, asked: Asked) -> Fault | None:
        accepted = self.doom.strikes(asked.route)
        return super()._next_fault(asked) if accepted is None else Dropped(accepted)


class Forgetful(dict[tuple[str, str], tuple[datetime, str, str]]):
    """Discord remembers a nonce for some minutes, and so says nothing twice by itself. This one does not, so that the
    bot has to look up what it may have said."""

    def __setitem__(self, key: tuple[str, str], value: tuple[datetime, str, str]) -> None:
        pass


class OnDiscord:
    say = "POST /channels/{channel}/messages"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.doom = Doom()
        self._wire = wire = WireDiscord(now)
        wire.rest = self._rest = Fatal(wire.world, wire.pulse, wire.token)
        self._rest.doom = self.doom
        wire.world.nonces = Forgetful()
        self._guild = guild = wire.town("Harbour")
        staff, duty = guild.role("Staff", Permission.MANAGE_MESSAGES), guild.role("On duty", mentionable=True)
        self._tess, lea, adam = guild.person("Tess", staff), guild.person("Lea", staff), guild.person("Adam", staff)
        support, mods, tips = (guild.channel(name) for name in ("support", "moderators", "team"))
        self.town = Town(support, mods, tips, lea.private, staff, duty, lea.id, adam.id)

    async def __aenter__(self) -> OnDiscord:
        await self._wire.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.stop()

    def file(self) -> str:
        return f'[discord]\napi_url = "{self._wire.api_url}"\ngateway_url = "{self._wire.gateway_url}"\n'

    def environ(self, number: int) -> dict[str, str]:
        return {"VIGIE_DISCORD_TOKEN": self._wire.token, "VIGIE_HTTP__PORT": "0"}

    async def connected(self) -> None:
        await self._wire.until(lambda: self._wire.gateway.connected, PATIENCE)

    def lives(self, numbers: Collection[int]) -> None:
        """Discord tells whoever has logged in."""

    def activity(self) -> int:
        return len(self._rest.asked) + len(self._wire.world.events) + len(self._wire.gateway.received)

    def fails(self, random: Random) -> None:
        self._rest.script(self.say, random.choice(FAULTS))

    def lift(self) -> None:
        self._rest.lift()

    async def asks(self, name: str, text: str) -> str:
        return self._guild.person(name).say(self.town.support, text)

    async def disturbs(self) -> None:
        """The connection breaks under it; whoever comes back to its session is told then."""
        self._wire.gateway.drop()

    async def answers(self, asked: Any, *, by_mark: bool) -> None:
        if by_mark:
            self._tess.react(self.town.support, asked, "✅")
        else:
            self._tess.reply(self.town.support, asked, "Like this")

    def said(self) -> list[Uttered]:
        """As it was told to everybody's client when it was said: with its nonce, which is its intention's own."""
        told = [event for event in self._wire.world.events if event.name == "MESSAGE_CREATE"]
        ours = [event for event in told if event.data["author"]["id"] == self._wire.world.me["id"]]
        return [
            Uttered(event.at, event.data["channel_id"], _text(event.data), str(event.data.get("nonce", "")))
            for event in ours
        ]

    def complaints(self) -> list[str]:
        return self._rest.problems


def _text(message: Json) -> str:
    """All that it says itself, without the message that it replies to."""
    return json.dumps({key: value for key, value in message.items() if key != "referenced_message"})
