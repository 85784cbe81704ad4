"""The reader of one long array of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exports import arrays
from adapters.exports.arrays import JsonArray

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@given(
    st.lists(JSON, max_size=6),
    st.dictionaries(st.text().filter(lambda key: key != "m"), JSON),
    st.integers(1, 40),
    st.sampled_from([None, 1]),
)
def test_same_as_json_loads(items: list[object], head: dict[str, object], size: int, indent: int | None) -> None:
    """However the bytes are cut, even within a character or a number, the items are those that `json.loads` finds."""
    data = json.dumps({**head, "m": items, "count": 5}, indent=indent, ensure_ascii=indent is None).encode()
    array = JsonArray(cut(data, size), "m")
    assert array.head == head
    assert list(array) == items


def test_byte_order_mark() -> None:
    """Windows editors add one."""
    assert list(JsonArray(cut(b"\xef\xbb\xbf" + b'{"m": [1, 2]}', 2), "m")) == [1, 2]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "ends too early"),
        (b"[]", "expected an object"),
        (b"{}", "Expecting value"),
        (b'{"a": 1}', "expected a key 'm'"),
        (b'{"m": {}}', "expected a list"),
        (b'{"m": [', "ends too early"),
        (b'{"m": [{"a": 1}, {"a": ', "after 1 messages, the file ends too early"),
        (b'{"m": [1 2]}', "after 1 messages, expected a comma"),
        (b'{"m": [1, }', "after 1 messages, Expecting value"),
        (b'{"m": ["\xff"]}', "utf-8"),
        (b'{"m": [' + b"[" * 500_000, "brackets without end"),
        (b'{"a": ' + b"[" * 500_000, "brackets without end"),
    ],
)
def test_broken(data: bytes, why: str) -> None:
    """Anything else is told in words, with how far it was whole."""
    with pytest.raises(ValueError, match=why):
        list(JsonArray(cut(data, 16), "m"))


def test_item_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that never ends is given up before it fills the memory."""
    monkeypatch.setattr(arrays, "LARGEST_ITEM", 10_000)
    endless = (b"x" * 1000 for _ in range(10**9))

    def chunks() -> Iterator[bytes]:
        yield b'{"m": ["'
        yield from endless

    with pytest.raises(ValueError, match="million characters"):
        list(JsonArray(chunks(), "m"))
