"""Reading DiscordChatExporter files in order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.exports import discord_export, open_export
from bot.errors import ExportError
from bot.events import Event, MessagePosted
from tests.exports.making import (
    STAFF,
    as_folder,
    as_zip,
    discord_file,
    messages,
    posted,
    texts,
)

Make = Callable[[Path, dict[str, bytes]], Path]


def test_discord_file(tmp_path: Path) -> None:
    """One file is one channel of a guild; the accounts are known from its messages."""
    path = tmp_path / "Cambouis - help [100].json"
    path.write_bytes(discord_file([posted(1, "a"), posted(2, "b", STAFF)]))
    with open_export(path) as export:
        assert (export.platform_name, str(export.community), export.channels) == (
            "discord",
            "export:900",
            {"100": "help"},
        )
        assert texts(export, "#help") == ["a", "b"]
        assert {id_: member.name for id_, member in export.members.items()} == {"1": "Alice A.", "2": "Bob"}
        assert export.size == path.stat().st_size
        done: list[int] = []
        list(export.events(progress=done.append))
        assert done[-1] == export.size


def discord_files() -> dict[str, bytes]:
    thread = {"id": "3", "type": "GuildPublicThread", "categoryId": "100", "category": "help", "name": "no light"}
    return {
        "help.json": discord_file([posted(1, "a"), posted(3, "c"), posted(6, "f")]),
        "help [part 2].json": discord_file([posted(6, "f"), posted(9, "i"), "nonsense"]),
        "threads/no light.json": discord_file([posted(4, "d"), posted(7, "g")], thread),
        "lounge.json": discord_file([posted(2, "b"), posted(5, "e"), posted(8, "h")], {"id": "101", "name": "lounge"}),
        "empty.json": discord_file([], {"id": "102", "name": "empty"}),
        "config.json": b'{"token": 1}',
    }


@pytest.mark.parametrize("make", [as_folder, as_zip])
def test_discord_folder(tmp_path: Path, make: Make) -> None:
    """Channels, threads and partitions are one stream in order; what two files both hold arrives once."""
    with open_export(make(tmp_path / "x", discord_files())) as export:
        assert texts(export) == list("abcdefghi")
        assert texts(export, "lounge") == ["b", "e", "h"]
        assert {(one.ref.place.channel, one.ref.place.thread) for one in messages(export, "100")} == {
            ("100", None),
            ("100", "3"),
        }
        assert export.channels == {"100": "help", "101": "lounge", "102": "empty"}
        assert "config.json: not by DiscordChatExporter" in export.problems[0]
        assert "message 3 is skipped: it is not an object" in export.problems[1]
        assert export.problem_count == 2


def test_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the opposite order is turned round, if it fits into memory."""
    path = as_folder(tmp_path, {"help.json": discord_file([posted(n, str(n)) for n in (3, 2, 1)])})
    with open_export(path) as export:
        assert texts(export) == ["1", "2", "3"]
        assert export.problems == ()
        monkeypatch.setattr(discord_export, "LARGEST_BACKWARD", 100)
        with pytest.raises(ExportError, match="newest message first"):
            list(export.events())


def test_roles_by_name(tmp_path: Path) -> None:
    """A role that is pinged before somebody who has it wrote is recognised all the same."""
    path = as_folder(tmp_path, {"help.json": discord_file([posted(1, "@Helpers please"), posted(2, author=STAFF)])})
    with open_export(path) as export:
        assert messages(export)[0].pings[0].id == "55"


def test_broken_discord(tmp_path: Path) -> None:
    """A file cut short is named with how far it was whole; two guilds are no one community."""
    path = tmp_path / "help.json"
    whole = discord_file([posted(n) for n in range(5)])
    path.write_bytes(whole[: whole.rindex(b'"author"')])
    with (
        open_export(path) as export,
        pytest.raises(ExportError, match=r"help\.json: .* after 4 messages, the file ends too early"),
    ):
        list(export.events())
    both = {"a.json": discord_file([]), "b.json": discord_file([], guild_id="901")}
    with pytest.raises(ExportError, match=r"holds several guilds \(900, 901\): expected the files of one"):
        open_export(as_folder(tmp_path / "both", both))


@given(st.lists(st.lists(st.integers(0, 500), max_size=30), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_always_in_order(tmp_path: Path, channels: list[list[int]]) -> None:
    """However messages are spread over channels, all of them arrive, and in order."""
    files = {
        f"{n}.json": discord_file([posted(id_) for id_ in sorted(set(ids))], {"id": f"c{n}", "name": f"n{n}"})
        for n, ids in enumerate(channels)
    }
    with open_export(as_zip(tmp_path / "x.zip", files)) as export:
        found = messages(export)
    assert all(before.at <= after.at for before, after in pairwise(found))
    assert {int(message.ref.id) for message in found} == {id_ for ids in channels for id_ in ids}


def test_stopping_early(tmp_path: Path) -> None:
    """Who stops listening leaves nothing open, and the next listener begins anew."""
    path = as_zip(tmp_path / "x.zip", discord_files())
    with open_export(path) as export:
        first: Event = next(export.events())
        assert isinstance(first, MessagePosted)
        assert texts(export)[0] == first.message.text == "a"
    path.unlink()
