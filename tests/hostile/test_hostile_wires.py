"""A platform gone mad: the whole bot on its real connections takes what comes, and hears what is sound after it."""

from __future__ import annotations

from storage.memory import MemoryStore
from tests.hostile.wires import harbouring, over_discords, over_slacks
from tests.slack.scenarios.living import living

TRIED = 200


async def test_signed_nonsense_gets_no_server_error() -> None:
    """200, 400 or 401, never 5xx, for which Slack would send it again. Then a question counts."""
    async with living(MemoryStore(), "http") as life:
        statuses = await over_slacks(life, TRIED)
        assert set(statuses) <= {200, 400, 401}
        assert statuses[200] > TRIED / 2
        assert await life.state(await life.asks("bob")) == "open"


async def test_odd_dispatches_do_not_end_the_connection() -> None:
    """No reconnect, no identify; then a question counts."""
    async with harbouring() as harbour:
        gateway = harbour.wire.gateway
        before = len(gateway.identifies), gateway.resumes
        await over_discords(harbour, TRIED)
        await harbour.opened(harbour.ada.say(harbour.quiet, "How do I reset my password?"), harbour.quiet)
        assert (len(gateway.identifies), gateway.resumes) == before
