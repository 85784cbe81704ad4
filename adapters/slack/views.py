"""What modals and the home tab share: posts one beneath the other, within the limits of a view. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.blocks import Block, Rows, context, groups, weight
from adapters.slack.splitting import NOTHING
from bot.post import Post

BLOCKS = 100
TOGETHER = 60_000
"""Characters in all blocks: a view of more than some 250 KB is refused (`view_too_large`), and one may take 4 bytes."""


def stacked(posts: Sequence[Post]) -> list[Block]:
    """Their blocks, with a line between two posts. A view is one: what it cannot hold is left out, visibly."""
    rows, shown, length = Rows(), list[Block](), 0
    for number, post in enumerate(posts):
        for at, together in enumerate(groups(post, rows)):
            line = [{"type": "divider"}] if number and not at else []
            more = sum(map(weight, together))
            if len(shown) + len(line) + len(together) >= BLOCKS or length + more > TOGETHER:
                return [*shown, context(NOTHING)]
            shown += [*line, *together]
            length += more
    return shown or [context(NOTHING)]
