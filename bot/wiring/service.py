"""The bot on live platforms: built from the configuration and run until told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreError, StoreUnavailable
from bot.logger import get_logger

if TYPE_CHECKING:
    from bot.config import Config
    from bot.model import Community
    from bot.ports import Store

log = get_logger(__name__)


def serve(config_file: Path | None, environ: Mapping[str, str]) -> None:
    """Run the bot until SIGTERM or SIGINT. Raises `VigieError` for whatever keeps it from starting, or ends it."""
    with ExitStack() as building:
        building.enter_context(unswept())
        from bot.config import load
        from bot.logs import configure

        config = load(config_file, environ)
        configure(config.log.format.value, config.log.level.value)
        for warning in config.warnings:
            log.warning("configuration", warning=warning)
        asyncio.run(_serve(config, built=building.close))


@contextmanager
def unswept() -> Iterator[None]:
    """For the time in which the bot is built: whatever is imported and made in it is there to stay.

    Python's garbage collector would look through all of it again and again, which is a tenth of a start; and, had it
    not been set apart at the end, later every time that it looks through everything, while nobody is served.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def _serve(config: Config, built: Callable[[], None]) -> None:
    from adapters.web.site import Probes, Site
    from bot.app import Bot
    from bot.clock import SystemClock
    from bot.delivery import Deliverer
    from bot.health import Health
    from bot.keeping import StoreKeeper
    from bot.runner import Runner
    from bot.shelf import Shelf
    from bot.wiring.platforms import chats_of, names_of

    clock, names, owner = SystemClock(), names_of(config), f"{socket.gethostname()}/{os.getpid()}"
    async with _store(config) as store:

        async def known() -> list[Community]:
            async with store.begin() as tx:
                return await tx.known()

        chats = chats_of(config, names, StoreKeeper(store, clock, owner), clock, known)
        bot = Bot(store, chats.by_platform, clock, config.settings, Shelf(config.own_tips), names)
        health = Health(bot, chats.by_platform, partial(_schema, config))
        deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner=owner, observe=health.attempted)
        runner = Runner(bot, deliverer, chats.by_platform, observe=health.heard, retention=config.database.retention)
        site = Site(config.http.host, config.http.port, Probes(health.problems, health.metrics), chats.routes)
        if config.http.port:
            await site.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, runner.stop)
        built()
        log.info("started", platforms=sorted(chats.by_platform), port=config.http.port or None)
        try:
            await runner.run()
        finally:
            await site.stop()
        log.info("stopped")


async def _schema(config: Config) -> str | None:
    """What is wrong with the database's schema by now: another copy may have upgraded it under us."""
    from storage.schema import require

    try:
        await require(config.database.url.get_secret_value())
    except StoreUnavailable:
        raise
    except StoreError as error:
        return str(error)
    return None


@asynccontextmanager
async def _store(config: Config) -> AsyncIterator[Store]:
    from storage.schema import ensure
    from storage.store import open_store

    url = config.database.url.get_secret_value()
    done = await ensure(url)
    if done.from_revision != done.to_revision:
        backup = str(done.backup) if done.backup else None
        log.info("database upgraded", before=done.from_revision, now=done.to_revision, backup=backup)
    store = open_store(url)
    try:
        yield store
    finally:
        await store.close()
