"""A thousand texts that try to call somebody, and every way in which the bot says something that people wrote."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Set
from random import Random
from typing import Any

from adapters.discord import looks as discord_looks
from adapters.discord.modals import modal
from adapters.slack import blocks as slack_blocks
from adapters.slack.fallback import fallback
from adapters.slack.home import home_view
from adapters.slack.modals import form_view, post_view
from bot.events import Addressed, ChannelLost, Choices, Completing, Home, HomeOpened, NewLook, Private, Reply, ShowForm
from bot.model import Member, Ping, PingKind
from bot.post import Post
from storage.memory import MemoryStore
from tests.app.village import HELP, MODS, ON_DUTY, Village, place, settings
from tests.discord.speaking import PINGS, texts_of
from tests.fakes import COMMUNITY
from tests.slack.valid import called
from tests.slack.valid import texts_of as slack_texts

CALLS = (
    *("@everyone", "@here", "@channel", "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<!channel|x>"),
    *("<@U0123ABCD>", "<@U0123ABCD|ada>", "<@W012A3CDE>", "<!subteam^S0STAFF>", "<!subteam^S0STAFF|@staff>"),
    *("<@400000000000000003>", "<@!400000000000000003>", "<@&500000000000000001>", "<@&100000000000000001>"),
    *("&lt;!here&gt;", "&lt;!channel&gt;", "&amp;lt;!here&amp;gt;", "&#60;!here&#62;", "\\u003c!here>", "%3C!here%3E"),
    *("[@everyone](https://evil.example)", "<https://evil.example|<!here>>", "<https://evil.example|@here>"),
    *("<mailto:a@b|<@U0123ABCD>>", "<!date^1^{date}|x>"),
    *("[x](<https://evil.example/@everyone>)", "</tip:1>", "<id:customize>", "<#C0123ABCD>", "<t:0:R>", "<:x:1>"),
)  # fmt: skip
TRICKS: tuple[Callable[[str], str], ...] = (
    lambda call: call,
    lambda call: f"Hello {call}, how are you?",
    lambda call: call.replace("@", "@\u200b").replace("!", "!\u200d"),
    lambda call: f"\u200b{call}\u200b",
    lambda call: "\u200b".join(call),
    lambda call: f"\u202e{call}\u202c",
    lambda call: f"\u2066{call[::-1]}\u2069\u200f{call}",
    lambda call: call.replace("@", "\uff20").replace("<", "\uff1c"),
    lambda call: call.replace("h", "\u04bb").replace("e", "\u0435"),
    lambda call: f"\n{call}\n> {call}\r\n- {call}\u2028{call}\x85{call}",
    lambda call: f"`{call}` ```{call}``` ``{call}",
    lambda call: f"**{call}** *{call}* __{call}__ ~~{call}~~ ||{call}||",
    lambda call: f"\\{call} \\\\{call}",
    lambda call: "".join(f"\\{sign}" for sign in call),
    lambda call: f"[{call}]({call}) [a]({call}",
    lambda call: f"<{call}> <<{call}>> {call}>",
    lambda call: f"{call[:2]}\x00{call[2:]}\x1b[31m\x7f",
    lambda call: f"{{{call}}} {{name}} {{0}} %s",
    lambda call: "x" * 70 + call,
    lambda call: "word " * 590 + call,
    lambda call: ("a " * 20 + call) * 60,
    lambda call: call.replace("&", "&amp;").replace("<", "&lt;"),
    lambda call: call.replace("e", "e\u0301").replace("r", "r\u20dd"),
    lambda call: "".join(f"{sign}\ufe0f" for sign in call),
)
SLACK_CALL = re.compile(r"<[@!#][^>]*>")
ALLOWED = {f"!subteam^{ON_DUTY}"}


def texts(number: int = 1000) -> list[str]:
    """The same every time: each call with each trick, then tricks upon tricks."""
    made = [trick(call) for call in CALLS for trick in TRICKS]
    dice = Random(11)
    while len(made) < number:
        made.append(dice.choice(TRICKS[1:18])(dice.choice(TRICKS[1:18])(dice.choice(CALLS))))
    # Spread, so that a few are of every kind.
    return Random(5).sample(made, len(made))[:number]


async def said_about(text: str, language: str = "en") -> tuple[list[Post], list[Reply]]:
    """All that the core says when somebody's name, messages, searches, presses and forms are this text."""
    village = Village(MemoryStore(), settings(language=language))
    await village.connect()
    by, tess = Member(COMMUNITY, "ada", text), Member(COMMUNITY, "tess", text)
    everybody = (Ping(PingKind.EVERYONE, ""), Ping(PingKind.ROLE, "staff"), Ping(PingKind.MEMBER, "vigie"))
    question = await village.says("ada", f"{text} what now?", channel=HELP, pings=everybody, by=by)
    await village.wait(32)
    for number in range(6):
        other = Member(COMMUNITY, f"b{number}", text)
        await village.says(f"b{number}", f"Hello, {text}?", channel=HELP, pings=everybody, by=other)
    await village.wait(32)
    mention = (await village.the_mention(question)).id
    link, first, now = village.chat.link(question.ref) or "", village.said[0], village.clock.now()
    replies = [
        await village.command("tess", "tip", text),
        await village.command("tess", "tip", f"zzqqxx {text}"),
        await village.command("tess", "mentions"),
        await village.command("tess", "mentions", f"why {link}"),
        await village.command("tess", "mentions", f"why {text}"),
        await village.command("tess", "mentions", text),
        await village.command("tess", "stats"),
        await village.command("adam", "vigie", text),
        await village.command("ada", "privacy", text),
        await village.command("tess", text),
        await village.press("tess", "tip.topic", text),
        await village.press("tess", "tip.show", text),
        await village.press("tess", "mention.snooze", mention, first),
        await village.press("tess", "mention.false", mention, first),
        await village.press("tess", "mention.claim", mention, first),
        await village.press("tess", text, text, first),
        await village.submit("tess", "mention.snooze", mention, choice=text),
        await village.submit("tess", "mention.false", mention, choice=text, reason=text),
        await village.submit("tess", text, text, choice=text),
        await village.bot.handle(HomeOpened(tess, now)),
        await village.bot.handle(Addressed(place("team"), tess, text, now, private=True)),
        await village.bot.handle(Addressed(place("team"), tess, f"tip {text}", now, private=False)),
        await village.bot.handle(Completing(place("team"), tess, "tip", "topic", text)),
    ]
    await village.edits(question, f"{text} indeed?", everybody)
    await village.bot.handle(ChannelLost(place(MODS), text, now, words=text))
    await village.says("tess", f"{text}", channel=HELP, thread=question.ref.id, by=tess)
    await village.wait(200)
    return [entry.post for entry in village.chat.journal.read()], [reply for reply in replies if reply is not None]


