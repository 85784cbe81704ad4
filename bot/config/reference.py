"""The reference page of every setting, made from the schema so that it cannot be wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from inspect import getdoc
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.environment import FILE, PREFIX
from bot.config.loading import BEGIN
from bot.config.problems import submodel
from bot.config.schema import CommunityTable, Root, Rung, Words
from bot.config.secrets import SECRETS

_HEAD = f"""<!-- Made by `python -m bot.config > docs/configuration.md`. Change bot/config/schema.py instead. -->
# Configuration

The bot reads one TOML file: the one given on the command line, else the one that `{FILE}` names, else `config.toml`
where it is started, else `config.toml` in the user's configuration directory. To begin:

    {BEGIN}

Every setting has a default. A key that does not exist, a value that makes no sense, and settings that contradict each
other are told all at once when the bot starts, each with its line. Paths are relative to the file.

- **An id** is what the platform calls a channel, a member, a role or a user group, not its name. In Slack it stands at
  the end of *View details*; in Discord, switch the developer mode on, right-click, *Copy ID*.
- **A time of day** is written `"09:00"` or `"9h30"`; **a duration** `"90s"`, `"30m"`, `"2h"`, `"1h30"` or `"1d"`
  (always 24 hours, of working time too where it says so); **days** `"mon"` or `"mon-fri"`, in English or in French.

## Environment

Any setting outside `[[communities]]`, except for the ladder, can be said by a variable instead, which wins over the
file: `{PREFIX}` and the key in capitals, with two underscores for the dot. A list is written with commas, channels with
modes as `C0123=questions,C0456`. An empty variable says nothing.

    {PREFIX}ZONE=Europe/Paris
    {PREFIX}TIPS__AT=09:30
    {PREFIX}DATABASE__URL=postgresql://vigie:…@database/vigie

## Secrets

A secret is never in the file: a token or a password found there is refused. It comes from its variable, or from a file
that a key names (which only the bot should be able to read); the variable wins.

| variable | key of the file instead | what it is |
|---|---|---|
"""


def document() -> str:
    """The page, in Markdown."""
    secrets = "".join(
        f"| `{secret.variable}` | `{'.'.join(secret.where)}` | {secret.meaning} |\n" for secret in SECRETS
    )
    address = (
        "| `VIGIE_DATABASE__URL` | `database.url_file` | The database's address, if there is a password in it. |\n"
    )
    return _HEAD + secrets + address + "".join(_section("", Root, "Above every table"))


def _section(name: str, model: type[BaseModel], title: str) -> Iterator[str]:
    """A table's own keys, then the tables in it."""
    tables = {key: table for key in model.model_fields if (table := submodel(model, key))}
    yield f"\n## {title}\n\n"
    if name:
        yield f"{' '.join((getdoc(model) or '').split())}\n\n"
    yield "| key | type | default | meaning |\n|---|---|---|---|\n"
    for key, info in model.model_fields.items():
        if key not in tables or info.default_factory is None:
            yield _row(f"{name}.{key}" if name else key, info)
    for key, table in tables.items():
        path = f"{name}.{key}" if name else key
        yield from _section(path, table, f"`[[{path}]]`" if table is Rung else f"`[{path}]`")
    if model is Root:
        yield from _communities()


def _communities() -> Iterator[str]:
    yield f"\n## `[[communities]]`\n\n{' '.join((getdoc(CommunityTable) or '').split())}\n\n"
    yield "| key | type | default | meaning |\n|---|---|---|---|\n"
    yield _row("communities.id", CommunityTable.model_fields["id"])


def _row(key: str, info: FieldInfo) -> str:
    example = f" Example: `{toml(info.examples[0])}`." if info.examples else ""
    default = "required" if info.is_required() or info.default is None else f"`{toml(info.default)}`"
    cells = (f"`{key}`", _type(info), default, f"{info.description}{example}")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _type(info: FieldInfo) -> str:
    if words := next((note.text for note in info.metadata if isinstance(note, Words)), None):
        return words
    if isinstance(info.annotation, type) and issubclass(info.annotation, StrEnum):
        return ", ".join(f"`{toml(choice.value)}`" for choice in info.annotation)
    return "a list of tables"


def toml(value: Any) -> str:
    """A value as one writes it on one line of TOML."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_bare(key)} = {toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _bare(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)
