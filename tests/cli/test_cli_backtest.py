"""`vigie backtest`: what Vigie would have done in a real chat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest

from adapters.exports import DEMO_TEAM, demo_export
from tests.cli.chats import day, guild, slack, ts
from tests.cli.conftest import Vigie
from tests.exports.making import as_folder, said

TEAM = ",".join(DEMO_TEAM)
KEYS = {"channel", "ts", "user", "rule", "nudged_at"}


def backtested(vigie: Vigie, *arguments: object) -> dict[str, Any]:
    """The JSON of a backtest, which is all that it prints."""
    ran = vigie("backtest", *arguments, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def nudged(vigie: Vigie, *arguments: object) -> list[str]:
    return [nudge["ts"] for nudge in backtested(vigie, *arguments)["nudges"]]


def test_nudges_and_summary(vigie: Vigie, tmp_path: Path) -> None:
    """Each nudge tells channel, timestamp, asker, rule and instant of what it is about; the summary counts them all."""
    found = backtested(vigie, day(tmp_path / "chat"), "--team", "U1", "--after", "10m")
    assert found["nudges"] == [
        {"channel": "C2", "ts": ts(hours), "user": "U2", "rule": "question", "nudged_at": at}
        for hours, at in ((10, "2026-09-14T10:10:00+00:00"), (15.9, "2026-09-14T16:04:00+00:00"))
    ]
    summary = found["summary"]
    assert (summary["messages"], summary["mentions"], summary["nudges"]) == (6, 3, 2)
    assert (summary["answered_in_time"], summary["answered_late"], summary["never_answered"]) == (1, 1, 1)
    assert summary["waited_longest"][0] == {
        "channel": "C2",
        "ts": ts(15.9),
        "user": "U2",
        "seconds": 14_760.0,
        "answered": False,
    }


def test_never_out_of_hours_nor_early(vigie: Vigie) -> None:
    """A nudge comes within the hours given and not before its time, which is working time."""
    paris = ZoneInfo("Europe/Paris")
    hours = ("--hours", "mon-fri 09:00-18:00", "--zone", "Europe/Paris")
    found = backtested(vigie, demo_export(), "--team", TEAM, "--mode", "everything", "--after", "45m", *hours)
    assert len(found["nudges"]) > 10
    for nudge in found["nudges"]:
        assert nudge.keys() == KEYS
        at = datetime.fromisoformat(nudge["nudged_at"])
        local = at.astimezone(paris)
        assert local.weekday() < 5
        assert 9 <= local.hour < 18
        assert at >= datetime.fromtimestamp(float(nudge["ts"]), paris) + timedelta(minutes=45)


def test_the_clock_stands_still_at_night(vigie: Vigie, tmp_path: Path) -> None:
    """A question asked before the end of the day has waited long enough only on the next."""
    chat = slack(tmp_path / "chat", said(ts(17.9), "Is anybody there?", "U2"), said(ts(36), "hm", "U9"))
    found = backtested(vigie, chat, "--team", "U1", "--after", "10m", "--hours", "mon-fri 09:00-18:00")
    assert [nudge["nudged_at"] for nudge in found["nudges"]] == ["2026-09-15T09:04:00+00:00"]


def test_zip_and_folder(vigie: Vigie, tmp_path: Path) -> None:
    """An export says the same whether it is unpacked or not."""
    packed = tmp_path / "demo.zip"
    with ZipFile(packed, "w") as archive:
        for file in demo_export().rglob("*.json"):
            archive.write(file, file.relative_to(demo_export()))
    assert backtested(vigie, packed, "--team", TEAM) == backtested(vigie, demo_export(), "--team", TEAM)


def test_discord(vigie: Vigie, tmp_path: Path) -> None:
    """A DiscordChatExporter file is read too; a member is nudged about by the id of the message."""
    found = backtested(vigie, guild(tmp_path / "guild"), "--team", "Bob", "--mode", "everything", "--after", "5m")
    assert {"channel": "100", "ts": "3000", "user": "1"}.items() <= found["nudges"][0].items()


def test_same_every_time(tmp_path: Path) -> None:
    """Two runs give the same output to the byte, whatever order the hashes fall in."""
    command = [sys.executable, "-m", "bot", "backtest", demo_export(), "--team", TEAM, "--mode", "everything"]
    out = [
        subprocess.run(
            [*command, "--json", "-"], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert out[0] == out[1] != b""


def test_team_by_name(vigie: Vigie, tmp_path: Path) -> None:
    """Names do as well as ids, in any case, with or without accents and @; an option may be given twice."""
    chat = day(tmp_path / "chat")
    expected = backtested(vigie, chat, "--team", "U1,U3")
    for team in (("--team", "Inès,la forge"), ("--team", "@ines", "--team", "La Forge")):
        assert backtested(vigie, chat, *team) == expected


def test_team_file(vigie: Vigie, tmp_path: Path) -> None:
    """A file has one member on each line, with remarks and empty lines, and adds to those named by hand."""
    listed = tmp_path / "team.txt"
    listed.write_text("\N{ZERO WIDTH NO-BREAK SPACE}# the team\nInès   # on duty\n\n", "utf-8")
    chat = day(tmp_path / "chat")
    assert backtested(vigie, chat, "--team-file", listed) == backtested(vigie, chat, "--team", "U1")
    both = backtested(vigie, chat, "--team-file", listed, "--team", "U2")
    assert both["summary"]["mentions"] == 0


def test_strangers_are_told(vigie: Vigie, tmp_path: Path) -> None:
    """A name that nobody in the export has is told and stops nothing."""
    chat = day(tmp_path / "chat")
    assert backtested(vigie, chat, "--team", "U1,Nobody")["summary"]["not_in_export"] == ["Nobody"]
    assert "does not know: Nobody" in vigie("backtest", chat, "--team", "U1,Nobody").out


def test_two_of_one_name(vigie: Vigie, tmp_path: Path) -> None:
    """A name that two people share is refused, with their ids to choose from."""
    chat = day(tmp_path / "chat")
    users = json.loads((chat / "users.json").read_text("utf-8"))
    users[1]["profile"]["real_name"] = "Inès"
    (chat / "users.json").write_text(json.dumps(users), "utf-8")
    ran = vigie("backtest", chat, "--team", "ines")
    assert ran.code == 1
    assert "U1, U2" in ran.err


def test_user_groups(vigie: Vigie, tmp_path: Path) -> None:
    """A Slack user group's id in the team makes pings of the group calls on the team."""
    chat = slack(
        tmp_path / "chat", said(ts(9), "<!subteam^S0CARES|@care> the door is stuck", "U2"), said(ts(12), "hm", "U9")
    )
    assert nudged(vigie, chat, "--team", "U1", "--mode", "pings") == []
    (nudge,) = backtested(vigie, chat, "--team", "U1,S0CARES", "--mode", "pings")["nudges"]
    assert (nudge["ts"], nudge["rule"]) == (ts(9), "ping-role")


