"""What the bot asks of Discord: no more than it uses, each thing with its reason, and the same in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from adapters.discord.manifest import BITS, INTENTS, PERMISSIONS, PRIVILEGED, SCOPES, TITLES, invitation, permissions
from bot.config import load
from bot.settings import Mode

INDENTED = r"(?:^(?: {4}.*)?\n)+"
DOCS = (Path(__file__).parents[2] / "docs" / "discord.md").read_text()


def table(heading: str) -> dict[str, str]:
    """The rows of the table under a heading of the docs: what stands in code in the first cell, to the last cell."""
    part = DOCS.split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return {found[1]: cells[-1].strip() for cells in rows if (found := re.search("`([^`]+)`", cells[0]))}


def test_the_bits_are_discords() -> None:
    """The number in the invitation means these permissions to discord.py as well, and no others."""
    assert set(BITS) == set(PERMISSIONS)
    assert discord.Permissions(**dict.fromkeys(PERMISSIONS, True)).value == permissions()


def test_nothing_is_asked_that_could_do_harm() -> None:
    """No administrator, no mentioning of everyone, no managing, no kicking."""
    asked = discord.Permissions(permissions())
    assert not asked.administrator
    assert not asked.mention_everyone
    assert not any(given for name, given in asked if name.startswith(("manage", "kick", "ban", "moderate")))


def test_the_intents_exist() -> None:
    """Under these names, and the privileged ones are those that Discord calls so."""
    intents = discord.Intents(**dict.fromkeys(INTENTS, True))
    assert {name for name, wanted in intents if wanted} >= set(INTENTS)
    assert {"members", "message_content", "presences"} & set(INTENTS) == PRIVILEGED


def test_the_invitation_asks_for_just_that() -> None:
    """The application, the permissions and the scopes; nothing that stays secret."""
    address = urlsplit(invitation("1234567890"))
    assert (address.scheme, address.netloc, address.path) == ("https", "discord.com", "/oauth2/authorize")
    assert parse_qs(address.query) == {
        "client_id": ["1234567890"],
        "permissions": [str(permissions())],
        "integration_type": ["0"],
        "scope": [" ".join(SCOPES)],
    }


@pytest.mark.parametrize(("heading", "told"), [("Permissions", PERMISSIONS), ("Intents", INTENTS), ("Scopes", SCOPES)])
def test_the_docs_tell_the_same(heading: str, told: dict[str, str]) -> None:
    """Each table of docs/discord.md has what the code asks for, with the reason that the code gives."""
    assert table(heading) == dict(told)


def test_the_docs_call_permissions_as_discord_does() -> None:
    """In the words of its own pages, which the check uses too."""
    assert TITLES.keys() == PERMISSIONS.keys()
    assert all(f"| `{name}` | {title} |" in DOCS for name, title in TITLES.items())


def test_the_docs_give_the_number() -> None:
    """For those who build the address by hand."""
    assert f"permissions={permissions()}" in DOCS


def test_the_configurations_of_the_docs_are_valid(tmp_path: Path) -> None:
    """Each block of settings is taken as it stands; those for more servers, or another one, are added to the first."""
    blocks = ["\n".join(line[4:] for line in found.splitlines()) for found in re.findall(INDENTED, DOCS, re.MULTILINE)]
    first, *others = [block for block in blocks if re.search(r"^\[", block, re.MULTILINE)]
    assert len(others) == 2
    for other in ("", *others):
        file = tmp_path / "config.toml"
        file.write_text(f"{first}\n{other}")
        config = load(file, {"VIGIE_DISCORD_TOKEN": "some.bot.token"})
        assert config.discord is not None
        assert list(config.default.mentions.watch.values()) == [Mode.QUESTIONS, Mode.EVERYTHING]
