"""Settings said by environment variables: `VIGIE_TIPS__AT=10:00` is `at` in `[tips]`, and wins over the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from bot.config.problems import Loc, Problem, leaves
from bot.config.schema import Root
from bot.config.secrets import SECRETS, secret_in

PREFIX = "VIGIE_"
FILE = "VIGIE_CONFIG"
_IN_FILE_ONLY = re.compile(r"VIGIE_(COMMUNITIES|MENTIONS__LADDER)(__.*)?")


def variables() -> dict[str, tuple[str, ...]]:
    """Every plain setting that a variable can say. An array of tables has no form as one value."""
    return {PREFIX + "__".join(where).upper(): where for where in leaves(Root) if where != ("mentions", "ladder")}


def overlaid(
    data: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Loc, str], list[Problem]]:
    """The file's values with the environment's above them, which variable said which, and what is wrong with them.

    An empty variable says nothing: that is what a placeholder in a compose file looks like.
    """
    result = deepcopy(dict(data))
    known = variables()
    origins: dict[Loc, str] = {}
    problems: list[Problem] = []
    ours = {FILE, *(secret.variable for secret in SECRETS)}
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name not in ours):
        where = known.get(name)
        if where is None:
            problems += _misspelt(name, {*known, *ours})
        elif environ[name].strip():
            origins[where] = name
            if not _is_text(environ[name]):
                problems.append(Problem(where, "is not UTF-8 text"))
            elif where != ("database", "url") and (found := secret_in(where[-1], environ[name])):
                problems.append(Problem(where, f"{found.what} does not belong in {name}; {found.advice}"))
            else:
                _put(result, where, environ[name])
    _put_one_address(result, origins)
    return result, origins, problems


def _misspelt(name: str, known: set[str]) -> list[Problem]:
    if _IN_FILE_ONLY.fullmatch(name):
        words = f"{name}: an array of tables has no form as a variable; write it in the file"
        return [Problem((), words, variable=True)]
    # Others may use our prefix: Kubernetes tells the pods of a service called "vigie" VIGIE_PORT and the like.
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.75 if "__" in name else 0.9)
    if not near and "__" not in name:
        return []
    hint = f"did you mean {near[0]}?" if near else "no setting is called so"
    return [Problem((), f"unknown variable {name}: {hint}", variable=True)]


def _is_text(value: str) -> bool:
    """Bytes that are no UTF-8 come out of the environment as halves of surrogate pairs (PEP 383)."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _put(data: dict[str, Any], where: tuple[str, ...], value: str) -> None:
    table: Any = data
    for part in where[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):  # a table's name used for a value: the schema will say so
            return
    table[where[-1]] = value


def _put_one_address(data: dict[str, Any], origins: Mapping[Loc, str]) -> None:
    """Whichever of `url` and `url_file` the environment says replaces both of the file."""
    table = data.get("database")
    for said, other in (("url", "url_file"), ("url_file", "url")):
        if ("database", said) in origins and ("database", other) not in origins and isinstance(table, dict):
            table.pop(other, None)
