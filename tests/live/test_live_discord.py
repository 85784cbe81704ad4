"""`vigie check` and `vigie run` as an admin of a Discord server starts them: real processes, a Discord on loopback."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.discord.scenarios.test_discord_scenario_commands import read, words
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.room import Town
from tests.discord.wire.server import WireDiscord
from tests.live.shell import Shell, ended, free_port


class Admin(Shell):
    """Somebody who follows docs/discord.md: a team with a role, a private channel, a channel that is watched."""

    def __init__(self, folder: Path, wire: WireDiscord) -> None:
        super().__init__(folder, free_port())
        self.wire = wire
        self.town: Town = wire.town("Harbour")
        self.support, self.team = self.town.channel("support"), self.town.channel("team")
        self.crew = self.town.role("Crew", Permission.MANAGE_MESSAGES)
        self.duty = self.town.role("On duty", mentionable=True)
        self.tess, self.ada = self.town.person("Tess", self.crew), self.town.person("Ada")
        self.environ = {"VIGIE_DISCORD_TOKEN": wire.token}
        self.configure()

    def configure(self, language: str = "en", watched: str = "") -> None:
        (self.folder / "config.toml").write_text(
            f"""
            language = "{language}"
            hours = "always"
            [team]
            roles = ["{self.crew}"]
            admins = ["{self.tess.id}"]
            lead = "{self.tess.id}"
            on_duty = "{self.duty}"
            [tips]
            channel = "{self.team}"
            [mentions]
            channel = "{self.team}"
            watch = {{ {watched or self.support} = "questions" }}
            [database]
            url = "sqlite:///vigie.db"
            [http]
            port = {self.port}
            [discord]
            api_url = "{self.wire.api_url}"
            gateway_url = "{self.wire.gateway_url}"
            """
        )

    def said(self) -> list[Json]:
        me = self.wire.world.me["id"]
        return [m for m in self.wire.world.messages.get(self.team, {}).values() if m["author"]["id"] == me]


@pytest.fixture
def admin(tmp_path: Path, wire: WireDiscord) -> Admin:
    return Admin(tmp_path, wire)


async def test_the_invitation_needs_the_token_alone(admin: Admin) -> None:
    """The link, then each scope, permission and intent with its reason."""
    code, out, err = await admin.types("manifest", "discord")
    assert (code, err) == (0, "")
    assert out.startswith("https://discord.com/oauth2/authorize?client_id=")
    assert "read_message_history: " in out


async def test_the_check_says_that_all_is_well_or_what_is_not(admin: Admin) -> None:
    """Before the first start the commands are the only thing left to do; a wrong id is named with its fix."""
    code, out, err = await admin.types("check", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert {f["subject"] for f in found if f["severity"] == "warning"} == {"database", "Commands"}
    admin.configure(watched="123456789012345678")
    code, out, _ = await admin.types("check")
    assert code == 1
    assert any("123456789012345678" in line and "→" in line for line in out.splitlines() if line.startswith("error"))


async def test_a_running_bot_does_its_jobs(admin: Admin) -> None:
    """A tip at once, one who waits, and how they were answered; SIGTERM ends it with exit code 0."""
    process = await admin.starts("run")
    try:
        await admin.wire.until(lambda: admin.wire.gateway.connected and admin.wire.commands.get(""), timeout=60)
        tip = await admin.ada.slash(admin.support, "tip", topic="trolls")
        assert "courteous" in read(tip)
        admin.ada.say(admin.support, "How do I reset my password?")
        listed = await admin.tess.slash(admin.team, "mentions", "list")
        assert "1 person is waiting" in "".join(map(words, listed.shown))
    finally:
        process.send_signal(signal.SIGTERM)
        code, out, err = await ended(process)
    assert (code, out) == (0, "")
    assert "password" not in err
    assert admin.wire.token not in err
    code, out, _ = await admin.types("check", "--lang", "fr")
    assert (code, "warning" in out) == (0, False)
