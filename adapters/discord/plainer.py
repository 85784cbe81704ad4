"""The same message with less art, for a server that cannot take it as it is.

Discord itself takes what `looks` makes, or that is a bug of ours; servers that only resemble it have no Components V2,
or want fields of an embed that Discord does not. Better said plainly than not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.discord.parts import NOTHING, ROW, ROWS, Body, File
from adapters.discord.payloads import as_dict, as_int, as_list, as_text
from adapters.discord.rest import Rest
from adapters.discord.text import size
from bot.errors import ChatError, Rejected, Unavailable
from bot.excerpt import signs
from bot.logger import get_logger

log = get_logger(__name__)

CONTENT = 2000
COMPONENTS_V2 = 1 << 15


REMEMBERED = 1000
"""Messages that a server answered with a 500."""

IN_A_ROW, AGAIN = 2, 20


def plainer(body: Body) -> Iterator[Body]:
    """First all as text, with its buttons; then the text alone."""
    components = list(_parts(body.get("components")))
    said = [as_text(body.get("content")), *_of_embeds(body.get("embeds"))]
    said += [as_text(part.get("content")) for part in components]
    rows = [_without_id(part) for part in components if part.get("type") == ROW][:ROWS]
    flags = as_int(body.get("flags")) & ~COMPONENTS_V2
    left = {key: value for key, value in body.items() if key not in ("embeds", "components", "attachments", "flags")}
    plain: Body = {**left, "content": _cut("\n".join(filter(None, said))), **({"flags": flags} if flags else {})}
    if rows:
        yield {**plain, "components": rows}
    yield plain


def choked(error: ChatError) -> bool:
    """Whether the message itself may be what a server could not take, rather than the moment."""
    return isinstance(error, Rejected) or error.reason == "500"


class Speaker:
    """`Rest.do` for messages: what the server cannot take is said more plainly.

    A 500 may as well be an accident, and what was answered with one may be out. So it is raised like any other, and
    only the message's next try is plain; unless it happens to one message after the other: then all are plain from the
    start, but for every `AGAIN`th.
    """

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._choked: dict[str, None] = {}
        self._in_a_row = 0
        self._plain = 0

    async def say(self, method: str, path: str, body: Body, once: str, file: File | None = None, **ids: str) -> Any:
        """`once` is the message's own, whatever the try. Raises as `Rest.do`."""
        *better, last = self._forms(body, once)
        for form in better:
            try:
                return await self._tried(method, path, body, form, once, file, ids)
            except ChatError as error:
                # An edit does no harm twice.
                if not isinstance(error, Rejected) and not (method == "PATCH" and choked(error)):
                    raise
                log.error("message not taken, saying it more plainly", reason=error.reason)  # noqa: TRY400  # no texts
        return await self._tried(method, path, body, last, once, file, ids)

    async def _tried(
        self, method: str, path: str, body: Body, form: Body, once: str, file: File | None, ids: dict[str, Any]
    ) -> Any:
        try:
            answer = await self._rest.do(method, path, form, file=file if form is body else None, **ids)
        except Unavailable as error:
            if choked(error):
                self._in_a_row += once not in self._choked
                self._choked[once] = None
                while len(self._choked) > REMEMBERED:
                    del self._choked[next(iter(self._choked))]
            raise
        if form is body:
            self._in_a_row = self._plain = 0
        return answer

    def _forms(self, body: Body, once: str) -> list[Body]:
        """Best first."""
        forms = [body, *plainer(body)]
        if once in self._choked:
            return forms[1:]
        if self._in_a_row >= IN_A_ROW:
            self._plain += 1
            return forms if self._plain % AGAIN == 0 else forms[1:]
        return forms


def _parts(components: Any) -> Iterator[Body]:
    """Rows and texts, wherever they stand."""
    for part in map(as_dict, as_list(components)):
        if part.get("type") == ROW or "content" in part:
            yield dict(part)
        else:
            yield from _parts(part.get("components"))


def _of_embeds(embeds: Any) -> Iterator[str]:
    for embed in map(as_dict, as_list(embeds)):
        yield as_text(embed.get("description"))
        for field in map(as_dict, as_list(embed.get("fields"))):
            yield f"**{as_text(field.get('name'))}**\n{as_text(field.get('value'))}"
        yield as_text(as_dict(embed.get("footer")).get("text"))


def _without_id(row: Body) -> Body:
    return {key: value for key, value in row.items() if key != "id"}


def _cut(text: str) -> str:
    """Visibly, to what one message holds; never empty."""
    if size(text) <= CONTENT:
        return text or NOTHING
    kept: list[str] = []
    left = CONTENT - 1
    for sign in signs(text):
        left -= size(sign)
        if left < 0:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + "…"
