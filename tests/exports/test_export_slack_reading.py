"""Reading a Slack export in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from adapters.exports import open_export
from bot.errors import ExportError
from tests.exports.making import (
    DAY,
    START,
    Days,
    as_folder,
    as_zip,
    messages,
    said,
    slack_files,
    texts,
    two_days,
)


@pytest.fixture(params=["folder", "zip", "zip with a folder", "folder of a folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """The same files, in each way in which they come."""
    nested = "with" in request.param or "of" in request.param

    def write(files: dict[str, bytes]) -> Path:
        named = {f"Cambouis export/{name}" if nested else name: data for name, data in files.items()}
        junk = {"__MACOSX/general/2026-09-10.json": b"\x00", ".DS_Store": b"\x00", "general/.2026-09-10.json": b"x"}
        named |= junk
        return as_zip(tmp_path / "x.zip", named) if "zip" in request.param else as_folder(tmp_path / "x", named)

    return write


def test_slack_order(make: Callable[[dict[str, bytes]], Path]) -> None:
    """Zip or folder, with hidden files or without: one stream over channels and days, in the order of the instants.

    Also within a file, and for a message that is filed one day late.
    """
    with open_export(make(slack_files(two_days()))) as export:
        assert texts(export) == list("abcdefg")
        assert texts(export) == list("abcdefg"), "and a second time"
        assert (export.platform_name, str(export.community)) == ("slack", "export:T1")
        assert export.channels == {"C1": "general", "C2": "support"}
        assert export.members["U1"].name == "Inès"
        assert export.problems == ()


def test_files_that_are_not_days(make: Callable[[dict[str, bytes]], Path]) -> None:
    """An export of which nothing can be read says so, each time that it is asked; an empty one is simply empty."""
    with open_export(make(slack_files({"general/September": [said("1788998400.0", "a")]}))) as export:
        for _ in range(2):
            assert texts(export) == []
            (problem,) = export.problems
            assert "general/September.json is not read, nor is any other" in problem
            assert "2024-01-31.json" in problem
    with open_export(make(slack_files({"general/2026-09-10": []}))) as export:
        assert (texts(export), export.problems) == ([], ())


def test_chosen_channels(tmp_path: Path) -> None:
    """By id, by name, with `#`; progress ends at the size whatever was chosen."""
    with open_export(as_folder(tmp_path, slack_files(two_days()))) as export:
        for wanted in ("C2", "support", "#support"):
            assert texts(export, wanted) == ["b", "c", "f"]
        done: list[int] = []
        assert len(list(export.events(["general"], done.append))) == 4
        assert done == sorted(done)
        assert done[-1] == export.size > 0


def test_unknown_channel(tmp_path: Path) -> None:
    """Refused before anything is read, with the nearest name and the valid ones."""
    with (
        open_export(as_folder(tmp_path / "team", slack_files(two_days()))) as export,
        pytest.raises(ExportError) as refused,
    ):
        export.events(["#suport"])
    assert str(refused.value) == "team has no channel #suport. Did you mean #support? It has #general, #support."


def test_private_talks(tmp_path: Path) -> None:
    """Groups, group messages, direct messages, and a channel that no list names."""
    days = {f"{name}/2026-09-10": [said("1788998400.0", name)] for name in ("secret", "mpdm-a--b-1", "D7", "shared")}
    lists: dict[str, object] = {
        "groups": [{"id": "G1", "name": "secret"}],
        "mpims": [{"id": "G2", "name": "mpdm-a--b-1"}],
        "dms": [{"id": "D7", "members": ["U1", "U9", "U77"]}],
    }
    with open_export(as_folder(tmp_path, slack_files(days, **lists))) as export:
        names = export.channels
        assert names | {"C1": "", "C2": ""} == {
            "C1": "",
            "C2": "",
            "G1": "secret",
            "G2": "mpdm-a--b-1",
            "D7": "ines, ann, U77",
            "shared": "shared",
        }
        assert {message.ref.place.channel: message.text for message in messages(export)} == {
            "G1": "secret",
            "G2": "mpdm-a--b-1",
            "D7": "D7",
            "shared": "shared",
        }


def test_slack_problems(tmp_path: Path) -> None:
    """A message that is none is skipped, told and counted; the others arrive. An unknown notice is told once."""
    days: Days = {
        "general/2026-09-10": [
            said(f"{START}.0"),
            7,
            {"text": "x"},
            *[said(f"{START}.{n}", subtype="new") for n in (1, 2)],
        ],
        "general/2026-09-20": [said(f"{START + 10 * DAY}.0")],
        "general/2026-09-21": [said(f"{START + 1}.0", "late"), said(f"{START + 11 * DAY}.0")],
        "general/2026-09-22": [5] * 200,
    }
    with open_export(as_zip(tmp_path / "x.zip", slack_files(days))) as export:
        for _ in range(2):
            assert len(list(export.events())) == 6
            assert export.problems[:3] == (
                "x.zip: general/2026-09-10.json: message 2 is skipped: it is not an object",
                "x.zip: general/2026-09-10.json: message 3 is skipped: it has no ts",
                "x.zip: general/2026-09-10.json: message 4 has the unknown subtype 'new': taken for a notice by Slack",
            )
            assert len(export.problems) == 100
            assert export.problem_count == 203


def test_filed_much_too_late(tmp_path: Path) -> None:
    """What cannot come in its turn any more comes all the same, and is told."""
    days: dict[str, Sequence[object]] = {
        f"general/2026-09-{10 + n}": [said(f"{START + n * DAY}.0", str(n))] for n in range(4)
    }
    days["general/2026-09-14"] = [said(f"{START + DAY + 5}.0", "late")]
    with open_export(as_folder(tmp_path, slack_files(days))) as export:
        assert texts(export) == ["0", "1", "2", "late", "3"]
        assert "filed days too late" in export.problems[0]
