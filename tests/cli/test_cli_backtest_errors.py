"""What a backtest says when it is asked for something impossible: one clear sentence, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.chats import day
from tests.cli.conftest import Ran, Vigie
from tests.exports.making import as_folder, slack_files

ROOT = Path(__file__).parents[2]

WRONG = {
    "unknown channel": (("--team", "U1", "--channel", "suport"), ("--channel: ", "#support", "#general")),
    "nobody on the team": ((), ("--team", "--team-file")),
    "empty team": (("--team", " , "), ("--team: ",)),
    "team of strangers": (("--team", "inez"), ("--team: ", "inez", "Did you mean ines?")),
    "no team file": (("--team-file", "nowhere.txt"), ("--team-file: ", "nowhere.txt", "No such file")),
    "unknown mode": (("--team", "U1", "--mode", "all"), ("--mode: ", '"all"', "pings, questions, everything")),
    "unknown rule": (("--team", "U1", "--outsiders", "no"), ("--outsiders: ", '"no"', "ignore, hold, count")),
    "no unit": (("--team", "U1", "--after", "10"), ("--after: ", '"10"', "90s, 30m")),
    "no time at all": (("--team", "U1", "--after", "0m"), ("--after: ", "10m")),
    "negative time": (("--team", "U1", "--after=-5m"), ("--after: ", '"-5m"')),
    "hours backwards": (("--team", "U1", "--hours", "mon 18:00-09:00"), ("--hours: ", "18:00-09:00")),
    "no hours": (("--team", "U1", "--hours", ""), ("--hours: ", "always")),
    "unknown zone": (("--team", "U1", "--zone", "Paris"), ("--zone: ", "Europe/Paris")),
    "unknown language": (("--team", "U1", "--lang", "de"), ("--lang: ", '"de"', "en, fr")),
    "no such folder": (("--team", "U1", "--json", "nowhere/out.json"), ("--json: ", "nowhere/out.json", "No such")),
    "long name for a file": (("--team", "U1", "--json", "x" * 300), ("--json: ", "File name too long")),
    "long name for a team": (("--team-file", "x" * 300), ("--team-file: ", "File name too long")),
    "a folder for a file": (("--team", "U1", "--json", "."), ("--json: ", "directory")),
    "two exports": (("other.zip", "--team", "U1"), ("other.zip",)),
}
FOUND_OUT = (
    "unknown channel",
    "team of strangers",
    "no team file",
    "no such folder",
    "long name for a file",
    "long name for a team",
    "a folder for a file",
)
"""What an export or a file could have made right; all else means nothing, whatever there is."""


def refused(ran: Ran) -> str:
    """The one sentence on the standard error output."""
    assert ran.code in (1, 2)
    assert ran.out == ""
    assert ran.err.startswith("vigie: ")
    assert ran.err.count("\n") == 1
    return ran.err


@pytest.mark.parametrize("what", WRONG)
def test_wrong_options(vigie: Vigie, tmp_path: Path, what: str) -> None:
    """The sentence names the option, what was given, and what is valid; the exit code is 2 for what means nothing."""
    arguments, words = WRONG[what]
    ran = vigie("backtest", day(tmp_path / "chat"), *arguments)
    assert ran.code == (1 if what in FOUND_OUT else 2)
    for word in words:
        assert word in refused(ran)


def test_missing_export(vigie: Vigie) -> None:
    """An export that is not there is named."""
    assert "nowhere.zip" in refused(vigie("backtest", "nowhere.zip", "--team", "U1"))
    assert "EXPORT" in refused(vigie("backtest", "--team", "U1"))


def test_foreign_file(vigie: Vigie, tmp_path: Path) -> None:
    """A file that is no export is told with what was expected."""
    (tmp_path / "notes.txt").write_text("buy milk", "utf-8")
    told = refused(vigie("backtest", tmp_path / "notes.txt", "--team", "U1"))
    assert "notes.txt is not a chat export" in told
    assert "DiscordChatExporter" in told


def test_broken_zip(vigie: Vigie, tmp_path: Path) -> None:
    """A zip whose end is missing is told to be broken."""
    packed = tmp_path / "half.zip"
    with ZipFile(packed, "w") as archive:
        for name, data in slack_files({"support/2026-09-14": []}).items():
            archive.writestr(name, data)
    packed.write_bytes(packed.read_bytes()[:-40])
    assert "half.zip: a broken zip" in refused(vigie("backtest", packed, "--team", "U1"))


def test_team_file_of_bytes(vigie: Vigie, tmp_path: Path) -> None:
    """A team file that is no text is named, and one without anybody is too."""
    chat = day(tmp_path / "chat")
    (tmp_path / "team").write_bytes(b"\xff\xfe\x00")
    assert "--team-file: " in refused(vigie("backtest", chat, "--team-file", tmp_path / "team"))
    (tmp_path / "team").write_text("# nobody yet\n", "utf-8")
    assert "--team-file: nobody" in refused(vigie("backtest", chat, "--team-file", tmp_path / "team"))


def test_nothing_half_written(vigie: Vigie, tmp_path: Path) -> None:
    """When an export turns out to be broken on its last day, what was in the output file before is still there."""
    chat = day(tmp_path / "chat")
    as_folder(chat, {"support/2026-09-30.json": b"[{"})
    out = tmp_path / "out.json"
    out.write_text("before", "utf-8")
    assert "2026-09-30.json" in refused(vigie("backtest", chat, "--team", "U1", "--json", out))
    assert out.read_text("utf-8") == "before"
    assert "2026-09-30.json" in refused(vigie("backtest", chat, "--team", "U1", "--json", tmp_path / "new.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat", "out.json"]


def test_a_link_stays_a_link(vigie: Vigie, tmp_path: Path) -> None:
    """Writing through a symbolic link changes the file that it leads to."""
    (tmp_path / "real.json").write_text("before", "utf-8")
    (tmp_path / "link.json").symlink_to("real.json")
    assert vigie("backtest", day(tmp_path / "chat"), "--team", "U1", "--json", tmp_path / "link.json").code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text("utf-8").startswith("{")


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/{}"])
def test_into_a_pipe(name: str, tmp_path: Path) -> None:
    """A pipe has no path of its own, and is written to like any file."""
    if not Path("/dev/fd").exists():
        pytest.skip("this system has no /dev/fd")
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "bot", "backtest", day(tmp_path / "chat"), "--team", "U1"]
    command += ["--json", name.format(writing)]
    done = subprocess.run(command, stdout=subprocess.PIPE, pass_fds=[writing], check=False, cwd=ROOT)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        got = pipe.read() + done.stdout
    assert done.returncode == 0
    assert b'"never_answered"' in got


def test_a_full_disk(vigie: Vigie, tmp_path: Path) -> None:
    """An output that takes nothing more is told like any other that cannot be written, and a device stays one."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    assert "--json: /dev/full" in refused(vigie("backtest", day(tmp_path / "chat"), "--team", "U1", "--json", full))
    assert full.is_char_device()


def test_skipped_messages_are_counted(vigie: Vigie, tmp_path: Path) -> None:
    """What is no message is skipped and told, and the rest is read."""
    chat = day(tmp_path / "chat")
    as_folder(chat, {"support/2026-09-15.json": b'[{"ts": "1789430400.0"}, 7]'})
    ran = vigie("backtest", chat, "--team", "U1")
    assert ran.code == 0
    assert "2 things looked wrong:" in ran.out
    assert "2026-09-15.json: message 2 is skipped" in ran.out
