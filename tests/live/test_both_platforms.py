"""One process that serves Slack and Discord side by side, each over its own protocol on loopback."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.guilds import DISCORD
from adapters.slack.chat import SlackChat
from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.delivery import Deliverer
from bot.keeping import StoreKeeper
from bot.mentions.worktime import WorkingHours
from bot.model import Community, Platform
from bot.runner import Runner
from bot.settings import MentionSettings, Mode, Settings, Step, Target, TeamSettings
from bot.shelf import Shelf
from storage.memory import MemoryStore
from tests.discord.wire.server import WireDiscord
from tests.slack.scenarios.living import MODS, QUICK, SUPPORT, app_of, populate
from tests.slack.server.slack import Slack
from tests.slack.server.waiting import until

SLACK = Platform("slack")
AT_ONCE = (Step(timedelta(microseconds=1), Target.CHANNEL),)


def settings(members: frozenset[str], support: str, mods: str) -> Settings:
    """Around the clock, and whoever asks is nudged about at once."""
    return Settings(
        hours=WorkingHours.parse("always", ZoneInfo("UTC")),
        team=TeamSettings(members=members),
        mentions=MentionSettings(channel=mods, watch={support: Mode.QUESTIONS}, ladder=AT_ONCE),
    )


class Both:
    """A workspace and a guild, and one bot."""

    def __init__(self, slack: Slack, wire: WireDiscord) -> None:
        self.slack, self.wire = slack, wire
        slack.app.subscribed = frozenset(BOT_EVENTS)
        self.workspace = slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
        populate(self.workspace)
        self.guild = wire.town("Harbour")
        self.support, self.mods = self.guild.channel("support"), self.guild.channel("moderators")
        self.tess, self.ada = self.guild.person("Tess"), self.guild.person("Ada")
        decided = {
            SLACK: settings(frozenset({"U0TESS"}), SUPPORT, MODS),
            DISCORD: settings(frozenset({self.tess.id}), self.support, self.mods),
        }
        clock, store, names = SystemClock(), MemoryStore(), Names()
        keeper = StoreKeeper(store, clock, "both")

        def of(community: Community) -> Settings:
            return decided[community.platform]

        app = app_of(slack, "socket", self.workspace.token)
        chats = {
            SLACK: SlackChat(app, of, names, keeper, clock, replace(QUICK, silence=60)),
            DISCORD: DiscordChat(DiscordApp(wire.token), of, names, keeper, clock, connector=wire.connector()),
        }
        self.bot = Bot(store, chats, clock, of, Shelf(), names)
        self.runner = Runner(self.bot, Deliverer(store, chats, clock, self.bot.voice, owner="both"), chats)

    def connected(self, platform: Platform) -> bool:
        watches = [w for w in self.bot.watches.values() if w.community.platform == platform]
        return any(w.along.connected and not w.along.behind for w in watches)

    def nudges_on_discord(self) -> list[str]:
        me = self.wire.world.me["id"]
        there = self.wire.world.messages.get(self.mods, {}).values()
        return [json.dumps(message) for message in there if message["author"]["id"] == me]


async def test_one_process_serves_both(wire: WireDiscord) -> None:
    """Each community's people get their nudge where they are; losing one platform's connection disturbs no other."""
    async with Slack() as slack:
        both = Both(slack, wire)
        running = asyncio.create_task(both.runner.run())
        try:
            await until(lambda: both.connected(SLACK) and both.connected(DISCORD), "both connections")
            await both.workspace.person("ada").says(
                both.workspace.workspace.channels[SUPPORT], "How do I reset my password?"
            )
            both.ada.say(both.support, "Where is the harbour map?")
            await until(lambda: slack.journal.said_in(MODS), "the nudge on Slack")
            await until(both.nudges_on_discord, "the nudge on Discord")
            both.wire.gateway.drop()
            await both.workspace.person("bob").says(both.workspace.workspace.channels[SUPPORT], "Is the site down?")
            await until(lambda: len(slack.journal.said_in(MODS)) == 2, "the second nudge on Slack")
            both.tess.say(both.support, "Ada, the map is in the drawer.")
            await until(
                lambda: "was answered" in "".join(both.nudges_on_discord()), "the nudge on Discord to be edited"
            )
        finally:
            both.runner.stop()
            await running
        assert len(slack.journal.said_in(MODS)) == 2
        assert len(both.nudges_on_discord()) == 1
        assert "harbour" not in "".join(accepted.text for accepted in slack.journal.accepted)
