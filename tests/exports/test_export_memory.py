"""Memory while an export is read."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from adapters.exports import open_export
from tests.exports.making import (
    DAY,
    START,
    as_folder,
    discord_file,
    person,
    posted,
    said,
    slack_files,
)


def peak(path: Path) -> int:
    """Bytes of Python objects at the most while all events are read."""
    tracemalloc.start()
    try:
        with open_export(path) as export:
            count = sum(1 for _ in export.events())
        assert count > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_slack_memory_is_flat(tmp_path: Path) -> None:
    """Ten times as many days take no more memory."""

    def write(name: str, days: int) -> Path:
        text = "x" * 200
        return as_folder(
            tmp_path / name,
            slack_files(
                {
                    f"general/2026-{9 + n // 28:02}-{1 + n % 28:02}": [
                        said(f"{START + n * DAY + m}.0", text) for m in range(400)
                    ]
                    for n in range(days)
                }
            ),
        )

    peak(write("warm", 1))
    assert peak(write("long", 40)) < 1.5 * peak(write("short", 4))


def test_discord_memory_is_flat(tmp_path: Path) -> None:
    """Ten times as many messages, and ten times as many threads after one another, take no more memory."""

    def write(name: str, count: int) -> Path:
        people = [person(str(n), f"member{n}") for n in range(50)]
        said = [posted(n, "x" * 300, people[n % 50]) for n in range(count)]
        files = {"help.json": discord_file(said)}
        for at in range(0, count, 100):
            thread = {"id": f"t{at}", "type": "GuildPublicThread", "categoryId": "100", "category": "help"}
            answers = [message | {"id": f"t{message['id']}"} for message in said[at : at + 100]]
            files[f"{at}.json"] = discord_file(answers, thread)
        return as_folder(tmp_path / name, files)

    peak(write("warm", 100))
    assert peak(write("long", 3400)) < 1.5 * peak(write("short", 700))
