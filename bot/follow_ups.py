"""Messages that join a mention and decide nothing: known to memory first, stored with what is decided or saved next.

Until a cursor has passed such a message, a restart reads it again; so a cursor is never saved ahead of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.model import Mention, MessageRef
from bot.ports import Transaction


class Astray(Exception):
    """Follow-ups of a mention that is over by now: another process closed it, and memory did not know."""

    def __init__(self, mention: Mention) -> None:
        super().__init__(mention.id)
        self.mention = mention


class FollowUps:
    """The follow-ups that the database does not know yet, by the mention that they join."""

    def __init__(self) -> None:
        self._refs: dict[str, list[MessageRef]] = {}

    def __bool__(self) -> bool:
        return bool(self._refs)

    def add(self, mention_id: str, ref: MessageRef) -> None:
        self._refs.setdefault(mention_id, []).append(ref)

    def of(self, mention_id: str) -> list[MessageRef]:
        """Those of one mention, oldest first."""
        return list(self._refs.get(mention_id, ()))

    def discard(self, mention_id: str, ref: MessageRef) -> None:
        """A message leaves its mention: whoever stores follow-ups at this moment must not bring it back."""
        if ref in (refs := self._refs.get(mention_id, [])):
            refs.remove(ref)

    def drop(self, mention_id: str) -> None:
        """Those of one mention are not to be stored."""
        self._refs.pop(mention_id, None)

    async def write(self, tx: Transaction, mention_ids: Collection[str] | None = None) -> Callable[[], None]:
        """Store those of some mentions, or all; what is returned forgets just these, once that is committed.

        Those of a mention that is stored no more are forgotten as well: they belong to nothing. Where all are to be
        stored, `Astray` tells of a mention that is over: somebody has to look what they say first.
        """
        if not self._refs or (mention_ids is not None and self._refs.keys().isdisjoint(mention_ids)):
            return _nothing
        chosen = self._refs if mention_ids is None else self._refs.keys() & set(mention_ids)
        written = {mention_id: list(self._refs[mention_id]) for mention_id in chosen}
        for mention_id, refs in written.items():
            mention = await tx.mention(mention_id)
            if mention is not None:
                if mention_ids is None and not mention.state.waits:
                    raise Astray(mention)
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
