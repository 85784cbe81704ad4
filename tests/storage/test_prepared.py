"""What is prepared says the same as SQLAlchemy would, or says that it cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from storage.prepared import Prepared
from storage.tables import deliveries


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("literal", [False, True])
def test_what_has_no_single_wording_is_refused(dialect: Dialect, literal: bool) -> None:
    """A list has as many places as it has values, so that its statement cannot be worded without them."""
    listed = deliveries.c.key.in_(bindparam("keys", ["a", "b"], expanding=True, literal_execute=literal))
    with pytest.raises(ValueError, match="cannot be prepared"):
        Prepared(select(deliveries).where(listed), dialect, [])


def test_a_constant_of_a_statement_stays_in_it() -> None:
    """A value that the statement brings itself is written as its column's type wants it, and need not be given."""
    due = select(deliveries.c.key).where(deliveries.c.subject == {"of": "x"}, deliveries.c.key == bindparam("this"))
    prepared = Prepared(due, sqlite.dialect(), [])
    assert prepared.bind({"this": "nudge/1"}) == ['{"of":"x"}', "nudge/1"]
    with pytest.raises(KeyError):
        prepared.bind({})