def test_discord_roles(vigie: Vigie, tmp_path: Path) -> None:
    """A Discord role's id stands for everybody who has it, and its pings call on the team."""
    (nudge,) = backtested(vigie, guild(tmp_path / "guild"), "--team", "55", "--mode", "pings", "--after", "5m")[
        "nudges"
    ]
    assert (nudge["ts"], nudge["rule"]) == ("3000", "ping-role")


def test_modes(vigie: Vigie, tmp_path: Path) -> None:
    """Pings alone, questions as well, or every conversation: each mode sees what the one before sees, and more."""
    chat = slack(
        tmp_path / "chat",
        said(ts(9), "<@U1> could you have a look", "U2"),
        said(ts(11), "Why is the export empty?", "U9"),
        said(ts(13), "I have a shop with two tills and some old printers", "U7"),
        said(ts(20), "hm", "U1"),
    )
    expected = {"pings": [9], "questions": [9, 11], "everything": [9, 11, 13]}
    for mode, hours in expected.items():
        assert nudged(vigie, chat, "--team", "U1", "--mode", mode) == [ts(hour) for hour in hours]


def test_outsiders(vigie: Vigie, tmp_path: Path) -> None:
    """Somebody else's reply is no answer unless one says that it counts; held, it only puts the nudge off."""
    chat = slack(
        tmp_path / "chat",
        said(ts(9), "Why is the export empty?", "U2"),
        said(ts(9.1), "Because of the filter.", "U4", thread_ts=ts(9)),
        said(ts(20), "hm", "U1"),
    )
    ignored = backtested(vigie, chat, "--team", "U1", "--outsiders", "ignore")
    held = backtested(vigie, chat, "--team", "U1", "--outsiders", "hold")
    assert ignored == backtested(vigie, chat, "--team", "U1")
    assert [n["ts"] for n in ignored["nudges"]] == [n["ts"] for n in held["nudges"]] == [ts(9)]
    assert held["nudges"][0]["nudged_at"] > ignored["nudges"][0]["nudged_at"]
    assert nudged(vigie, chat, "--team", "U1", "--outsiders", "count") == []