def everywhere(text: str, language: str = "en") -> int:
    """Say it every way on both platforms; how many messages and views that made. Raises AssertionError at a ping."""
    posts, replies = asyncio.run(said_about(text, language))
    for reply in replies:
        match reply:
            case Private(post) | NewLook(post):
                posts.append(post)
            case Home(pages):
                posts += pages
    made = 0
    for post in posts:
        assert set(post.pings) <= {Ping(PingKind.ROLE, ON_DUTY)}, post.pings
        made += _on_slack(post) + _on_discord(post)
    for reply in replies:
        if isinstance(reply, ShowForm):
            _slack_calls_nobody("", form_view(reply.form, place(MODS))["blocks"])
            _discord_calls_nobody(modal(reply.form, COMMUNITY))
            made += 2
        elif isinstance(reply, Choices):
            made += len(reply.offered)  # nothing in a list of choices is ever understood as a ping
    return made


def _on_slack(post: Post) -> int:
    parts = slack_blocks.rendered(post)
    for number, part in enumerate(parts):
        _slack_calls_nobody(part.text, part.blocks, ALLOWED if post.pings and not number else set())
    assert not set(SLACK_CALL.findall(fallback(post))) - {f"<{one}>" for one in ALLOWED if post.pings}
    for view in (post_view(post, post.title), home_view([post])):
        _slack_calls_nobody("", view["blocks"], ALLOWED if post.pings else set())
    return len(parts) + 2


def _slack_calls_nobody(text: str, blocks: list[dict[str, Any]], allowed: Set[str] = frozenset()) -> None:
    found = called(text, blocks)
    assert found <= allowed, (found, text[:200])
    for kind, shown in slack_texts(blocks):
        assert kind == "mrkdwn" or not re.search(r"<[@!#]", shown), shown[:200]


def _on_discord(post: Post) -> int:
    made = 0
    for components_v2 in (False, True):
        for body in discord_looks.rendered(post, "en", COMMUNITY, components_v2=components_v2):
            _discord_calls_nobody(body, {f"<@&{ping.id}>" for ping in post.pings})
            made += 1
    return made


def _discord_calls_nobody(body: Mapping[str, Any], allowed: Set[str] = frozenset()) -> None:
    """Neither by what the server looks for in the text, nor by what we allow it to find there."""
    for text in texts_of(dict(body)):
        found = set(PINGS.findall(text)) - allowed
        assert not found, (found, text[:200])
    told = body.get("allowed_mentions", {"parse": []})
    assert told.get("parse", []) == []
    assert not told.get("users")
