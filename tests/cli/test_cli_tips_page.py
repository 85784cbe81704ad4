"""docs/tips.md tells how tips of one's own are written, and every word of it is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.tips.files import LENGTHS, MAX_BYTES, NAME_KEYS, TEXT_KEYS, TIP_KEYS
from bot.tips.library import LANGUAGES, load
from tests.cli.conftest import Vigie

PAGE = (Path(__file__).parents[2] / "docs" / "tips.md").read_text("utf-8")
CONFIGURATION, TIP, TOPICS = re.findall(r"(?s)```toml\n(.*?)```", PAGE)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """What the page says, copied."""
    (tmp_path / "config.toml").write_text(CONFIGURATION, "utf-8")
    folder = tmp_path / "tips"
    folder.mkdir()
    (folder / "office-hours.toml").write_text(TIP, "utf-8")
    (folder / "topics.toml").write_text(TOPICS, "utf-8")
    return folder


def test_its_examples_are_right(vigie: Vigie, own: Path) -> None:
    """Nothing is wrong with them, and the tip is found by the words that it gives itself."""
    assert vigie("tips", "lint").out == "22 tips, 0 problems\n"
    assert "office-hours" in vigie("tips", "search", "opening times", "--limit", 1).out
    assert "office-hours" in vigie("tips", "search", "horaires", "--lang", "fr", "--limit", 1).out
    library, _ = load(own)
    assert library.text("office-hours", "en").body.count("\n\n") == 1
    (own / "office-hours.toml").rename(own / "30-office-hours.toml")
    (own / "30-office-hours.toml").write_text(TIP.replace('"community"', '"releases"'), "utf-8")
    assert [tip.slug for tip in load(own)[0].about("releases")] == ["office-hours"]


def test_it_names_everything() -> None:
    """Every key, every topic, and every limit."""
    library, _ = load()
    topics = PAGE.partition("## Topics\n")[2].partition("Topics of your own")[0]
    assert re.findall(r"`([\w-]+)`", topics) == sorted(library.topics)
    for key in {*TIP_KEYS, *TEXT_KEYS} - {*LANGUAGES}:
        assert f"\n| `{key}` | " in PAGE
    for key in NAME_KEYS:
        assert f"{key} = " in TOPICS
    for key, (least, most) in LENGTHS.items():
        (line,) = re.findall(rf"(?m)^(?:\| `{key}` \| |.* {key} of ){least} to {most} characters.*", PAGE)
        assert line
    assert f"no file of over {MAX_BYTES:,} bytes" in PAGE
    numbers = [tip.number for tip in library.tips.values() if tip.number]
    assert f"Vigie comes with {len(library.tips)} tips." in PAGE
    assert f"the shipped tips have {min(numbers)} to {max(numbers)}." in PAGE
