"""The elements of one long JSON array, one at a time.

A DiscordChatExporter file is one object that ends with an array of all messages, often larger than memory. The
standard library parses whole documents only, and the libraries that stream (ijson and its like) are not worth a
dependency for one array: each element is parsed by the standard library's own decoder out of a sliding window, and only
the commas between elements are looked at here.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

LARGEST_ITEM = 32 * 1024 * 1024
"""Characters of one element. Discord's own limits keep a message below 1 MB; what is larger is not a message."""

_AFTER = frozenset(",:]} \t\r\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=[^ \t\r\n])")


class JsonArray:
    """`{"a": …, KEY: [item, …], …}`: `head` is what stands before `key`, iterating gives the items.

    `ValueError` when it is anything else, or ends too early. What comes after the array is not read.
    """

    def __init__(self, chunks: Iterator[bytes], key: str) -> None:
        self._chunks = chunks
        self._bytes = codecs.getincrementaldecoder("utf-8-sig")()
        self._parse = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self.head = self._read_head(key)

    def __iter__(self) -> Iterator[object]:
        if self._mark() == "]":
            return
        self._at -= 1
        count = 0
        while True:
            try:
                yield self._value()
            except ValueError as error:
                raise ValueError(f"after {count} messages, {error}") from None
            count += 1
            comma = _COMMA.match(self._text, self._at)
            if comma is not None:
                self._at = comma.end()
            else:
                mark = self._mark()
                if mark == "]":
                    return
                if mark != ",":
                    raise ValueError(f"after {count} messages, expected a comma or the end of the list")
                self._at = self._skip_space()

    def _read_head(self, key: str) -> dict[str, object]:
        head: dict[str, object] = {}
        if self._mark() != "{":
            raise ValueError("expected an object")
        while True:
            self._at = self._skip_space()
            name = self._value()
            if not isinstance(name, str) or self._mark() != ":":
                raise ValueError("expected a key")
            if name == key:
                if self._mark() != "[":
                    raise ValueError(f"expected a list of {key}")
                return head
            self._at = self._skip_space()
            head[name] = self._value()
            if self._mark() != ",":
                raise ValueError(f"expected a key {key!r}")

    def _value(self) -> object:
        """The value at the cursor, which must not stand on white space."""
        while True:
            try:
                value, end = self._parse(self._text, self._at)
            except RecursionError:
                raise ValueError("brackets without end") from None
            except json.JSONDecodeError as error:
                if not self._grow():
                    ended = error.pos >= len(self._text)
                    raise ValueError("the file ends too early" if ended else error.msg) from None
            else:
                # What is not followed by one of these may be a number that goes on behind the window's end.
                if self._text[end : end + 1] in _AFTER or not self._grow():
                    self._at = end
                    return value

    def _mark(self) -> str:
        """The next character that is not white space; it is taken. `ValueError` at the end of the file."""
        at = self._skip_space()
        if at >= len(self._text):
            raise ValueError("the file ends too early")
        self._at = at + 1
        return self._text[at]

    def _skip_space(self) -> int:
        while True:
            space = _SPACE.match(self._text, self._at)
            at = space.end() if space is not None else self._at
            if at < len(self._text) or not self._grow():
                return min(at, len(self._text))

    def _grow(self) -> bool:
        """Slide the window on, so that it doubles while one element does not fit. False at the end of the file."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        if len(rest) > LARGEST_ITEM:
            raise ValueError(f"a message of more than {LARGEST_ITEM // 1024**2} million characters")
        parts, wanted = [rest], max(len(rest), 1)
        while wanted > 0 and not self._ended:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            more = self._bytes.decode(chunk or b"", final=self._ended)
            parts.append(more)
            wanted -= len(more)
        self._text = "".join(parts)
        self._at = 0
        return True
