"""All that the core says, in both languages, as Discord shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.discord.looks import rendered
from bot.events import NewLook, Private
from bot.helping import check_post
from bot.model import Finding, Severity
from bot.post import Post
from bot.settings import TipSettings
from bot.texts import texts
from storage.memory import MemoryStore
from tests.app.village import Village, settings
from tests.discord.speaking import COMMUNITY, told, wrong_message


async def said(language: str) -> AsyncIterator[tuple[str, Post]]:
    """A morning in a community: what is posted, what is edited, and what each command and button answers."""
    village = Village(MemoryStore(), settings(language=language, tips=TipSettings(channel="team")))
    await village.connect()
    for number in range(9):
        await village.asks(f"asker{number}", "How do I *reset* my password? I tried everything_and <@1> # it")
    await village.time_passes(60)
    await village.settle()
    first = await village.asks("ada", "Can somebody help me with the printer?")
    await village.wait(timedelta(hours=9))
    waiting = await village.waiting()
    await village.press("tess", "mention.claim", waiting[0].id)
    await village.wait(1)
    for accepted in village.said:
        yield f"posted in {accepted.ref.place.channel}", village.look(accepted)
        yield "as it was", accepted.post
    asked = ["tip", "tip engagement", "tip topics", "tip qqqq", "mentions list", "mentions stats", "mentions why"]
    asked += ["mentions what", "vigie help", "vigie what", f"mentions why {village.chat.link(first.ref)}"]
    for typed in asked:
        command, _, text = typed.partition(" ")
        reply = await village.command("tess", command, text, locale=language)
        assert isinstance(reply, Private)
        yield f"/{typed}", reply.post
    yield "a stranger", await answered(village, "bob", "mention.done", waiting[1].id)
    for action, value in (("mention.done", f"{waiting[1].id}/0"), ("mentions.page", "8"), ("tip.off", "no-spam")):
        yield action, await answered(village, "tess", action, value)
    findings = [Finding("#support", severity, "Ada: *x*", "Do this.") for severity in Severity]
    yield "check", check_post(findings, texts(language))


async def answered(village: Village, who: str, action: str, value: str) -> Post:
    reply = await village.press(who, action, value)
    assert isinstance(reply, Private | NewLook)
    return reply.post


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_everything_that_the_core_says_is_one_valid_message(language: str) -> None:
    """Tips, nudges, reminders, digests, lists, figures, help: nothing of it is too long for one message."""
    kinds = 0
    async for what, post in said(language):
        bodies = rendered(post, language, COMMUNITY)
        assert len(bodies) == 1, what
        assert wrong_message(bodies[0]) == [], what
        shown = told(bodies)
        assert post.title == "" or shown.strip() != "", what
        assert "{" not in shown, what
        kinds += 1
    assert kinds > 20
