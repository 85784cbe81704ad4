"""Commands, buttons, menus, forms and completion: answered within Discord's three seconds, in private.

Routed by name and custom id alone, with no registry of views, so that a button works whatever process made it.
https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.discord import incoming
from adapters.discord.asked import COMMAND, COMPONENT, EPHEMERAL, FORM, TYPING
from adapters.discord.guilds import DISCORD, Guild, Guilds
from adapters.discord.homes import Homes
from adapters.discord.looks import Body, File, as_edit, file_of, has_components_v2, rendered
from adapters.discord.modals import modal
from adapters.discord.plainer import choked, plainer
from adapters.discord.rest import Rest
from bot.app import Names
from bot.errors import ChatError
from bot.events import Choices, Event, NewLook, Private, Reply, ShowForm
from bot.logger import get_logger
from bot.model import Community
from bot.ports import Clock
from bot.post import Post
from bot.texts import Texts, closest, texts

log = get_logger(__name__)

SAY, DEFER, DEFER_UPDATE, UPDATE, COMPLETE, MODAL = 4, 5, 6, 7, 8, 9

OFFERED = 25
CHOICE = 100
"""Choices and their characters: https://docs.discord.com/developers/interactions/application-commands"""

AT_ONCE = timedelta(seconds=2)
"""How long a button may take before it is only acknowledged. A form must be Discord's first answer, within three
seconds, so that a button is not acknowledged before it is known what it does."""

NOWHERE = "0"
"""Stands for a guild while we are in none, as just after a start: nobody can be answered in its name."""

CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"

Handle = Callable[[Event], Awaitable[Reply | None]]


@dataclass(slots=True)
class Asked:
    """One interaction, and how far it was answered. `deferred`: what is shown must go another way by now."""

    payload: Any
    guild: Guild
    speak: Texts
    deferred: int | None = None

    @property
    def token(self) -> str:
        return str(self.payload["token"])


