"""The doors by which something comes in, each as a promise: whatever comes, nothing breaks and nobody is moved.

Each takes a `Random` and raises AssertionError, or whatever it was that broke.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from adapters.discord import incoming as discord
from adapters.discord.content import after_name, said
from adapters.exports import open_export
from adapters.slack import grammar
from adapters.slack import incoming as slack
from bot.app import Names
from bot.config import load as load_config
from bot.config.reference import toml
from bot.errors import ConfigError, ExportError
from bot.events import Event
from bot.markup import Markup, parse
from bot.mentions.reading import read
from bot.model import Ping, PingKind, Team
from bot.settings import MentionSettings, Mode, TeamSettings
from bot.tips import library
from storage.memory import MemoryStore
from tests.app.village import MODS, Village, settings
from tests.discord.speaking import CHANNEL, ME, STAFF, TEAM, KnownGuild
from tests.exports import making
from tests.fakes import COMMUNITY, MONDAY
from tests.hostile import junk
from tests.hostile.payloads import DISCORD_ACTS, DISCORD_EVENTS, SLACK_ACTS, SLACK_EVENTS, SUPPORT, slack_envelope

NAMES = {"U0ADA": "Ada", "U0TESS": "Tess", "S0STAFF": "staff", SUPPORT: "support"}
SLACK_HERE = slack.Workspace(COMMUNITY, me="U0VIGIE", bot="B0VIGIE", team="T1", names=NAMES.get)
SLACK_TEAM = Team("U0VIGIE", frozenset({"U0TESS", "U0TIM"}), frozenset({"S0STAFF"}))
DISCORD_HERE = KnownGuild(community=COMMUNITY)
ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
JARGON = re.compile(r"pydantic|Traceback|object at 0x|<class|validation error")


def slack_payloads(random: Random) -> None:
    """An event, or something that somebody does: junk moves nobody, and what was mangled opens one mention at most."""
    whole = random.random() < 0.8
    if random.random() < 0.7:
        known = random.choice(SLACK_EVENTS)
        event = junk.mangled(random, known, SLACK_EVENTS) if whole else {**_an_object(random), "type": known["type"]}
        body = slack_envelope(event)
        if random.random() < 0.3:
            body = junk.mangled(random, body, SLACK_ACTS)
    else:
        body = junk.mangled(random, random.choice(SLACK_ACTS), SLACK_EVENTS) if whole else _an_object(random)
    slack.community_of(body)
    slack.matters(body, {SUPPORT})
    slack.channel_of(body)
    told = slack.events_of(_inner(body), SLACK_HERE, now=MONDAY)
    told += [event for act in _slack_acts(body) if (event := act) is not None]
    asyncio.run(_moves(told, SLACK_TEAM, SUPPORT, anything=whole))


def _inner(body: Any) -> Mapping[str, Any]:
    event = body.get("event")
    return event if isinstance(event, dict) else {}


def _slack_acts(body: Any) -> Iterable[Event | None]:
    yield slack.command_of(body, SLACK_HERE, {"/tip": "tip", "/mentions": "mentions"}, now=MONDAY)
    yield slack.action_of(body, SLACK_HERE, now=MONDAY)
    yield slack.form_of(body, SLACK_HERE, now=MONDAY)
    yield slack.shortcut_of(body, SLACK_HERE, now=MONDAY)


def discord_payloads(random: Random) -> None:
    """A dispatch of the gateway or an interaction; the same."""
    whole = random.random() < 0.8
    everything = [payload for _, payload in DISCORD_EVENTS]
    told: list[Event | None] = []
    if random.random() < 0.7:
        name, known = random.choice(DISCORD_EVENTS)
        payload = junk.mangled(random, known, everything) if whole else _an_object(random)
        if random.random() < 0.1:
            name = random.choice(sorted(discord.KINDS))
        told += discord.events_of(name, payload, DISCORD_HERE, MONDAY)
    else:
        payload = junk.mangled(random, random.choice(DISCORD_ACTS), everything) if whole else _an_object(random)
        discord.guild_of(payload)
        told.append(discord.command_of(payload, DISCORD_HERE, Names(), MONDAY))
        told.append(discord.completing_of(payload, DISCORD_HERE, Names()))
        told.append(discord.action_of(payload, DISCORD_HERE, MONDAY))
        told.append(discord.form_of(payload, DISCORD_HERE, MONDAY))
    asyncio.run(_moves([event for event in told if event is not None], TEAM, CHANNEL, anything=whole))


def _an_object(random: Random) -> dict[str, Any]:
    made = junk.value(random)
    return made if isinstance(made, dict) else {junk.text(random)[:8]: made}


async def _moves(told: list[Event], team: Team, channel: str, *, anything: bool) -> None:
    """The events are sound, the core takes them, and what comes of them is about one message of a watched channel."""
    for event in told:
        _is_sound(event)
    if not told:
        return
    decided = settings(
        mentions=MentionSettings(channel=MODS, watch={channel: Mode.EVERYTHING}),
        team=TeamSettings(members=team.members, roles=team.roles),
    )
    village = Village(MemoryStore(), decided)
    village.chat.teams[COMMUNITY] = team
    await village.connect()
    for event in told:
        await village.bot.handle(event)
    waiting = await village.waiting()
    await village.wait(timedelta(minutes=31))
    assert len(waiting) <= anything, "one payload opened several mentions, or junk opened one"
    for mention in waiting:
        assert mention.ref.place.channel == channel
        assert ID.fullmatch(mention.asker)
        assert mention.asker not in {*team.members, team.me}
        assert re.fullmatch(r"[0-9.]+", mention.ref.id)
    assert len(village.said) <= len(waiting)
    for accepted in village.said:
        assert set(accepted.post.pings) <= {Ping(PingKind.ROLE, "duty")}


def _is_sound(part: Any) -> None:
    """Texts that a database can hold, instants that are some, at any depth."""
    if isinstance(part, str):
        part.encode()
        assert "\x00" not in part
    elif isinstance(part, datetime):
        assert part.tzinfo is not None
    elif isinstance(part, tuple | list | frozenset):
        for one in part:
            _is_sound(one)
    elif isinstance(part, Mapping):
        _is_sound([*part, *part.values()])
    elif is_dataclass(part):
        for field in fields(part):
            _is_sound(getattr(part, field.name))


def mention_grammar(random: Random) -> None:
    """Any text, as either platform writes it, is read: what it says, whom it calls, whether it asks for something."""
    text = "".join(junk.text(random) for _ in range(random.randint(1, 4)))
    if random.random() < 0.02:
        text = random.choice((*junk.BITS, *junk.SIGNS)) * random.randint(1, 2000)
    seen = grammar.seen(_fit(text), NAMES.get)
    grammar.after_name(text, "U0VIGIE")
    of_discord = said({"content": _fit(text)}, DISCORD_HERE)
    after_name(_fit(text), frozenset({ME, STAFF}))
    for pings, plain in ((seen.pings, seen.text), (of_discord.pings, of_discord.text)):
        for ping in pings:
            assert ping.id
        read(plain)
        parse(Markup("{said}").format(said=plain))


def _fit(text: str) -> str:
    """As translation hands it on: see `_UNFIT` of Slack's payloads and `as_text` of Discord's."""
    return text.encode(errors="replace").decode().replace("\x00", "")


CONFIG: Mapping[str, Any] = {
    "zone": "Europe/Paris",
    "hours": ["mon-fri 09:00-12:00, 13:00-18:00"],
    "language": "fr",
    "tips": {"channel": "C0TEAM", "at": "10:00", "days": ["mon", "fri"], "catch_up": "2h"},
    "team": {"members": ["U0LEA"], "roles": ["S0STAFF"], "admins": ["U0ADAM"], "lead": "U0LEA", "on_duty": "S0DUTY"},
    "mentions": {
        "channel": "C0MODS",
        "watch": {"C0SUPPORT": "questions"},
        "keywords": ["vigie"],
        "ladder": [{"after": "30m", "to": "channel"}, {"after": "2h", "to": "on_duty"}],
        "claim": "2h",
        "digest": 5,
    },
    "holidays": {"country": "FR", "subdivision": "57", "dates": ["2026-05-15"]},
    "http": {"host": "127.0.0.1", "port": 3000},
    "log": {"level": "info", "format": "json"},
    "commands": {"tip": "tip"},
    "communities": [{"id": "slack:T01", "language": "en", "tips": {"at": "11:00"}}],
}
"""A whole configuration, in which everything can be mangled."""


def configuration(random: Random) -> None:
    """A file, and variables beside it: a configuration, or an error that names the file and tells no internals."""
    raw = mangled_toml(random, CONFIG)
    names = ("VIGIE_ZONE", "VIGIE_TIPS__AT", "VIGIE_DATABASE__URL", "VIGIE_MENTIONS__DIGEST", "VIGIE_LOG__LEVEL")
    # What a process can be given: no NUL.
    environ = {random.choice(names): junk.text(random).replace("\x00", "")} if random.random() < 0.3 else {}
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, "config.toml")
        path.write_bytes(raw)
        try:
            load_config(path, environ)
        except ConfigError as error:
            assert str(error)  # noqa: PT017  # either outcome is right
            assert not JARGON.search(str(error)), str(error)  # noqa: PT017


def mangled_toml(random: Random, sound: dict[str, Any]) -> bytes:
    """A file of such tables, mangled; now and then not even TOML."""
    data = junk.mangled(random, sound, [sound])
    data = data if isinstance(data, dict) else {}
    written = "\n".join(f"{toml_key(key)} = {toml(_without_none(value))}" for key, value in data.items())
    raw = written.encode(errors="replace")
    if random.random() < 0.2:
        at = random.randint(0, len(raw))
        raw = raw[:at] + junk.text(random).encode(errors="surrogatepass") + raw[at:]
    return raw


def toml_key(key: object) -> str:
    return json.dumps(str(key), ensure_ascii=True) if not str(key).isidentifier() else str(key)


def _without_none(value: Any) -> Any:
    """TOML has no null."""
    if isinstance(value, dict):
        return {str(key): _without_none(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_none(one) for one in value if one is not None]
    return value


def exports(random: Random) -> None:
    """A zip or a folder by somebody else: events, or an error in words."""
    if random.random() < 0.5:
        files: dict[str, Any] = {
            "users.json": making.USERS,
            "channels.json": making.CHANNELS,
            **{f"{name}.json": list(said) for name, said in making.two_days().items()},
        }
        name = random.choice(sorted(files))
        files[name] = junk.mangled(random, files[name], list(SLACK_EVENTS))
        parts = {name: _as_json(data) for name, data in files.items()}
    else:
        chat = json.loads(making.discord_file([making.posted(1, "a"), making.posted(2, "b", making.STAFF)]))
        parts = {"help.json": _as_json(junk.mangled(random, chat, [payload for _, payload in DISCORD_EVENTS]))}
    if random.random() < 0.2:
        name = random.choice(sorted(parts))
        cut = random.randint(0, len(parts[name]))
        parts[name] = parts[name][:cut] + bytes(random.randrange(256) for _ in range(random.randrange(4)))
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = making.as_zip(Path(folder, "x.zip"), parts)
        if random.random() < 0.1:
            raw = bytearray(path.read_bytes())
            raw[random.randrange(len(raw))] = random.randrange(256)
            path.write_bytes(raw)
        try:
            with open_export(path) as export:
                for event in export.events():
                    _is_sound(event)
        except ExportError as error:
            assert "x.zip" in str(error)  # noqa: PT017  # either outcome is right


def _as_json(data: Any) -> bytes:
    return json.dumps(data).encode()


TIP: Mapping[str, Any] = {
    "number": 7,
    "slug": "say-hello",
    "topics": ["welcome"],
    "en": {
        "title": "Say hello",
        "tip": "Greet whoever comes in by name, within the hour, and ask what brings them here.",
        "try": "Write three greetings that you would like to get.",
        "words": ["greeting"],
    },
}


def own_tips(random: Random) -> None:
    """A folder of the team's own tips: a library, and problems that name the file."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        own = Path(folder)
        for number in range(random.randint(1, 2)):
            raw = mangled_toml(random, TIP)
            name = random.choice((f"tip-{number}", "topics", "é", "1", "x" * 100))
            (own / f"{name}.toml").write_bytes(raw)
        found, problems = library.load(own)
        for problem in problems:
            assert str(problem)
        for tip in found.tips:
            _is_sound(tip)


def _memory() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


Door = Callable[[Random], None]
DOORS: Mapping[str, tuple[Door, float]] = {
    "Slack's payloads": (slack_payloads, 0.30),
    "Discord's payloads": (discord_payloads, 0.30),
    "mention grammar": (mention_grammar, 0.22),
    "configuration": (configuration, 0.08),
    "exports": (exports, 0.08),
    "own tips": (own_tips, 0.02),
}
"""Each with its share of what is tried."""
