from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.config import document, load
from bot.config.environment import variables
from bot.config.problems import leaves, submodel
from bot.config.reference import toml
from bot.config.schema import CommunityTable, Root, Rung
from bot.config.secrets import SECRETS

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """As one would write them in the file."""
    return {
        key: defaults(table) if (table := submodel(model, key)) and info.default_factory else plain(info.default)
        for key, info in model.model_fields.items()
    }


def plain(value: object) -> object:
    return tomllib.loads(f"value = {toml(value)}")["value"]


def test_the_example_loads_as_it_is() -> None:
    """Copying it is all that a first start needs."""
    config = load(ROOT / "config.example.toml", {})
    assert config.slack is None
    assert config.discord is None
    assert config.warnings == ()


def test_the_example_is_the_one_that_is_installed() -> None:
    """What `vigie example` prints for whoever has no source is what lies there."""
    assert files("bot.config").joinpath("example.toml").read_text("utf-8") == EXAMPLE


def test_the_example_shows_every_setting_at_its_default() -> None:
    """A line `#key = value` with its # away changes nothing, and none is forgotten."""
    shown = tomllib.loads(re.sub(r"(?m)^#(?=[\w\[])", "", EXAMPLE))
    expected = defaults(Root)
    # The code says an empty list where the file may show an empty table; both are "nothing".
    assert shown == expected
    assert set(Rung.model_fields) == set(shown["mentions"]["ladder"][0])
    assert '#   id = "slack:' in EXAMPLE


def test_the_example_names_every_secret() -> None:
    """Whoever copies it learns where tokens go."""
    assert not [secret.variable for secret in SECRETS if secret.variable not in EXAMPLE]


def test_remarks_in_the_example_that_show_settings_are_valid(tmp_path: Path) -> None:
    """What stands in a remark can be copied too."""
    file = tmp_path / "config.toml"
    remarks = re.findall(r"(?m)^#   (\w+ = .*)$", EXAMPLE.partition("# Communities that differ")[0])
    assert len(remarks) == 5
    for remark in remarks:
        key = remark.split()[0]
        table = {"watch": '[mentions]\nchannel = "C9"\n', "dates": "[holidays]\n"}.get(key, "")
        file.write_text(f"{table}{remark}", encoding="utf-8")
        load(file, {})
    own = re.findall(r"(?m)^#   (.+)$", EXAMPLE.partition("# Communities that differ")[2])
    file.write_text("\n".join(own), encoding="utf-8")
    assert len(load(file, {}).overrides) == 1


def test_the_reference_is_up_to_date() -> None:
    """docs/configuration.md is what `python -m bot.config` says."""
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == document()


def test_the_reference_explains_every_setting_and_secret() -> None:
    """Every key has a row, a type and a meaning; every secret has its variable."""
    page = document()
    for dotted in [*leaves(Root), ("mentions", "ladder", "after"), ("mentions", "ladder", "to"), ("communities", "id")]:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{'.'.join(dotted)}` |"))
        assert all(cell.strip() for cell in row.strip("|").split(" | ")), row
    assert not [secret.variable for secret in SECRETS if secret.variable not in page]


def test_every_example_of_the_reference_is_valid(tmp_path: Path) -> None:
    """What the page shows can be copied."""
    file = tmp_path / "config.toml"
    (tmp_path / "tips").mkdir()
    needed = {
        "mentions.watch": '[mentions]\nchannel = "C9"\n',
        "holidays.subdivision": '[holidays]\ncountry = "FR"\n',
        "slack.client_id": '[slack]\nmode = "http"\npublic_url = "https://vigie.example.org"\n',
    }
    secrets = {
        "slack.client_id": {
            "VIGIE_SLACK_SIGNING_SECRET": "0" * 32,
            "VIGIE_SLACK_CLIENT_SECRET": "1" * 32,
            "VIGIE_SLACK_ENCRYPTION_KEYS": f"{'k' * 43}=",
        }
    }
    for name, where in variables().items():
        model: type[BaseModel] = Root
        for part in where[:-1]:
            model = submodel(model, part) or model
        info = model.model_fields[where[-1]]
        assert info.examples, name
        if not where[-1].endswith("_file"):
            key = ".".join(where)
            header = needed.get(key) or ("" if len(where) == 1 else f"[{where[0]}]\n")
            file.write_text(f"{header}{where[-1]} = {toml(info.examples[0])}", encoding="utf-8")
            load(file, secrets.get(key, {}))
    assert CommunityTable.model_fields["id"].examples
