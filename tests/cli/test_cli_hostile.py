"""Names out of an export are shown, and never obeyed by the terminal."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from tests.cli.chats import day
from tests.cli.conftest import Vigie

ESCAPE = "\x1b]0;owned\x07\x1b[2J"
NAMES = {
    "control sequences": f"Mallory{ESCAPE}",
    "C1 controls": "Mal\x9b2Jlory",
    "markup": "[red]Mallory[/red]",
    "unbalanced markup": "[/] Mallory \\[bold",
    "a link": "[link=https://evil.example]Mallory[/link]",
    "emoji codes": ":warning: Mallory",
    "right to left": "Mal\u202elory",
    "new lines": "Mal\nlory\r\n\x0b\u2028",
    "half a character": "Mal\ud800lory",
    "very long": "Mallory" * 300,
    "wide": "漢字" * 100,
}


def harmless(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text.replace("\n", ""))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_are_only_text(vigie: Vigie, tmp_path: Path, name: str) -> None:
    """Whatever a member or channel is called, no control character gets out, no markup is read, no line grows."""
    chat = day(tmp_path / "chat")
    users = json.loads((chat / "users.json").read_text("utf-8"))
    users[1]["profile"]["real_name"] = name
    (chat / "users.json").write_text(json.dumps(users), "utf-8")
    channels = json.loads((chat / "channels.json").read_text("utf-8"))
    (chat / "channels.json").write_text(json.dumps([*channels, {"id": "C7", "name": name}]), "utf-8")
    ran = vigie("backtest", chat, "--team", "U1")
    assert ran.code == 0
    assert harmless(ran.out)
    assert max(map(len, ran.out.splitlines())) <= 80
    if name.isascii() and name.isprintable() and len(name) < 15:
        assert name in ran.out
    refusal = vigie("backtest", chat, "--team", name.replace(",", "") + "x", "--channel", "nowhere")
    assert harmless(refusal.err)


def test_problems_are_only_text(vigie: Vigie, tmp_path: Path) -> None:
    """What is told of a broken message cannot smuggle anything either."""
    chat = day(tmp_path / "chat")
    message = {"type": "message", "subtype": f"[red]{ESCAPE}", "ts": "1789430400.0", "user": "U2", "text": "x"}
    (chat / "support" / "2026-09-15.json").write_text(json.dumps([message]), "utf-8")
    ran = vigie("backtest", chat, "--team", f"U1,{ESCAPE}")
    assert ran.code == 0
    assert "[red]" in ran.out
    assert harmless(ran.out)
