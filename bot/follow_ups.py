"""Messages that join a mention and decide nothing: known to memory first, stored with what is decided or saved next.

Until a cursor has passed such a message, a restart reads it again; so a cursor is never saved ahead of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.model import MessageRef
from bot.ports import Transaction


class FollowUps:
    """The follow-ups that the database does not know yet, by the mention that they join."""

    def __init__(self) -> None:
        self._refs: dict[str, list[MessageRef]] = {}

    def __bool__(self) -> bool:
        return bool(self._refs)

    def add(self, mention_id: str, ref: MessageRef) -> None:
        self._refs.setdefault(mention_id, []).append(ref)

    async def write(self, tx: Transaction, mention_ids: Collection[str] | None = None) -> Callable[[], None]:
        """Store those of some mentions, or all; what is returned forgets just these, once that is committed.

        Those of a mention that is stored no more are forgotten as well: they belong to nothing.
        """
        if not self._refs or (mention_ids is not None and self._refs.keys().isdisjoint(mention_ids)):
            return _nothing
        chosen = self._refs if mention_ids is None else self._refs.keys() & set(mention_ids)
        written = {mention_id: list(self._refs[mention_id]) for mention_id in chosen}
        for mention_id, refs in written.items():
            if await tx.mention(mention_id) is not None:
                for ref in refs:
                    await tx.attach(mention_id, ref)

        def forget() -> None:
            for mention_id, refs in written.items():
                # What joined while this was being stored, or was stored by somebody else since, is not ours to drop.
                known = self._refs.pop(mention_id, refs)
                if known != refs and (rest := [ref for ref in known if ref not in refs]):
                    self._refs[mention_id] = rest

        return forget


def _nothing() -> None:
    """There was nothing to forget."""
