"""`vigie forget` and `vigie export`, on a file of SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.model import DeliveryKind, DeliveryState
from storage.store import open_store
from tests.cli.conftest import Ran, Vigie, vigie
from tests.storage.samples import OURS, fill

__all__ = ["vigie"]

MEMBER = "U0CANARY"


@pytest.fixture
def seeded(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configured database with traces of a member, and a bot that keeps it open."""
    monkeypatch.setenv("VIGIE_DATABASE__URL", url)
    (tmp_path / "config.toml").write_text("", "utf-8")

    async def seed() -> None:
        store = open_store(url)
        async with store.begin() as tx:
            for number in range(3):
                await fill(tx, OURS, MEMBER, number)
        await store.close()

    asyncio.run(seed())
    return url


def exported(ran: Ran) -> dict[str, Any]:
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_an_access_request_is_answered_with_all_and_nothing_of_others(vigie: Vigie, seeded: str) -> None:
    """Every row that names the member, in words; no id of anybody else."""
    ran = vigie("export", str(OURS), MEMBER)
    found = exported(ran)
    assert len(found["mentions_opened"]) == len(found["mentions_of_others_taken_care_of"]) == 3
    assert len(found["decisions_about_mentions_of_others"]) == 3
    assert len(found["messages_of_the_bot"]) == 3 * len(("nudge", "look", "digest", "notice"))
    assert len(found["opinions_on_tips"]) == 3
    assert "U900" not in ran.out
    assert "U901" not in ran.out


def test_it_is_written_to_a_file_for_our_eyes_only(vigie: Vigie, seeded: str, tmp_path: Path) -> None:
    """Never over another file; `-` is the standard output."""
    target = tmp_path / "ada.json"
    assert vigie("export", str(OURS), MEMBER, "--json", target).out == f"written to {target}\n"
    assert json.loads(target.read_text("utf-8"))["member"] == MEMBER
    assert target.stat().st_mode & 0o077 == 0
    again = vigie("export", str(OURS), MEMBER, "--json", target)
    assert (again.code, again.out) == (1, "")
    assert "exists" in again.err
    assert exported(vigie("export", str(OURS), MEMBER, "--json", "-"))["member"] == MEMBER


def test_forgetting_beside_a_running_bot(vigie: Vigie, seeded: str) -> None:
    """It works while another process has the database open; our messages that quoted the member are to be edited."""
    loop = asyncio.new_event_loop()
    bot = open_store(seeded)

    async def looks() -> int:
        async with bot.begin() as tx:
            rows = await tx.deliveries(OURS, 1000)
        forgotten = {d.key for d in rows if d.subject.get("forgotten") and d.state is DeliveryState.SENT}
        return sum(d.kind is DeliveryKind.LOOK and d.subject["of"] in forgotten for d in rows)

    assert loop.run_until_complete(looks()) == 0
    ran = vigie("forget", str(OURS), MEMBER)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{MEMBER} is forgotten in {OURS}")
    assert loop.run_until_complete(looks()) == 1, "the one nudge about the member that was said"
    loop.run_until_complete(bot.close())
    loop.close()
    assert vigie("forget", str(OURS), MEMBER).out == f"nothing is stored about {MEMBER} in {OURS}\n"
    assert MEMBER not in json.dumps({**exported(vigie("export", str(OURS), MEMBER)), "member": ""})


@pytest.mark.parametrize("command", ["forget", "export"])
def test_what_is_not_known_is_one_clear_error(
    vigie: Vigie, seeded: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An unknown community names the known ones; a database that is not there is not made."""
    for community, code, told in (("slack:T9", 1, f"known: {OURS}"), ("T9", 2, "expected PLATFORM:ID")):
        ran = vigie(command, community, MEMBER)
        assert (ran.code, ran.out) == (code, "")
        assert told in ran.err
    assert "an id is needed" in vigie(command, str(OURS), " ").err
    monkeypatch.setenv("VIGIE_DATABASE__URL", f"sqlite:///{tmp_path}/nowhere.db")
    assert "there is no database yet" in vigie(command, str(OURS), MEMBER).err
    assert not (tmp_path / "nowhere.db").exists()
