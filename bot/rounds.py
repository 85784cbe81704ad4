"""What is looked after now and then: channels that were closed to us, rights that were taken away, whom to forget."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot import notices, privacy, trials
from bot.errors import VigieError
from bot.insight.alarms import alarms
from bot.logger import get_logger
from bot.model import Community, Place, Severity
from bot.ports import Transaction
from bot.settings import Settings
from bot.texts import texts

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

log = get_logger(__name__)

EVERY = timedelta(minutes=1)
CHECK = timedelta(days=1)
"""Neither Slack nor Discord reliably tells that a bot was removed from a channel."""

SURE = timedelta(minutes=10)
"""What is found wrong is looked at once more after so long before an admin is told: it may be the network."""

SKEW = timedelta(minutes=5)
"""How far the clock of another machine, on which somebody was forgotten, may be behind ours."""


class Rounds:
    """The rounds of one process, over the communities that it looks after."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._looked = bot.clock.now()
        self._next: dict[Community, datetime] = {}
        self._wrong: dict[Community, str] = {}
        self._team_next: dict[Community, datetime] = {}
        self._team_unread: set[Community] = set()

    async def run(self) -> None:
        """Until cancelled. Trouble with one community is logged and holds up no other."""
        while True:
            await self._bot.clock.sleep_until(self._bot.clock.now() + EVERY)
            await self.once()

    async def once(self) -> None:
        """Do what is due by now."""
        now = self._bot.clock.now()
        live = [watch for watch in list(self._bot.watches.values()) if watch.along.connected]
        forgotten = await self._somebody_was_forgotten(now)
        for watch in live:
            try:
                if forgotten:
                    await privacy.follow(self._bot, watch)
                await self._meet_team(watch, now)
                if watch.settings.team.admins and now >= self._next.get(watch.community, now):
                    await self._check(watch, now)
            except Exception as error:  # noqa: BLE001 (an adapter's bug in one place must not end the rounds)
                log.warning("round cut short", community=str(watch.community), error=type(error).__name__)

    async def _meet_team(self, watch: Watch, now: datetime) -> None:
        """A team of which something cannot be read is asked for until it can; an admin need not wait a day to know."""
        community = watch.community
        if watch.team.unread and now >= self._team_next.get(community, now):
            self._team_next[community] = now + SURE
            await watch.refresh_team()
        if bool(watch.team.unread) != (community in self._team_unread):
            self._team_unread ^= {community}
            self._next[community] = now

    async def _somebody_was_forgotten(self, now: datetime) -> bool:
        try:
            async with self._bot.store.begin() as tx:
                found = await tx.noted(privacy.FORGOTTEN, self._looked - SKEW) > 0
        except VigieError:
            return False
        self._looked = now
        return found

    async def _check(self, watch: Watch, now: datetime) -> None:
        """Have an admin told of what became wrong, or well again; what was closed to us is tried again."""
        community = watch.community
        self._next[community] = now + CHECK
        findings = await watch.chat.check(texts(watch.settings.language), community)
        subjects = sorted(finding.subject for finding in findings if finding.severity is Severity.ERROR)
        # Told apart by a digest: a subject names channels, and names are not stored.
        wrong = blake2b("\n".join(subjects).encode(), digest_size=8).hexdigest() if subjects else ""
        before, self._wrong[community] = self._wrong.get(community), wrong
        if wrong and before != wrong:
            self._next[community] = now + SURE
            return
        async with self._bot.store.begin() as tx:
            await self._tell(tx, watch, wrong, now)
            if not wrong:
                for channel in watch.settings.mentions.watch:
                    place = Place(community, channel)
                    if not _is_target(channel, watch.settings) and await trials.over(tx, place):
                        for notice in notices.found(place, watch.settings, now):
                            await tx.add_delivery(notice)
            await trials.begin(tx, community, now)
            await self._suggest(tx, watch, now)
        self._bot.changed()

    async def _suggest(self, tx: Transaction, watch: Watch, now: datetime) -> None:
        """A notice where a rule alarms the team needlessly and a setting would help."""
        since = now - notices.LOOK_BACK
        for found in alarms(await tx.waits(watch.community, since), since):
            for notice in notices.needless(watch.community, found, watch.settings, now):
                await tx.add_delivery(notice)

    async def _tell(self, tx: Transaction, watch: Watch, wrong: str, now: datetime) -> None:
        """A notice when something else is wrong than when an admin was told last, or nothing any more."""
        known = (await tx.disabled(watch.community)).get(notices.CHECK, "")
        if known == wrong:
            return
        place = Place(watch.community, notices.CHECK)
        await tx.enable(place)
        if wrong:
            await tx.disable(place, wrong, now)
        for notice in notices.checked(watch.community, watch.settings, now, well=not wrong):
            await tx.add_delivery(notice)


def _is_target(channel: str, settings: Settings) -> bool:
    """Whether we write there: then it is well again when something was written."""
    return channel in (settings.mentions.channel, settings.tips.channel)
