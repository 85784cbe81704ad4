"""What is wrong with a configuration, in words: one line each, with the place and the key, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bot.redaction import mask_input

Loc = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and indices (from 0) in arrays of tables."""

_LONGEST = 1200
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(
    r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


@dataclass(frozen=True)
class Problem:
    """`line` only where no key tells it; `variable` when no key at all is concerned, but the environment."""

    where: Loc
    text: str
    unknown: bool = False
    line: int | None = None
    variable: bool = False


@dataclass(frozen=True)
class Source:
    """Where the values came from: a file, and for some of them an environment variable."""

    path: Path
    lines: Mapping[Loc, int] = field(default_factory=dict)
    variables: Mapping[Loc, str] = field(default_factory=dict)
    communities: tuple[str, ...] = ()

    def say(self, problem: Problem) -> str:
        """`config.toml:12: tips.at: "25:00" is not a time of day; …`."""
        key = self._dotted(problem.where)
        words = f"unknown key {key}" if problem.unknown else key
        line = f"{self._place(problem)}: {words}{': ' if words else ''}{problem.text}"
        # Whatever somebody typed may be in here: a line break, a terminal's escape, a secret.
        shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in mask_input(line))
        return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"

    def order(self, problem: Problem) -> int:
        return problem.line or self._line(problem.where) or 0

    def _place(self, problem: Problem) -> str:
        if problem.variable:
            return "environment"
        if variable := self.variables.get(problem.where):
            return f"environment, {variable}"
        line = self.order(problem)
        return f"{self.path}:{line}" if line else str(self.path)

    def _line(self, where: Loc) -> int | None:
        return next((self.lines[where[:end]] for end in range(len(where), 0, -1) if where[:end] in self.lines), None)

    def _dotted(self, where: Loc) -> str:
        words = ""
        for index, part in enumerate(where):
            if isinstance(part, str):
                words += ("." if words else "") + (part if _BARE.fullmatch(part) else f'"{part}"')
            elif where[:index] == ("communities",) and part < len(self.communities) and self.communities[part]:
                words += f"[{self.communities[part]}]"
            else:
                words += f"[{part + 1}]"
        return words


def key_lines(text: str) -> dict[Loc, int]:
    """The line of each table and key. Good enough for an error: what looks like a key in a long text counts as one."""
    lines: dict[Loc, int] = {}
    last: dict[Loc, int] = {}
    table: Loc = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _table(_parts(header[2]), last, array=header[1] == "[[")
            where = table
        elif assignment := _ASSIGNMENT.match(line):
            where = table + _parts(assignment[1])
        else:
            continue
        for end in range(1, len(where) + 1):
            lines.setdefault(where[:end], number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(double or single or bare for double, single, bare in _PART.findall(dotted))


def _table(parts: tuple[str, ...], last: dict[Loc, int], *, array: bool) -> Loc:
    """`[communities.tips]` is in the last of the communities so far; `[[communities]]` begins another."""
    where: Loc = ()
    for depth, part in enumerate(parts, start=1):
        where += (part,)
        if array and depth == len(parts):
            last[where] = last.get(where, -1) + 1
        if where in last:
            where += (last[where],)
    return where


def problems_of(
    error: ValidationError, model: type[BaseModel], above: str = "", beside: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """Every problem that a model found, without a word of pydantic's.

    `above` begins the headers of its tables; `beside` are valid keys that are not the model's.
    """
    for found in error.errors(include_url=False, include_input=False):
        where, kind = found["loc"], found["type"]
        if kind == "value_error":
            yield _about_one_key(model, where, str(found["ctx"]["error"]))
        elif kind == "extra_forbidden":
            yield Problem(where, _unknown(model, where, beside), unknown=True)
        elif kind == "missing":
            field_of = _model_at(model, where[:-1]).model_fields[str(where[-1])]
            yield Problem(where, f'is missing; write for example {where[-1]} = "{(field_of.examples or ["…"])[0]}"')
        elif kind in ("tuple_type", "list_type"):
            yield Problem(where, f"is a list of tables; write [[{above}{_header(where)}]] above the keys of each")
        elif kind in ("model_type", "model_attributes_type", "dict_type"):
            yield Problem(where, f"is a table; write [{above}{_header(where)}] on a line of its own and its keys below")
        else:
            yield Problem(where, "has a value of the wrong kind")


def _about_one_key(model: type[BaseModel], where: Loc, text: str) -> Problem:
    """What a table says against one of its keys begins with that key."""
    key, colon, words = text.partition(": ")
    holder = _model_at(model, where)
    return Problem((*where, key), words) if colon and key in holder.model_fields else Problem(where, text)


def _header(where: Loc) -> str:
    return ".".join(part for part in where if isinstance(part, str))


def _unknown(model: type[BaseModel], where: Loc, beside: tuple[str, ...]) -> str:
    *above, key = where
    siblings = [*_model_at(model, tuple(above)).model_fields, *(() if above else beside)]
    near = get_close_matches(str(key), siblings, n=1, cutoff=0.6)
    if near:
        meant = ".".join(part for part in (*above, near[0]) if isinstance(part, str))
    elif above and key in model.model_fields:
        table = submodel(model, str(key))
        meant = f"[{key}], a table of its own" if table else f"{key}, which stands above every table"
    else:
        meant = " or ".join(".".join(dotted) for dotted in leaves(model) if dotted[-1] == key)
    hint = f"did you mean {meant}? " if meant else ""
    return f"{hint}Valid keys: {', '.join(siblings)}"


def _model_at(model: type[BaseModel], where: Loc) -> type[BaseModel]:
    for part in where:
        if isinstance(part, str):
            model = submodel(model, part) or model
    return model


def submodel(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The table under this key, or the one that an array of tables consists of; None for a plain value."""
    annotation: Any = model.model_fields[key].annotation
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def leaves(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a model that holds a plain value or an array of tables, with its tables' names before it."""
    for key, info in model.model_fields.items():
        table = submodel(model, key)
        if table and info.default_factory:
            yield from leaves(table, (*above, key))
        else:
            yield (*above, key)
