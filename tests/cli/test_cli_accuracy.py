"""A guard against losing accuracy: nudges against people's own annotations of real chats."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from adapters.exports import open_export
from tests.cli.conftest import Vigie

CHATS = Path(__file__).parents[2].parent / "shared" / "chats"
MINUTES = 10
OVERALL, EACH = 0.70, 0.65

pytestmark = pytest.mark.skipif(not (CHATS / "score.py").exists(), reason="no annotated chats beside the repository")


def scorer() -> ModuleType:
    spec = spec_from_file_location("score", CHATS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def f1(right: int, wrong: int, missed: int) -> float:
    return 2 * right / (2 * right + wrong + missed)


def test_annotated_chats(vigie: Vigie, tmp_path: Path) -> None:
    """Over all annotated chats F1 stays at or above 0.70, and in each community at or above 0.65."""
    score = scorer().score
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for path in sorted(CHATS.glob("*.truth.json")):
        truth = json.loads(path.read_text("utf-8"))
        chat = path.with_name(path.name.replace(".truth.json", ".zip"))
        (tmp_path / "team").write_text("\n".join(truth["team"]), "utf-8")
        ran = vigie(
            *("backtest", chat, "--team-file", tmp_path / "team"),
            *("--mode", "everything", "--after", f"{MINUTES}m", "--json", "-"),
        )
        assert (ran.code, ran.err) == (0, "")
        for name in ("overall", chat.stem.partition("-")[0]):
            found = score(truth, json.loads(ran.out), MINUTES)
            counts[name] = [sum(pair) for pair in zip(counts[name], found, strict=True)]
    assert f1(*counts.pop("overall")) >= OVERALL
    assert {name: f1(*found) for name, found in counts.items() if f1(*found) < EACH} == {}


@pytest.mark.parametrize("chat", sorted(CHATS.glob("*-20[0-9][0-9].zip")), ids=lambda path: path.stem)
def test_whole_years(vigie: Vigie, chat: Path) -> None:
    """Whole years of real communities run through, and every nudge keeps its time."""
    with open_export(chat) as export:
        team = ",".join(sorted(export.members)[:5])
    ran = vigie("backtest", chat, "--team", team, "--mode", "everything", "--after", "10m", "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    nudges = json.loads(ran.out)["nudges"]
    assert nudges
    for nudge in nudges:
        posted = datetime.fromtimestamp(float(nudge["ts"]), UTC)
        assert datetime.fromisoformat(nudge["nudged_at"]) >= posted + timedelta(minutes=MINUTES)
