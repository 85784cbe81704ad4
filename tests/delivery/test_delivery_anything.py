"""Whatever goes wrong in whatever order: exactly once, as long as the platform can be asked."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RateLimited, Unauthorised, Unavailable
from tests.delivery.world import A_WHILE, World, delivery, look
from tests.fakes import DROPPED, HANGS, HANGS_THOUGH_ACCEPTED, LOST, REFUSED, Fault, late

HARMLESS = [
    None,
    REFUSED,
    Fault(RateLimited("slow down", retry_after=3)),
    Fault(RateLimited("slow down", retry_after=90, everywhere=True)),
    Fault(Unauthorised("revoked")),
]
DOUBTFUL = [
    DROPPED,
    LOST,
    HANGS,
    HANGS_THOUGH_ACCEPTED,
    late(12),
    Fault(RuntimeError("bug")),
    Fault(OSError(), lands=0),
]

posts = st.lists(st.sampled_from(HARMLESS + DOUBTFUL), max_size=8)
finds = st.lists(
    st.sampled_from([*HARMLESS, HANGS, Fault(Unavailable("down")), Fault(RuntimeError("bug"))]), max_size=6
)
edits = st.lists(st.sampled_from(HARMLESS + DOUBTFUL), max_size=3)
channels = st.lists(st.sampled_from(["general", "random", "@U1"]), min_size=1, max_size=6)
pauses = st.lists(st.floats(0, 120), max_size=12)


@given(posts=posts, finds=finds, edits=edits, channels=channels, pauses=pauses)
@settings(max_examples=250, deadline=None)
def test_any_script_of_faults_leads_to_each_message_once(
    posts: list[Fault | None],
    finds: list[Fault | None],
    edits: list[Fault | None],
    channels: list[str],
    pauses: list[float],
) -> None:
    """Any channels, any faults of sending, looking up and editing, restarts with any time between them."""

    async def live() -> None:
        world = World()
        world.chat.script("post", *posts)
        world.chat.script("find", *finds)
        world.chat.script("edit", *edits)
        await world.add(*(delivery(f"tip/{n}", channel, after=n / 10) for n, channel in enumerate(channels)))
        await world.add(look("tip/0", channels[0]))
        for turn, pause in enumerate(pauses):
            await world.deliver(f"owner-{turn}")
            await world.clock.advance(pause)
        for _ in range(3):
            await world.finish(rounds=24)
            await world.clock.advance(3 * A_WHILE)
        await world.assert_each_sent_once()

    asyncio.run(live())
