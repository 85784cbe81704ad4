"""The three jobs in one day at Acme, in both modes, with a restart, a half-hour's outage, and a process that is killed.

Everything is real but time: SQLite in a file, bolt, sockets or signed requests, and Slack's own rules. At the end the
server's records are read: every message that got out, every event, every call.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.model import DeliveryState, Mention
from bot.ports import Store
from tests.slack.scenarios.living import HELP, MODS, SUPPORT, TIPS, TIPS_AT_TEN, AppMode, Life, living, settings
from tests.slack.scenarios.looking import labels, texts_of
from tests.slack.server import schemas
from tests.slack.server.faults import BROKEN_THOUGH_ACCEPTED, DROPPED, ratelimited
from tests.slack.server.model import Said
from tests.slack.server.waiting import until


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_day_at_acme(file_store: Store, mode: AppMode) -> None:
    """Tip, advice and mentions from nine to six: nothing is lost, nothing is said twice, nobody is nudged wrongly."""
    async with living(file_store, mode) as life:
        decided = settings(tips=TIPS_AT_TEN)
        life.settings = lambda _community: decided
        life.slack.telling.retry_delays = (0.02, 0.05, 0.1)
        await life.restarts()
        day = Day(life)
        await day.morning()
        await day.outage()
        await day.restart()
        await day.killed_while_sending()
        await day.afternoon()
        await day.is_as_it_should_be()


class Day:
    """What happens, hour by hour; `waits`: whom the team still owes an answer, by the name of who asked."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.waits: dict[str, tuple[Said, str]] = {}

    async def asks(self, name: str, text: str, where: str = SUPPORT) -> Said:
        """Somebody outside asks while the bot listens."""
        said = await self.life.asks(name, text, where)
        self.waits[name] = (said, where)
        return said

    async def mention(self, name: str) -> Mention:
        return await self.life.the_mention(*self.waits[name])

    async def morning(self) -> None:
        """09:00 to 10:10: a question that is nudged and claimed, one that is answered in time, the tip, some advice."""
        life = self.life
        await self.asks("ada", "How do I reset my password?")
        quick = await life.asks("bob", "Where is the manual?")
        await life.wait(10)
        await life.person("tess").says(life.channel(SUPPORT), "Under help", thread=quick)
        await life.wait(25)
        (nudge,) = life.said_in(MODS)
        await life.person("tess").presses(life.channel(MODS), nudge.ts, "Claim")
        await life.until_state(self.waits["ada"][0], "claimed")
        await life.wait(30)
        (tip,) = life.said_in(TIPS)
        assert {"Useful", "Not for us", "Another one"} <= set(labels(tip.blocks))
        told = await life.person("cleo").types(life.channel(SUPPORT), "/tip", "engagement")
        assert len(texts_of((await life.answer_to(told))["blocks"])) > 100
        await life.wait(5)

    async def outage(self) -> None:
        """10:10 to 10:40: Slack cannot be reached; people go on talking, and a tip's channel is not the worst of it."""
        life = self.life
        before, socket = life.connections, life.slack.sockets.all[-1] if life.mode == "socket" else None
        await life.asks("dora", "Is there an invoice somewhere?")
        await life.slack.quiet()
        life.slack.goes_down()
        await life.wait(20)
        missed = life.person("emil").wrote(life.channel(SUPPORT), "Why does the export fail?")
        self.waits["emil"] = (missed, SUPPORT)
        thread = life.person("fred").wrote(life.channel(SUPPORT), "How do I pay?")
        life.person("tim").wrote(life.channel(SUPPORT), "By card", thread=thread)
        dora = next(said for said in life.channel(SUPPORT).messages.values() if said.user == "U0DORA")
        life.person("tess").wrote(life.channel(SUPPORT), "In your account", thread=dora)
        await life.wait(10)
        life.slack.comes_back()
        if socket is not None:
            await life.slack.sockets.reconnected(socket)
            await until(lambda: life.connections > before, "the catching up")
        else:
            # Nothing of ours breaks when Slack sends no requests: whoever watches over the process restarts it.
            await life.restarts()
        await life.wait(10)
        assert await life.state(missed) == "open"
        assert await life.state(dora) == "answered"

    async def restart(self) -> None:
        """11:00: a new version is rolled out; what is said while no process runs is neither lost nor judged twice."""
        life = self.life
        await life.dies()
        await life.person("gina").says(life.channel(HELP), "<!subteam^S0STAFF> the shop is down")
        gina = list(life.channel(HELP).messages.values())[-1]
        self.waits["gina"] = (gina, HELP)
        await life.time_passes(3)
        await life.starts()
        await life.slack.telling.redeliver()
        await life.settle()
        assert await life.state(gina, HELP) == "open"

    async def killed_while_sending(self) -> None:
        """11:35: Slack accepts the nudge, the answer is lost, and the process dies at that very moment."""
        life = self.life
        due = (await self.mention("gina")).due_at
        assert due is not None
        await life.wait_until(due - timedelta(seconds=1))
        life.slack.faults.next("chat.postMessage", DROPPED, channel=MODS)
        await life.time_passes(timedelta(seconds=1))
        await life.bot.tick()
        sending = asyncio.create_task(life.deliverer.deliver_due(life.communities))
        key = f"nudge/{(await self.mention('gina')).id}/0"
        await until(lambda: key in set(life.slack.journal.keys()), "Slack to accept the nudge")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await life.restarts()
        await life.wait(10)

    async def afternoon(self) -> None:
        """To 18:00, with Slack in a bad mood: everybody is answered but Gina."""
        life = self.life
        life.slack.faults.next("chat.postMessage", BROKEN_THOUGH_ACCEPTED, ratelimited(20))
        life.slack.faults.next("chat.update", ratelimited(5), BROKEN_THOUGH_ACCEPTED)
        await life.wait(90)
        for name in ("ada", "emil"):
            said, where = self.waits.pop(name)
            await life.person("tess").says(life.channel(where), "Like this", thread=said)
        await life.slack.quiet()
        listed = await life.answer_to(await life.person("tess").types(life.channel(MODS), "/mentions"))
        assert "gina" in texts_of(listed["blocks"])
        assert "emil" not in texts_of(listed["blocks"])
        await life.wait(4 * 60)

    async def is_as_it_should_be(self) -> None:
        """What Slack has on record."""
        life, journal = self.life, self.life.slack.journal
        keys = Counter(journal.keys())
        assert [key for key, number in keys.items() if number > 1] == [], "said twice"
        deliveries = await life.deliveries()
        sent = {d.key for d in deliveries if d.state is DeliveryState.SENT and not d.key.startswith("look/")}
        assert sent == set(keys), "what the database believes to be out is out"
        assert not [d.key for d in deliveries if d.state in (DeliveryState.PENDING, DeliveryState.SENDING)]
        assert {key.partition("/")[0] for key in keys} >= {"tip", "nudge"}
        assert len(life.said_in(TIPS)) == 1
        assert {mention.id for mention in await life.waiting()} == {(await self.mention("gina")).id}
        for name in ("bob", "dora", "fred"):
            assert not [said for said in life.said_in(MODS) if name in said.text], f"{name} was answered in time"
        assert [said for said in life.said_in(MODS) if "gina" in said.text]
        assert not [told for told in journal.told if not told.acknowledged.is_set() and not told.given_up]
        if schemas.available():
            assert schemas.problems(journal.calls) == []
