"""Column types that give the same values back from SQLite and PostgreSQL, in the same order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits. SQLite numbers new rows by itself only in a column that is called INTEGER."""

Name = Text().with_variant(Text(collation="C"), "postgresql")
"""Ids and words, ordered by their bytes as Python and SQLite do, whatever the database's language is."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, given back in UTC.

    SQLite has no type for it. Microseconds since 1970 as an integer are exact, sort and compare as instants do, and
    take a third of the room of ISO text, which sorts wrongly as soon as one row leaves out its zeros.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = _EPOCH + timedelta(microseconds=value) if dialect.name == "sqlite" else value
        return instant.astimezone(UTC)


class Duration(TypeDecorator[timedelta]):
    """A span of time as microseconds."""

    impl = Number
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """Plain values as text; nothing is ever searched for inside it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else json.loads(value)


class Names(TypeDecorator[Sequence[str]]):
    """Any number of names as one value to ask with: an array, or what SQLite's `json_each` takes apart."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text))

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value
