"""No message text is ever stored: the database holds ids, instants, rules and figures."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from village import CALL, FORUM, HELP, SUPPORT, TIPS_AT_TEN, Village, named, place, settings

from bot.errors import Forbidden
from bot.events import ChannelLost
from bot.model import Member
from bot.ports import Store
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, Fault

CANARY = "canarybird"


async def test_no_word_of_anybody_is_stored(store: Store, tmp_path: Path) -> None:
    """After a whole scenario, no row of the store holds a word that somebody wrote, nor anybody's name."""
    village = Village(store, settings(tips=TIPS_AT_TEN))
    await village.connect()
    for number, channel in enumerate((SUPPORT, HELP, FORUM, SUPPORT, HELP, FORUM, SUPPORT, HELP)):
        by = Member(COMMUNITY, f"guest{number}", f"{CANARY} Name")
        text = f"How is my {CANARY} doing @staff?"
        said = await village.says(f"guest{number}", text, channel=channel, pings=CALL, by=by)
        await village.says(f"guest{number}", f"My {CANARY} is ill", channel=channel, by=by)
        await village.edits(said, f"How is my old {CANARY}?", CALL)
    await village.wait(70)
    mention = await village.the_mention(village.chat.messages[0])
    await village.says("tess", f"{CANARY}: fine", channel=HELP, pings=named("guest1"))
    await village.reacts("tim", village.chat.messages[4])
    await village.submit("tess", "mention.false", mention.id, choice="chat", note=CANARY)
    await village.submit("tess", "mention.snooze", (await village.waiting())[0].id, choice=CANARY)
    for text in (f"tip {CANARY}", CANARY, f"why {CANARY}/{CANARY}/{CANARY}"):
        await village.command("tess", "tip", text)
        await village.command("tess", "mentions", text)
    await village.press("tess", "tip.useful", next(iter(village.shelf.library.tips)))
    village.chat.script("post", Fault(Forbidden("no", reason="not_in_channel")))
    await village.wait(60 * 8)
    await village.bot.handle(ChannelLost(place(FORUM), "is_archived", village.clock.now()))
    await village.restart()
    await village.wait(60 * 24)
    assert any(CANARY in item.body for post in village.said_in("mods") for item in post.items), "people see the words"
    assert _rows(store, tmp_path).count("guest1") > 1, "the search finds what is there"
    assert CANARY not in _rows(store, tmp_path)


def _rows(store: Store, folder: Path) -> str:
    """Everything that is stored, as one text."""
    if isinstance(store, MemoryStore):
        shelves = vars(store._shelves)
        return repr({name: shelf for name, shelf in shelves.items() if name != "_log"})
    with sqlite3.connect(folder / "vigie.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [repr(row) for table in tables for row in database.execute(f'SELECT * FROM "{table}"')]
    database.close()
    return "\n".join(rows) + "".join(
        file.read_bytes().decode("latin-1") for file in folder.iterdir() if file.name.startswith("vigie.db")
    )
