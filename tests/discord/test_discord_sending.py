"""What the adapter says in Discord, on the wire."""

from __future__ import annotations

from bot.events import Connected, MessagePosted
from bot.markup import Markup
from bot.model import Place
from bot.post import Button, Post
from tests.discord.connecting import community, living, watching
from tests.discord.wire.server import WireDiscord

POST = Post("Ada is waiting", Markup("For an answer"), buttons=(Button("Claim", "claim", "m1"),))


async def test_it_connects_hears_and_speaks(wire: WireDiscord) -> None:
    """Somebody writes in a watched channel, the core is told; what the core says is there, once."""
    town = wire.town()
    support = town.channel("support")
    ada = town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        ada.say(support, "Does anybody know?")
        await house.until(lambda: house.core.told(MessagePosted))
        ref = await house.chat.post(Place(community(town.id), support), POST, "nudge/1")
        assert ref.place == Place(community(town.id), support)
        assert (await house.chat.fetch(ref)) is not None
        assert len(wire.world.accepted) == 1
