"""What every page is told, numbered, with what was told lately: who lost the connection gets what they missed."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from secrets import token_hex

from adapters.sandbox.protocol import Ack, Change, Hello

KEPT = 2000
"""Changes that a page which comes back can still be given; more than that, and it begins anew."""

QUEUE = 1000
"""Texts that may wait for one page. One that reads so slowly is left behind and comes back when it can."""


class Tab:
    """One page's connection: the texts to send it, in their order. `left_behind` once it was too slow."""

    def __init__(self, limit: int = QUEUE) -> None:
        self.left_behind = asyncio.Event()
        self._waiting: deque[str] = deque()
        self._limit = limit
        self._filled = asyncio.Event()

    def put(self, text: str) -> None:
        if self.left_behind.is_set():
            return
        if len(self._waiting) >= self._limit:
            self._waiting.clear()
            self.left_behind.set()
            return
        self._waiting.append(text)
        self._filled.set()

    def answer(self, ack: Ack) -> None:
        """After every change that was told before it."""
        self.put(_text(ack))

    async def take(self) -> str:
        """The next text; waits for it."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()


class Feed:
    """The changes of one session. `session` tells pages whether theirs is still the one that they know."""

    def __init__(self, kept: int = KEPT) -> None:
        self.session = token_hex(8)
        self.seq = 0
        self.tabs: set[Tab] = set()
        self._kept: deque[tuple[int, str]] = deque(maxlen=kept)

    def publish(self, change: Mapping[str, object]) -> None:
        """Tell every page. `change` is a Change without its type and number."""
        self.seq += 1
        numbered: Change = {"type": "change", "seq": self.seq, **change}  # type: ignore[typeddict-item]  # its keys are a Change's
        text = _text(numbered)
        self._kept.append((self.seq, text))
        for tab in list(self.tabs):
            tab.put(text)
            if tab.left_behind.is_set():
                self.tabs.discard(tab)

    def resume(self, tab: Tab, after: int, session: str) -> bool:
        """Give a page what came after that number, and everything from now on; False when it has to begin anew."""
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        if session != self.session or not oldest - 1 <= after <= self.seq:
            return False
        for seq, text in self._kept:
            if seq > after:
                tab.put(text)
        self.tabs.add(tab)
        return True

    def greet(self, tab: Tab, hello: Hello) -> None:
        """Begin anew with a page."""
        tab.put(_text(hello))
        self.tabs.add(tab)

    def begin_anew(self, *, session: bool) -> None:
        """From here on only a Hello will do; with `session`, nothing that was known before counts any more."""
        self._kept.clear()
        self.seq += 1
        if session:
            self.session, self.seq = token_hex(8), 0


def _text(data: Hello | Change | Ack) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
