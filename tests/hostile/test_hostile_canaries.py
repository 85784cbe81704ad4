"""Secrets and words planted wherever they come by: none in a log at DEBUG, the database or the figures.

That none gets into a traceback either, whatever raised, is shown by `tests/test_logs.py`.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator

import pytest
import structlog

from adapters.discord.guilds import DISCORD
from bot.app import Bot
from bot.health import Health
from bot.logs import configure
from bot.model import Community, Platform
from bot.settings import Settings
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.faults import Dropped, broken
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock
from tests.privacy.test_privacy_scan import everything
from tests.slack.scenarios.living import HELP, MODS, SLACK, SUPPORT, TIPS, Life, living
from tests.slack.server.faults import BROKEN, DROPPED, HTML
from tests.storage.samples import Opening

WORD = "canarybird7"
ASKED = f"How do I log in at https://x.example/?key={WORD} with {WORD}?"


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that is logged by anybody, from DEBUG on."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure(request.param, "debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def nowhere(secrets: Iterable[str], lines: io.StringIO, url: str, bot: Bot, platform: Platform) -> None:
    """Not in the log, every byte of the database, the figures or what a probe is told."""

    async def well() -> str | None:
        return None

    health = Health(bot, [platform], well)
    figures, _ = await health.metrics()
    problems = await health.problems()
    seen = {"log": lines.getvalue(), "database": everything(url), "figures": figures.decode(), "probe": str(problems)}
    assert seen["log"]
    assert len(seen["database"]) > 100
    found = [(secret, where) for secret in secrets for where, text in seen.items() if secret in text]
    assert found == [], [line[:600] for line in seen["log"].splitlines() if any(one in line for one in secrets)][:6]


async def test_slack(url: str, opening: Opening, lines: io.StringIO) -> None:
    """Tokens, response_urls, triggers and what people wrote, while calls fail and events raise."""
    async with living(opening(url), "socket") as life:
        await tell(life)
        told = [one.payload for one in life.slack.journal.told]
        secrets = {WORD, life.town.token, life.slack.app.app_token}
        secrets |= {life.slack.app.signing_secret, life.slack.app.verification}
        secrets |= {payload["response_url"] for payload in told if "response_url" in payload}
        secrets |= {payload["trigger_id"] for payload in told if "trigger_id" in payload}
        assert len(secrets) > 5
        await nowhere(secrets, lines, url, life.bot, SLACK)


async def tell(life: Life) -> None:
    """A day of everything."""
    tess, ada = life.person("tess"), life.person("ada")
    said = await life.asks(text=ASKED)
    await ada.edits(life.channel(SUPPORT), said, f"{ASKED} please")
    life.slack.faults.next("chat.postMessage", HTML, DROPPED, BROKEN)
    await life.wait(60)
    nudge = life.said_in(MODS)[0]
    for command in ("/tip", "/mentions", "/privacy", "/vigie"):
        await life.answer_to(await tess.types(life.channel(TIPS), command, WORD))
    await tess.presses(life.channel(MODS), nudge.ts, "Claim")
    await ada.says(ada.dm, f"tip {WORD}")
    await tess.opens_home()
    await tess.says(life.channel(SUPPORT), f"Like this: {WORD}", thread=said)
    other = await life.asks(text=f"{ASKED} again", name="bob")
    await life.person("bob").deletes(life.channel(SUPPORT), other)
    usual = life.settings
    life.settings = _raising
    told = await ada.says(life.channel(HELP), ASKED)
    life.settings = usual
    assert told.text == ASKED
    life.town.granted.state = "token_revoked"
    await life.wait(5)
    await life.slack.quiet()


def _raising(community: Community) -> Settings:
    raise RuntimeError(f"a mistake about {community}")


async def test_discord(url: str, opening: Opening, lines: io.StringIO) -> None:
    """The bot's token, the interactions' own, and what people wrote."""
    clock = FakeClock()
    wire = WireDiscord(clock.now)
    await wire.start()
    harbour = Harbour(wire, clock, opening(url))
    try:
        await harbour.start()
        asked = harbour.ada.say(harbour.support, ASKED)
        await harbour.opened(asked)
        harbour.ada.edit(harbour.support, asked, f"{ASKED} please")
        harbour.wire.rest.script("POST /channels/{channel}/messages", Dropped(False), broken(500), channel=harbour.mods)
        await harbour.wait(60)
        commanded = [
            await harbour.tess.slash(harbour.mods, "tip", topic=WORD),
            await harbour.tess.slash(harbour.mods, "mentions", "why", link=f"https://x.example/{WORD}"),
        ]
        harbour.ada.direct(f"tip {WORD}")
        harbour.tess.reply(harbour.support, asked, f"Like this: {WORD}")
        await harbour.closed(asked)
        await harbour.wait(1)
        secrets = {WORD, wire.token, *(one.token for one in commanded)}
        assert len(secrets) == 4
        await nowhere(secrets, lines, url, harbour.bot, DISCORD)
    finally:
        await harbour.die()
        await wire.stop()
