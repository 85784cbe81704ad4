"""`vigie check` and `vigie run` as an admin starts them: real processes on a Slack on loopback."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
from tests.live.shell import Shell, ended, free_port
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until


class Admin(Shell):
    """Somebody at a shell, with a configuration and the tokens in the environment."""

    def __init__(self, folder: Path, slack: Slack, town: Town) -> None:
        super().__init__(folder, free_port())
        self.slack = slack
        self.town = town

    def configure(self, more: str = "") -> None:
        (self.folder / "config.toml").write_text(
            f"""
            hours = "always"
            [team]
            members = ["U0TESS"]
            [tips]
            channel = "C0TEAM"
            [mentions]
            channel = "C0TEAM"
            watch = {{ C0SUPPORT = "questions" }}
            [database]
            url = "sqlite:///vigie.db"
            [http]
            port = {self.port}
            [slack]
            api_url = "{self.slack.api_url}"
            {more}
            """
        )


@pytest.fixture
async def admin(tmp_path: Path) -> AsyncIterator[Admin]:
    async with Slack() as slack:
        slack.app.subscribed = frozenset(BOT_EVENTS)
        town = slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
        for name in ("tess", "ada"):
            town.person(name)
        town.channel("support", "tess", "ada", bot=True)
        town.channel("team", "tess", bot=True)
        someone = Admin(tmp_path, slack, town)
        someone.environ = {"VIGIE_SLACK_BOT_TOKEN": town.token, "VIGIE_SLACK_APP_TOKEN": slack.app.app_token}
        someone.configure()
        yield someone


async def test_check_says_that_all_is_well(admin: Admin) -> None:
    """Exit code 0, in words and as JSON, before the bot ever ran; nothing is changed by it."""
    code, out, err = await admin.types("check")
    assert (code, err) == (0, "")
    assert "error" not in out
    code, out, _ = await admin.types("check", "--json")
    found = json.loads(out)
    assert code == 0
    assert {finding["severity"] for finding in found} == {"ok", "warning"}  # the database is made at the first start
    assert not (admin.folder / "vigie.db").exists()


async def test_check_names_each_fault_with_its_fix(admin: Admin) -> None:
    """A channel that the bot is not in, and a token that Slack does not know: exit code 1, and what to do."""
    admin.configure()
    text = (admin.folder / "config.toml").read_text().replace("C0SUPPORT =", "C0NOWHERE =")
    (admin.folder / "config.toml").write_text(text)
    code, out, _ = await admin.types("check")
    assert code == 1
    assert any("C0NOWHERE" in line and "→" in line for line in out.splitlines() if line.startswith("error"))
    admin.environ["VIGIE_SLACK_BOT_TOKEN"] = "-".join(["xoxb", "0", "unknown"])
    code, out, _ = await admin.types("check", "--lang", "fr")
    assert code == 1
    assert "invalid_auth" in out
    assert "unknown" not in out


async def test_check_reads_a_wrong_configuration(admin: Admin) -> None:
    """A fault of the file is a finding like any other, also for scripts."""
    (admin.folder / "config.toml").write_text('zone = "Europe/Pariss"')
    code, out, _ = await admin.types("check", "--json")
    (finding,) = json.loads(out)
    assert code == 1
    assert "Europe/Paris" in finding["message"]


async def test_a_running_bot_works_answers_probes_and_stops_when_told(admin: Admin) -> None:
    """Connected, it hears a question and answers a command; ready and alive; SIGTERM ends it with exit code 0."""
    process = await admin.starts("run")
    try:
        await admin.slack.sockets.connected()
        ada, tess = admin.town.person("ada"), admin.town.person("tess")
        support = admin.town.workspace.channels["C0SUPPORT"]
        told = await ada.types(support, "/tip", "trolls")
        await until(lambda: told.responses, "the answer to /tip")
        assert "blocks" in told.responses[0]
        await ada.says(support, "How do I reset my password?")
        await admin.slack.quiet()
        told = await tess.types(support, "/mentions")
        await until(lambda: told.responses, "the answer to /mentions")
        assert "1 person is waiting" in json.dumps(told.responses[0])
        assert await admin.get("/healthz") == (200, '{"status": "alive"}')
        assert await admin.get("/readyz") == (200, '{"status": "ready"}')
        status, page = await admin.get("/metrics")
        assert status == 200
        assert 'vigie_connected_communities{platform="slack"} 1.0' in page
        assert "vigie_waiting_mentions 1.0" in page
        assert "C0SUPPORT" not in page
    finally:
        process.send_signal(signal.SIGTERM)
        code, out, err = await ended(process)
    assert (code, out) == (0, "")
    assert "stopped" in err
    assert "password" not in err
    assert admin.town.token not in err
    code, out, _ = await admin.types("check")
    assert (code, "warning" in out) == (0, False)


async def test_a_taken_port_is_told_before_anything_is_connected(admin: Admin) -> None:
    """The error names the setting; Slack never hears of us."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", admin.port))
        other.listen()
        code, _, err = await admin.types("run")
    assert code == 1
    assert f"http.port: {admin.port} is in use" in err
    assert admin.slack.journal.calls == []


async def test_nothing_to_connect_to(admin: Admin) -> None:
    """Without a token it says which ones there are."""
    admin.environ.clear()
    code, _, err = await admin.types("run")
    assert code == 1
    assert "VIGIE_SLACK_BOT_TOKEN" in err
    assert "VIGIE_DISCORD_TOKEN" in err


async def test_a_token_that_is_refused_ends_the_process_with_the_reason(admin: Admin) -> None:
    """Nobody is left to listen to: it stops instead of idling, and the log names the fix."""
    admin.environ["VIGIE_SLACK_BOT_TOKEN"] = "-".join(["xoxb", "0", "unknown"])
    code, _, err = await admin.types("run")
    assert code == 1
    assert "invalid_auth" in err
    assert "no chat is left" in err