def test_chosen_channels(vigie: Vigie) -> None:
    """Only the channels asked for are looked at, by name, #name or id."""
    names = ("support", "#support", "C0SUPPORT")
    first, *others = (backtested(vigie, demo_export(), "--team", TEAM, "--channel", name) for name in names)
    assert all(found == first for found in others)
    assert {nudge["channel"] for nudge in first["nudges"]} == {"C0SUPPORT"}
    both = backtested(vigie, demo_export(), "--team", TEAM, "--channel", "support", "--channel", "general")
    assert both == backtested(vigie, demo_export(), "--team", TEAM)


def test_empty_export(vigie: Vigie, tmp_path: Path) -> None:
    """A chat in which nobody ever said anything has figures too: all of them nought."""
    found = backtested(vigie, slack(tmp_path / "chat"), "--team", "U1")
    assert found["nudges"] == []
    assert (found["summary"]["messages"], found["summary"]["first_answer_wall"]) == (0, None)
    assert vigie("backtest", tmp_path / "chat", "--team", "U1").code == 0


@pytest.mark.parametrize("absurd", ["253402300799.0", "253400000000.0", "99999999999.0", "0.0", "-5.0", "nan", "1e20"])
def test_absurd_instants(vigie: Vigie, tmp_path: Path, absurd: str) -> None:
    """A timestamp from the end or the beginning of time stops nothing and hides nobody."""
    chat = slack(tmp_path / "chat", said(absurd, "Is it late?", "U9"), said(ts(9), "Why is it empty?", "U2"))
    as_folder(chat, {"support/2026-09-15.json": json.dumps([said(ts(33), "hm", "U1")]).encode()})
    assert ts(9) in nudged(vigie, chat, "--team", "U1", "--after", "10m")


def test_waiting_for_ever(vigie: Vigie, tmp_path: Path) -> None:
    """Who is not answered in a month counts as never answered, even if somebody says their name a season later."""
    messages = [said(ts(24 * day), "good evening all", "U9") for day in range(1, 100)]
    late = said(ts(24 * 80), "<@U2> sorry, it was the filter", "U1")
    chat = slack(tmp_path / "chat", said(ts(9), "Why is the export empty?", "U2"), *messages, late)
    summary = backtested(vigie, chat, "--team", "U1")["summary"]
    assert (summary["mentions"], summary["never_answered"], summary["answered_late"]) == (1, 1, 0)


@pytest.mark.parametrize(("language", "words"), [("en", "never answered"), ("fr", "sans réponse")])
def test_for_people(vigie: Vigie, tmp_path: Path, language: str, words: str) -> None:
    """The tables come in either language and fit 80 columns; JSON can be written to a file beside them."""
    file = tmp_path / "out.json"
    ran = vigie("backtest", demo_export(), "--team", TEAM, "--lang", language, "--json", file)
    assert (ran.code, ran.err) == (0, "")
    assert words in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert json.loads(file.read_text("utf-8")) == backtested(vigie, demo_export(), "--team", TEAM)
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_one_of_each(vigie: Vigie, tmp_path: Path) -> None:
    """What there is one of stands in the singular."""
    asked = said(ts(9), "Why is the export empty?", "U2")
    later = said(ts(12), "thanks all", "U9")
    told = vigie("backtest", slack(tmp_path / "one", asked), "--team", "U1").out
    told += vigie("backtest", slack(tmp_path / "two", asked, later), "--team", "U1").out
    lines = [" ".join(line.split()) for line in told.splitlines()]
    for line in ("1 message read", "1 mention: questions (1)", "1 nudge that would have been sent", "2 messages read"):
        assert line in lines
