"""Memory while a backtest runs."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.backtest import Question
from bot.errors import ExportError
from bot.wiring.backtest import backtest_export
from tests.cli.chats import MONDAY
from tests.exports.making import DAY, as_folder, said, slack_files

PER_DAY = 24
PER_NUDGE = 800
"""Bytes: the nudge itself, and what the chat remembers of having said it."""


def long_chat(path: Path, days: int) -> Path:
    """Each hour somebody asks; the team answers every other time in the thread, and nobody the others."""
    files: dict[str, list[object]] = {}
    for n in range(days):
        stamps = [MONDAY + n * DAY + hour * 3600 for hour in range(PER_DAY)]
        asked = [said(f"{ts}.0", "How do I reset my password?", f"U{100 + n % 50}") for ts in stamps]
        answered = [said(f"{ts + 60}.0", "On the settings page.", "U1", thread_ts=f"{ts}.0") for ts in stamps[::2]]
        date = datetime.fromtimestamp(stamps[0], UTC).date().isoformat()
        files[f"support/{date}"] = [*asked, *answered]
    return as_folder(path, slack_files(files))


def peak(path: Path) -> tuple[int, int]:
    """Bytes of Python objects at the most during a backtest, and how many nudges came of it."""
    tracemalloc.start()
    try:
        report = backtest_export(path, ["U1"], Question(), progress=False)
        return tracemalloc.get_traced_memory()[1], len(report.nudges)
    finally:
        tracemalloc.stop()


def test_memory_is_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many days take no more memory, but for the nudges themselves, which are the answer."""
    # What is kept for a while is kept for less, so that the shorter export is well longer than all of that.
    monkeypatch.setattr("adapters.exports.chat.REMEMBERED", 100)
    monkeypatch.setattr("bot.backtest.PATIENCE", timedelta(days=3))
    peak(long_chat(tmp_path / "warm", 2))
    short, few = peak(long_chat(tmp_path / "short", 15))
    long, many = peak(long_chat(tmp_path / "long", 60))
    assert many > 3 * few > 0
    assert long < 1.1 * short + (many - few) * PER_NUDGE


def test_the_collector_is_left_as_it_was(tmp_path: Path) -> None:
    """Whoever asks for a backtest has Python's own rounds for garbage again afterwards, also when it failed."""
    before = gc.get_threshold(), gc.get_freeze_count()
    backtest_export(long_chat(tmp_path / "chat", 1), ["U1"], Question(), progress=False)
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
    with pytest.raises(ExportError):
        backtest_export(tmp_path / "none", ["U1"], Question(), progress=False)
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
