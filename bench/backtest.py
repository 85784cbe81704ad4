"""How fast a whole backtest is, beside only reading and translating the same export, and how much memory it takes.

The chat is made up: 200 people in four channels, threads, questions, small talk, pings and thanks; the six people of
the team answer about half of what is asked, within minutes to hours. Real chats are measured too where annotated ones
lie beside the repository.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from adapters.exports import open_export
from bot.backtest import Question
from bot.settings import Mode
from bot.wiring.backtest import backtest_export

CHATS = Path(__file__).parents[2] / "shared" / "chats"
MESSAGES = 20_000
PER_DAY = 250
TEAM = [f"U{n:04}" for n in range(6)]
PEOPLE = [f"U{n:04}" for n in range(6, 206)]
CHANNELS = ("support", "general", "plugins", "bugs")
SEED = 7

_DAY = 86_400
_START = 1_788_998_400  # 2026-09-10 00:00 UTC
_QUESTIONS = (
    "Does anybody know why the sync stops at 50 %?",
    "how do I move my account to another server?",
    "Bonjour, comment changer la langue de l'interface ?",
    "I get `error 17` since this morning, any idea?",
    "help, the printer does not print anything after the update",
)
_TALK = (
    "It works here on Debian 13",
    "ok merci :+1:",
    "lol yes, same as last year",
    "I wrote a small plugin for that, see <https://example.org/plugin|the page>",
    "good morning everybody",
    "the new version looks great on my old laptop",
)
_ANSWERS = ("It is in the settings, under Accounts.", "Fixed in 4.2, please update.", "Thanks, we are looking at it.")


def run(messages: int = MESSAGES) -> dict[str, Any]:
    """Messages a second (processor time, best of three), ratios to reading alone, and peak memory of a process."""
    with tempfile.TemporaryDirectory() as folder:
        made = write_chat(Path(folder, "one"), messages)
        five = write_chat(Path(folder, "five"), 5 * messages)
        figures = {"made-up chat": _speed([made])}
        for name, chats in groupby(sorted(CHATS.glob("*.zip")), key=lambda chat: chat.stem.partition("-")[0]):
            figures[name] = _speed(list(chats))
        once, more = _peak(made), _peak(five)
    return {
        "speed": figures,
        "memory": {"peak_MB": once, "peak_MB_five_times_as_long": more, "ratio": round(more / once, 3)},
    }


def write_chat(path: Path, messages: int) -> Path:
    """A Slack export of about so many messages; the longer, the more days."""
    chance = random.Random(SEED)
    files: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    count, day = 0, 0
    while count < messages:
        for channel, said in _conversations(chance, day):
            date = datetime.fromtimestamp(float(said["ts"]), UTC).date().isoformat()
            files[channel, date].append(said)
            count += 1
        day += 1
    path.mkdir()
    accounts = [*TEAM, *PEOPLE]
    _write(path / "users.json", [{"id": id_, "team_id": "T1", "profile": {"display_name": id_}} for id_ in accounts])
    _write(path / "channels.json", [{"id": f"C{n}", "name": name} for n, name in enumerate(CHANNELS)])
    for (channel, date), listed in files.items():
        (path / channel).mkdir(exist_ok=True)
        _write(path / channel / f"{date}.json", sorted(listed, key=lambda message: float(message["ts"])))
    return path


def _conversations(chance: random.Random, day: int) -> Iterator[tuple[str, dict[str, str]]]:
    """One day: somebody asks or talks, others join in, the team answers every other question."""
    left = PER_DAY
    while left > 0:
        at = _START + day * _DAY + chance.uniform(7, 22) * 3600
        channel, author = chance.choice(CHANNELS), chance.choice(PEOPLE)
        asks = chance.random() < 0.3
        begun = _said(at, author, chance.choice(_QUESTIONS if asks else _TALK))
        thread = {"thread_ts": begun["ts"]} if chance.random() < 0.4 else {}
        yield channel, begun
        left -= 1
        if asks and chance.random() < 0.5:
            ping = "" if thread else f"<@{author}> "
            wait = chance.expovariate(1 / 1800)
            yield channel, _said(at + wait, chance.choice(TEAM), ping + chance.choice(_ANSWERS)) | thread
            yield channel, _said(at + wait + 90, author, "thanks a lot!") | thread
            left -= 2
        for n in range(chance.randrange(4)):
            ping = f"<@{author}> " if chance.random() < 0.3 else ""
            yield channel, _said(at + 60 * (n + 1), chance.choice(PEOPLE), ping + chance.choice(_TALK)) | thread
            left -= 1


def _said(at: float, user: str, text: str) -> dict[str, str]:
    return {"type": "message", "user": user, "text": text, "ts": f"{at:.6f}", "team": "T1"}


def _team(chat: Path) -> list[str]:
    """As annotated; where nobody says who the team is, the first accounts."""
    truth = chat.with_suffix(".truth.json")
    if truth.exists():
        return list(json.loads(truth.read_text("utf-8"))["team"])
    with open_export(chat) as export:
        return sorted(export.members)[: len(TEAM)]


def _speed(chats: list[Path]) -> dict[str, float]:
    """Of several chats, one after the other."""
    reading, messages = _timed(lambda: sum(map(_read, chats)))
    whole, _ = _timed(lambda: sum(map(_backtest, chats)))
    return {
        "messages": messages,
        "messages_per_second": round(messages / whole),
        "times_reading_alone": round(whole / reading, 2),
    }


def _read(chat: Path) -> int:
    with open_export(chat) as export:
        return sum(1 for _ in export.events())


def _backtest(chat: Path) -> int:
    return backtest_export(chat, _team(chat), Question(mode=Mode.EVERYTHING), progress=False).tally.messages


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    """The best of three, in seconds of processor time: what else the machine does only ever adds to it."""
    best, result = float("inf"), 0
    for _ in range(3):
        began = time.process_time()
        result = work()
        best = min(best, time.process_time() - began)
    return best, result


def _peak(path: Path) -> float:
    """Megabytes that a process of its own took at the most."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_backtest_and_tell, path).result()


def _backtest_and_tell(path: Path) -> float:
    _backtest(path)
    status = Path("/proc/self/status")
    if status.exists():  # where the system tells it of this program alone, and not of what its process was before
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(peak.split()[1]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data), encoding="utf-8")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(), indent=2) + "\n")
