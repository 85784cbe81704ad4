"""Who is called what: names of people, user groups and channels, asked for once and remembered for a while.

Translation is pure and reads `name` from memory. Whoever needs a name for certain awaits `learn` first.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from adapters.slack.web import Web
from bot.errors import ChatError, Forbidden, Gone, RateLimited, Rejected
from bot.logger import get_logger
from bot.model import Member, Team
from bot.settings import TeamSettings

log = get_logger(__name__)

REMEMBERED = 20_000
"""People, groups and channels: a few MB. What was asked for longest ago is forgotten."""

FRESH = 6 * 3600.0
"""Seconds after which a name is asked for again: people and channels are renamed."""

UNKNOWN = 600.0
"""Seconds before somebody who could not be looked up is asked for again."""

AT_ONCE = 8
"""Look-ups under way at a time; Slack allows 100 a minute: https://docs.slack.dev/reference/methods/users.info"""

PATIENCE = 2.0
"""Seconds that somebody waits for a name at most; the message is judged without it then."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known; `name` is empty when the look-up failed. `until` on the monotonic clock."""

    name: str
    until: float
    locale: str | None = None
    bot: bool = False


class Directory:
    """The names of one workspace."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._wait_until = 0.0
        self._groups: dict[str, frozenset[str]] = {}

    def name(self, id_: str) -> str | None:
        """From memory; None when unknown."""
        entry = self._entries.get(id_)
        return (entry.name or None) if entry else None

    def knows(self, id_: str) -> bool:
        """Whether asking would tell nothing new for now."""
        entry = self._entries.get(id_)
        return entry is not None and entry.until > monotonic()

    def full(self, member: Member) -> Member:
        """The member with what memory knows of them."""
        entry = self._entries.get(member.id)
        if entry is None:
            return member
        bot = member.bot or entry.bot
        return replace(member, name=entry.name or member.name, locale=entry.locale or member.locale, bot=bot)

    async def learn(self, ids: Iterable[str], patience: float = PATIENCE) -> None:
        """Look up who is not known, for up to `patience` seconds; what takes longer goes on in the background.

        Never raises a `ChatError`: a name that cannot be had is none.
        """
        missing = {id_ for id_ in ids if id_ and not self.knows(id_)}
        if not missing or monotonic() < self._wait_until:
            return
        for id_ in missing - self._asking.keys():
            self._asking[id_] = asyncio.create_task(self._ask(id_), name=f"look up {id_}")
        if patience > 0:
            await asyncio.wait([self._asking[id_] for id_ in missing if id_ in self._asking], timeout=patience)

    async def team(self, me: str, settings: TeamSettings) -> Team:
        """The members of the configured user groups, and those configured one by one.

        A group that cannot be read, for want of a scope for instance, has the members that it was last known to have;
        `check` tells of it. One that is gone has none. Raises `ChatError` when Slack cannot be asked now.
        """
        members, unread = set(settings.members), set[str]()
        for group in settings.roles:
            try:
                answer = await self._web.read("usergroups.users.list", usergroup=group)
            except Gone as error:
                log.warning("user group is gone", group=group, reason=error.reason)
                self._groups.pop(group, None)
            except (Forbidden, Rejected) as error:
                log.warning("user group cannot be read", group=group, reason=error.reason)
                unread.add(group)
            else:
                self._groups[group] = frozenset(answer.get("users") or ())
            members |= self._groups.get(group, frozenset())
        return Team(me=me, members=frozenset(members), roles=settings.roles, unread=frozenset(unread))

    async def close(self) -> None:
        """Ask for nothing more."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, id_: str) -> None:
        try:
            async with self._limit:
                entry = await self._look_up(id_)
        except (Gone, Forbidden):
            entry = Entry("", monotonic() + UNKNOWN)
        except RateLimited as error:
            self._wait_until = monotonic() + error.retry_after
            return
        except ChatError as error:
            log.info("name not found out", id=id_, reason=error.reason)
            entry = Entry("", monotonic() + UNKNOWN)
        finally:
            self._asking.pop(id_, None)
        self._keep(id_, entry)

    async def _look_up(self, id_: str) -> Entry:
        until = monotonic() + FRESH
        match id_[0]:
            case "U" | "W":
                answer = await self._web.read("users.info", user=id_, include_locale=True)
                return _person(answer.get("user") or {})
            case "S":
                answer = await self._web.read("usergroups.list")
                for group in answer.get("usergroups") or ():
                    self._keep(group["id"], Entry(str(group.get("handle") or group.get("name") or ""), until))
                return self._entries.get(id_) or Entry("", monotonic() + UNKNOWN)
            case "B":
                answer = await self._web.read("bots.info", bot=id_)
                return Entry(str((answer.get("bot") or {}).get("name") or ""), until, bot=True)
            case _:
                answer = await self._web.read("conversations.info", channel=id_)
                return Entry(str((answer.get("channel") or {}).get("name") or ""), until)

    def _keep(self, id_: str, entry: Entry) -> None:
        self._entries[id_] = entry
        self._entries.move_to_end(id_)
        while len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)


def _person(user: Mapping[str, Any]) -> Entry:
    """The name that people see beside a message: the display name, else the full one."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name") or ""
    bot = bool(user.get("is_bot")) or user.get("id") == "USLACKBOT"
    return Entry(str(name), monotonic() + FRESH, user.get("locale"), bot)
