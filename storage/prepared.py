"""Statements of nearly every transaction, put into words once and handed to the driver itself.

SQLAlchemy words them and knows the types. Its layers for executing them, made for any statement and any driver, took
ten times as long as SQLite does: of a mention that opens that was three quarters of the whole cost.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Dialect, Executable

Row = Any
"""A row of whatever columns were asked for, by their names."""

_Convert = Callable[[Any], Any]


class Prepared:
    """A statement in the words of one dialect. `keys` are the columns that an INSERT or UPDATE is given values for.

    `ValueError` for one whose wording depends on its values, such as a list for IN.
    """

    def __init__(self, statement: Executable, dialect: Dialect, keys: Sequence[str]) -> None:
        worded: Any = statement.compile(dialect=dialect, column_keys=list(keys))  # type: ignore[attr-defined]  # what is executable here is a clause
        self.sql = str(worded)
        if worded.post_compile_params or worded.literal_execute_params:
            raise ValueError(f"cannot be prepared: {self.sql}")
        names = worded.positiontup if worded.positional else list(worded.binds)
        self._positional = bool(worded.positional)
        self._binds = [_bind(name, worded.binds[name], dialect) for name in names]
        columns = list(statement.exported_columns) if hasattr(statement, "exported_columns") else []
        self._row: Any = namedtuple("_Row", [column.name for column in columns]) if columns else None
        self._results = [
            (number, convert)
            for number, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def bind(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver wants them. `KeyError` when one is missing."""
        if self._positional:
            return [
                constant if key is None else values[key] if convert is None else convert(values[key])
                for _, key, constant, convert in self._binds
            ]
        return {
            name: constant if key is None else values[key] if convert is None else convert(values[key])
            for name, key, constant, convert in self._binds
        }

    @property
    def brings_rows(self) -> bool:
        return self._row is not None

    def row(self, found: Sequence[Any]) -> Row:
        """A row that the driver brought."""
        cells = list(found)
        for number, convert in self._results:
            cells[number] = convert(cells[number])
        return self._row._make(cells)


def _bind(name: str, bind: BindParameter[Any], dialect: Dialect) -> tuple[str, str | None, Any, _Convert | None]:
    """How one value gets into the statement: by its key, or the same each time."""
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if bind.required:
        return (name, bind.key, None, convert)
    return (name, None, bind.effective_value if convert is None else convert(bind.effective_value), None)


class Wordings:
    """The prepared statements of one store, worded when first used."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[Executable, Prepared] = {}

    def of(self, statement: Executable, keys: Iterable[str]) -> Prepared:
        """`keys` must be the same each time: the statements are constants, and so are the columns they set."""
        known = self._known.get(statement)
        if known is None:
            known = self._known[statement] = Prepared(statement, self._dialect, list(keys))
        return known
