"""From a file and the environment to a Config, or to one ConfigError that lists every problem at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from bot.config.assembly import Assembly, Config
from bot.config.environment import FILE, overlaid
from bot.config.problems import Source, key_lines
from bot.config.secrets import lines_with_secrets, without_secrets
from bot.errors import ConfigError
from bot.paths import expanded, is_there
from bot.redaction import mask_input

_HINTS = {
    "Invalid value": "; text stands in quotes",
    "Cannot overwrite": "; this key stands twice",
    "Cannot declare": "; this table stands twice",
}


BEGIN = "vigie example > config.toml"
"""What makes a first file."""


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration file and the environment.

    Args:
        path: the file; None: `VIGIE_CONFIG`, else `./config.toml`, else the one in the user's configuration directory.
        environ: the environment's variables.

    Raises:
        ConfigError: one line for every problem. No line ever holds a secret.
    """
    path = _find(path, environ)
    text = _text(path)
    data, problems = without_secrets(_parsed(path, text))
    file = Source(path, key_lines(text))
    problems += lines_with_secrets(text, {file.order(problem) for problem in problems})
    data, variables, misread = overlaid(data, environ)
    tables = data.pop("communities", [])
    assembly = Assembly(path, environ, [*problems, *misread])
    config = assembly.config(data, tables)
    if config is None:
        source = Source(path, file.lines, variables, _ids(tables))
        lines = map(source.say, sorted(assembly.problems, key=source.order))
        raise ConfigError("\n".join(dict.fromkeys(lines)))
    return config


def exists(environ: Mapping[str, str]) -> bool:
    """Whether there is a file that `load` would read if none is named."""
    return bool(environ.get(FILE)) or any(is_there(place, ConfigError) for place in _places())


def _places() -> list[Path]:
    return [Path("config.toml"), platformdirs.user_config_path("vigie") / "config.toml"]


def _find(path: Path | None, environ: Mapping[str, str]) -> Path:
    named = path or (Path(environ[FILE]) if environ.get(FILE) else None)
    looked = [expanded(named, ConfigError)] if named else _places()
    for candidate in looked:
        if is_there(candidate, ConfigError):
            return candidate
    places = " and ".join(str(candidate) for candidate in looked)
    raise ConfigError(mask_input(f"no configuration file: looked for {places}. To begin: {BEGIN}"))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        problem = f"is not a UTF-8 text file (byte {error.start})"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    # Raised out here, since the error above holds the whole content, and would be this one's context.
    raise ConfigError(mask_input(f"{path}: {problem}"))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
        repr(data)  # written in hexadecimal, a number may be read that is longer than Python writes
    except tomllib.TOMLDecodeError as error:
        said = str(error)
    except (ValueError, RecursionError):
        said = "a number is too long, or tables lie too deep in one another"
    else:
        return data
    end = len(text.rstrip("\n").split("\n"))
    said = said.replace("at end of document", f"at the end of line {end}")
    line = re.search(r"line (\d+)", said)
    place = f"{path}:{line[1]}" if line else str(path)
    hint = next((words for start, words in _HINTS.items() if said.startswith(start)), "")
    raise ConfigError(mask_input(f"{place}: this is not valid TOML: {said}{hint}"))


def _ids(tables: Any) -> tuple[str, ...]:
    """What each `[[communities]]` calls itself, to name it in an error; empty where that is no text."""
    if not isinstance(tables, list):
        return ()
    ids = (table.get("id") if isinstance(table, dict) else None for table in tables)
    return tuple(said if isinstance(said, str) else "" for said in ids)
