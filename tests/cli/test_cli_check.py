"""`vigie check`, where no platform is configured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OWN, Vigie


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VIGIE_DATABASE__URL", "VIGIE_SLACK_BOT_TOKEN", "VIGIE_SLACK_APP_TOKEN", "VIGIE_DISCORD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "config.toml"
    file.write_text('own_tips = "own"\n[database]\nurl = "sqlite:///vigie.db"\n', "utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.toml").write_text(OWN.partition("[fr]")[0], "utf-8")
    return file


def test_each_word_once(vigie: Vigie, tmp_path: Path) -> None:
    """What is wrong with a tip is told as anything else is: how bad, what about, where, what, and the fix."""
    ran = vigie("check")
    place = tmp_path / "own" / "a.toml"
    assert f"\nwarning tips: {place}:1: has no text in [fr] → add a table [fr]\n" in ran.out


def test_for_machines(vigie: Vigie) -> None:
    """A script that reads the JSON need not know the language: what each finding is about is the same in all."""
    subjects = {
        language: [finding["subject"] for finding in json.loads(vigie("check", "--lang", language, "--json").out)]
        for language in ("en", "fr")
    }
    assert subjects["en"] == subjects["fr"] == ["configuration", "tips", "database", "platforms"]


def test_in_french(vigie: Vigie, config: Path) -> None:
    """People read it in theirs."""
    config.write_text(config.read_text("utf-8").replace('own_tips = "own"', ""), "utf-8")
    told = vigie("check", "--lang", "fr").out
    assert "\nok      conseils: 21 conseils\n" in told
    assert "\nerror   plateformes: " in told


def test_a_configuration_that_cannot_be_read(vigie: Vigie) -> None:
    """Whatever is wrong with its path is a finding, in JSON too."""
    (finding,) = json.loads(vigie("check", "--config", "x" * 300, "--json").out)
    assert (finding["subject"], finding["severity"]) == ("configuration", "error")
    assert "File name too long" in finding["message"]
