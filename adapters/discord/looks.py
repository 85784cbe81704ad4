"""A Post as bodies for *create message*, *edit message* and interaction responses. Pure.

Two forms, each where it reads best:

A *card*: the title, with those whom it pings, as the message's content; all else as an embed; the buttons in rows. A
push notification shows a message's content and nothing of its embeds, and nothing at all of a Components V2 message
(https://github.com/discord/discord-api-docs/issues/7854). So what is said unasked, a tip or a nudge, is a card: the
locked phone says *@Moderators Ada is waiting for an answer*, and the opened one shows an embed, set off from the talk
around it, whose fields and small print the platform lays out for a narrow screen.

A *list*: Components V2, for posts whose items have buttons of their own, since a card can hold no button between two
texts. It is only ever the private answer to somebody who is looking (`/mentions`), where no notification matters.
"""

from __future__ import annotations

from typing import Any

from adapters.discord.cards import card
from adapters.discord.lists import COMPONENTS_V2, listed
from adapters.discord.parts import Body, File, file_of
from adapters.discord.payloads import as_dict, as_int
from bot.model import Community
from bot.post import Post
from bot.texts import closest, texts

__all__ = ["COMPONENTS_V2", "Body", "File", "as_edit", "file_of", "has_components_v2", "rendered"]


def rendered(post: Post, speak_language: str | None, origin: Community, *, components_v2: bool = False) -> list[Body]:
    """Bodies in the order in which they are to be sent; several when limits demand splitting.

    The first carries the pings and the picture (`file_of`), the last one the buttons. `speak_language` is for the few
    words that the platform wants and the post does not have. `components_v2` when they are to replace a message that
    has that flag already (`has_components_v2`), since it cannot be taken away again. `flags`, where there are any, are
    to be combined (`|`) with the caller's own, such as EPHEMERAL.
    """
    if components_v2 or any(button.url is None for item in post.items for button in item.buttons):
        return listed(post, origin.id, texts(closest(speak_language, "en")))
    return card(post, origin.id)


def as_edit(body: Body) -> Body:
    """The same body for an edit: what it does not have is taken away from the message."""
    if as_int(body.get("flags")) & COMPONENTS_V2:
        return {"attachments": [], **body, "content": None, "embeds": None}
    return {"attachments": [], **body}


def has_components_v2(message: Any) -> bool:
    """Whether this message's payload has the flag."""
    return bool(as_int(as_dict(message).get("flags")) & COMPONENTS_V2)