class Interactions:
    """`take` deals with one interaction. `handle` is the core; it answers what is to be shown."""

    def __init__(self, rest: Rest, guilds: Guilds, homes: Homes, names: Names, handle: Handle, clock: Clock) -> None:
        self._rest = rest
        self._guilds = guilds
        self._homes = homes
        self._names = names
        self._handle = handle
        self._clock = clock

    async def take(self, payload: Any) -> None:
        if payload.get("type") == COMMAND:
            await self._commanded(payload)
        elif payload.get("type") in (COMPONENT, FORM):
            await self._pressed(payload)
        elif payload.get("type") == TYPING:
            await self._completed(payload)

    async def _commanded(self, payload: Any) -> None:
        """What is never answered by a form is acknowledged at once, whatever else is slow."""
        async with asyncio.TaskGroup() as group:
            deferral = group.create_task(self._respond(payload, DEFER, {"flags": EPHEMERAL}))
            asked = await self._asked(payload)
            asked.deferred = DEFER
            event = incoming.command_of(asked.payload, asked.guild, self._names, self._clock.now())
            reply = await self._answer(event, asked)
        if deferral.result():
            await self._show(reply or Private(Post(asked.speak.t("Done"))), asked)

    async def _pressed(self, payload: Any) -> None:
        work = asyncio.create_task(self._asked_and_answered(payload))
        # A button says which message it changes by itself; a form that belongs to none has nothing to update.
        later = DEFER_UPDATE if payload.get("message") is not None else DEFER
        alarm = asyncio.create_task(self._clock.sleep_until(self._clock.now() + AT_ONCE))
        try:
            await asyncio.wait({work, alarm}, return_when=asyncio.FIRST_COMPLETED)
            in_time = work.done()
            if not in_time:
                await self._respond(payload, later, {"flags": EPHEMERAL} if later == DEFER else None)
            asked, reply = await work
        finally:
            alarm.cancel()
            work.cancel()
        if reply is not None:
            asked.deferred = None if in_time else later
            await self._show(reply, asked)
        elif in_time:
            await self._respond(payload, DEFER_UPDATE)

    async def _asked_and_answered(self, payload: Any) -> tuple[Asked, Reply | None]:
        asked = await self._asked(payload)
        read = incoming.form_of if payload["type"] == FORM else incoming.action_of
        event = read(asked.payload, asked.guild, self._clock.now())
        return asked, await self._answer(event, asked) if event is not None else None

    async def _completed(self, payload: Any) -> None:
        asked = await self._asked(payload)
        reply = await self._answer(incoming.completing_of(asked.payload, asked.guild, self._names), asked, quiet=True)
        offered = reply.offered if isinstance(reply, Choices) else ()
        choices = [{"name": shown[:CHOICE], "value": value[:CHOICE]} for value, shown in offered[:OFFERED]]
        await self._respond(payload, COMPLETE, {"choices": choices})

    async def _asked(self, payload: Any) -> Asked:
        """On whose behalf: the guild where it happened or, in private, that of the button, else a likely one."""
        id_ = incoming.guild_of(payload)
        guild = self._guilds.of(Community(DISCORD, id_)) if id_ is not None else None
        if payload.get("member") is None and isinstance(user := payload.get("user"), dict):
            if guild is None:
                guild, member = await self._homes.of(user, str(payload.get("channel_id")))
            else:
                member = await self._homes.member(guild, user)
            if member is not None:
                payload = {**payload, "member": {**member, "user": user}}
        guild = guild or self._guilds.of(Community(DISCORD, NOWHERE))
        return Asked(payload, guild, texts(closest(payload.get("locale"), guild.settings.language)))

    async def _answer(self, event: Event | None, asked: Asked, *, quiet: bool = False) -> Reply | None:
        if event is None:
            return None
        if asked.guild.community.id == NOWHERE:
            return None if quiet else Private(_not_now(asked.speak))
        try:
            return await self._handle(event)
        except Exception as error:  # noqa: BLE001  # somebody waits for an answer, whatever happened
            log.error("interaction failed", kind=type(event).__name__, error=type(error).__name__)  # noqa: TRY400
            return None if quiet else Private(_not_now(asked.speak))

    async def _show(self, reply: Reply, asked: Asked) -> None:
        match reply:
            case ShowForm(form) if asked.deferred is None and asked.payload["type"] == COMPONENT:
                await self._respond(asked.payload, MODAL, modal(form, asked.guild.community))
            case ShowForm():
                await self._private(_too_slow(asked.speak), asked)
            case NewLook(post) if asked.payload.get("message") is not None:
                await self._new_look(post, asked)
            case Private(post) | NewLook(post):
                await self._private(post, asked)

    async def _private(self, post: Post, asked: Asked) -> None:
        first, *more = map(_private, rendered(post, asked.speak.language, asked.guild.community))
        if asked.deferred is None:
            shown = await self._respond(asked.payload, SAY, first, file_of(post))
        elif asked.deferred == DEFER:
            shown = await self._follow_up("PATCH", ORIGINAL, first, asked, file_of(post))
        else:
            shown = await self._follow_up("POST", FOLLOW_UP, first, asked, file_of(post))
        await self._go_on(more if shown else [], asked)

    async def _new_look(self, post: Post, asked: Asked) -> None:
        """Of the message that is there; what does not fit into it any more follows it, in private."""
        there = asked.payload["message"]
        first, *more = rendered(
            post, asked.speak.language, asked.guild.community, components_v2=has_components_v2(there)
        )
        if asked.deferred is None:
            shown = await self._respond(asked.payload, UPDATE, as_edit(first), file_of(post))
        else:
            shown = await self._follow_up("PATCH", ORIGINAL, as_edit(first), asked, file_of(post))
        await self._go_on(map(_private, more) if shown else [], asked)

    async def _go_on(self, bodies: Iterable[Body], asked: Asked) -> None:
        """What the first message has no room for."""
        for body in bodies:
            await self._follow_up("POST", FOLLOW_UP, body, asked)

    async def _respond(self, payload: Any, kind: int, data: Body | None = None, file: File | None = None) -> bool:
        """The first answer; false when Discord would not have it, such as one that came too late (10062)."""
        body: Body = {"type": kind} if data is None else {"type": kind, "data": data}
        return await self._tried("POST", CALLBACK, body, str(payload["id"]), str(payload["token"]), file)

    async def _follow_up(self, method: str, path: str, body: Body, asked: Asked, file: File | None = None) -> bool:
        application = str(asked.payload.get("application_id") or self._guilds.application)
        return await self._tried(method, path, body, application, asked.token, file)

    async def _tried(self, method: str, path: str, body: Body, id_: str, token: str, file: File | None) -> bool:
        for form in _forms(body if body.get("type") in (COMPLETE, DEFER_UPDATE, MODAL) else _pinging_nobody(body)):
            try:
                shown = await self._rest.do(
                    method, path, form, file=file, urgent=True, webhook_id=id_, webhook_token=token
                )
            except ChatError as error:
                log.warning("interaction not answered", path=path.rpartition("/")[2], reason=error.reason)
                if not choked(error):
                    return False
                file = None
            else:
                if not has_components_v2(form) or not isinstance(shown, dict) or has_components_v2(shown):
                    return True
                # Taken by a server that does not know of Components V2, and shown to somebody as nothing at all.
                method, path = "PATCH", ORIGINAL if path == ORIGINAL else f"{FOLLOW_UP}/messages/{shown['id']}"
        return False


def _forms(body: Body) -> Iterator[Body]:
    """An answer as it should be, then as a server may take it that cannot take that."""
    yield body
    if "type" not in body:
        yield from plainer(body)
    elif body["type"] in (SAY, UPDATE):
        yield from ({**body, "data": data} for data in plainer(body["data"]))


def _private(body: Body) -> Body:
    """For the eyes of whoever acted."""
    return {**body, "flags": body.get("flags", 0) | EPHEMERAL}


def _pinging_nobody(body: Body) -> Body:
    """An answer to somebody calls nobody else, whatever it quotes."""
    nobody: Body = {"allowed_mentions": {"parse": []}}
    if "type" not in body:
        return nobody | body
    return {**body, "data": nobody | body["data"]} if "data" in body else body


def _not_now(speak: Texts) -> Post:
    return Post(speak.t("Not now"), speak.rich("I cannot do that right now. Please try again soon."))


def _too_slow(speak: Texts) -> Post:
    return Post(speak.t("That took too long"), speak.rich("Please press the button once more."))
