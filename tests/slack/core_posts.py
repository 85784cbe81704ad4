"""Every kind of post that the core makes, as it really makes it, in the language asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from bot.events import ActionTaken, Home, HomeOpened, Private, Reply, ShowForm
from bot.model import Finding, Ping, PingKind, Place, Severity
from bot.post import Form, Post
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from storage.memory import MemoryStore
from tests.app.village import Village, member

SUPPORT, MODS, TIPS = "C0SUPPORT1", "C0MODS0001", "C0TEAM0001"
DUTY = "S0DUTY0001"
CALL = (Ping(PingKind.ROLE, DUTY),)


def decided(language: str, digest: int = 4) -> Settings:
    return Settings(
        language=language,
        team=TeamSettings(admins=("adam",), lead="lea", on_duty=DUTY),
        tips=TipSettings(channel=TIPS, at=time(10)),
        mentions=MentionSettings(channel=MODS, watch={SUPPORT: Mode.QUESTIONS}, digest=digest),
    )


async def core_posts(language: str) -> dict[str, Post]:
    """By name. The story: Ada and others ask, nobody answers for a working day, then somebody looks into it."""
    village = Village(MemoryStore(), decided(language))
    await village.connect()
    village.chat.findings = [
        Finding("#support", Severity.ERROR, "not_in_channel", "Invite me with /invite."),
        Finding("token", Severity.OK, "works"),
    ]
    question = await village.asks(
        "ada", "Hello :wave: how do I *export* my data?\nIs <that> & more possible?", channel=SUPPORT
    )
    await village.wait(60)
    await village.asks("bob", "Where can I find the invoices?", channel=SUPPORT)
    await village.wait(timedelta(hours=12 * 2))
    posts = dict(await _said(village))
    posts |= await _answers(village, language, question.ref.id)
    posts |= await _buttons(village, language, question.ref.place)
    posts["digest"] = await _digest(language)
    return posts


async def core_home(language: str, name: str = "tess") -> list[Post]:
    village = Village(MemoryStore(), decided(language))
    await village.connect()
    for asker in ("ada", "bob", "cleo"):
        await village.asks(asker, f"How do I do this, asks {asker}?", channel=SUPPORT)
    reply = await village.bot.handle(HomeOpened(member(name, language), village.clock.now()))
    assert isinstance(reply, Home)
    return list(reply.posts)


async def core_forms(language: str) -> list[Form]:
    village = Village(MemoryStore(), decided(language))
    await village.connect()
    question = await village.asks("ada", "How do I do this?", channel=SUPPORT)
    mention = await village.the_mention(question)
    forms = []
    for action in ("mention.snooze", "mention.false"):
        reply = await village.press("tess", action, mention.id, locale=language)
        assert isinstance(reply, ShowForm)
        forms.append(reply.form)
    return forms


async def _said(village: Village) -> list[tuple[str, Post]]:
    """What went out by itself: tips, nudges, and the reminders under them and to the lead."""
    kinds = {delivery.key: delivery.kind for delivery in await village.deliveries()}
    told: list[tuple[str, Post]] = []
    for number, accepted in enumerate(village.said):
        kind = kinds[accepted.key or ""]
        told.append((f"{kind} {number}", accepted.post))
    return told


async def _answers(village: Village, language: str, message: str) -> dict[str, Post]:
    asked = {
        "today's tip": ("tip", ""),
        "a topic": ("tip", "engagement"),
        "topics": ("tip", "topics"),
        "nothing found": ("tip", "xyzzy plugh"),
        "list": ("mentions", ""),
        "why": ("mentions", f"why {village.chat.link((await village.waiting())[0].ref)}"),
        "stats": ("mentions", "stats"),
        "wrong use": ("mentions", "abracadabra"),
        "help": ("vigie", ""),
        "check": ("vigie", "check"),
    }
    return {
        name: _private(await village.command("tess", command, text, locale=language))
        for name, (command, text) in asked.items()
    }


async def _buttons(village: Village, language: str, place: Place) -> dict[str, Post]:
    mention = (await village.waiting())[0]
    claimed = _private(await village.press("tess", "mention.claim", mention.id, locale=language))
    done = _private(await village.press("tess", "mention.done", mention.id, locale=language))
    shared = _private(
        await village.bot.handle(
            ActionTaken(
                replace(place, channel=TIPS),
                member("tess", language),
                "tip.share",
                _a_tip(village),
                village.clock.now(),
            )
        )
    )
    outsider = _private(await village.command("bob", "mentions", locale=language))
    return {"claimed": claimed, "done": done, "shared": shared, "not for you": outsider}


async def _digest(language: str) -> Post:
    village = Village(MemoryStore(), decided(language))
    await village.connect()
    for number in range(20):
        await village.asks(f"asker{number}", f"How do I do number {number}?", channel=SUPPORT)
    await village.wait(45)
    return village.said_in(MODS)[-1]


def _a_tip(village: Village) -> str:
    return next(iter(village.shelf.library.tips))


def _private(reply: Reply | None) -> Post:
    assert isinstance(reply, Private)
    return reply.post
