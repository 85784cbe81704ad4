"""Red-DiscordBot with its core, and a cog that looks for one pattern. Runs in an environment of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import tempfile

from bench.platforms_lap import Go, given, laps
from bench.platforms_stream import GUILD, Stream, discord_bodies, discord_guild, discord_ready, number_of

TOGETHER = 10
"""As in `platforms_discord`."""


async def race(told: Stream, folder: str) -> None:
    os.environ |= dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), folder)
    from redbot.core import _drivers, data_manager
    from redbot.core._cli import parse_cli_flags

    logging.disable(logging.CRITICAL)
    data_manager.config_file.parent.mkdir(parents=True, exist_ok=True)
    data_manager.create_temp_config()
    data_manager.load_basic_configuration("temporary_red")
    from redbot.core import commands
    from redbot.core.bot import Red

    await _drivers.get_driver_class().initialize(**data_manager.storage_details())
    red = Red(cli_flags=parse_cli_flags(["temporary_red", "--prefix", "!", "--no-cogs"]), description="", dm_help=None)
    pattern, heard = re.compile(r"how do i|does anybody know", re.IGNORECASE), 0

    class Cog(commands.Cog):
        @commands.Cog.listener()
        async def on_message(self, message) -> None:
            nonlocal heard
            heard += 1
            pattern.search(message.content)

    from redbot.core._events import init_events
    from redbot.core._global_checks import init_global_checks

    init_global_checks(red)
    init_events(red, red._cli_flags)
    red.loop = asyncio.get_running_loop()
    await red.add_cog(Cog())
    red._red_ready.set()
    parsers = red._connection.parsers
    parsers["READY"](discord_ready())
    parsers["GUILD_CREATE"](discord_guild(GUILD, [number_of(channel) for channel in told.channels]))
    await asyncio.sleep(0.1)

    async def begin() -> Go:
        nonlocal heard
        heard, coming = 0, list(discord_bodies(told, GUILD))
        resting = len(asyncio.all_tasks())

        async def go() -> None:
            for number, body in enumerate(coming, 1):
                parsers["MESSAGE_CREATE"](body)
                if number % TOGETHER == 0:
                    await asyncio.sleep(0)
            while heard < len(coming) or len(asyncio.all_tasks()) > resting:
                await asyncio.sleep(0)

        return go

    await laps(begin, len(told.said))
    os._exit(0)  # it was never connected, and need not say good-bye


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(race(given()[0], name))
