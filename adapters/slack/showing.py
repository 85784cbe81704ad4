"""Showing a reply to the one who acted, by whatever means Slack has at that spot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack import sending
from adapters.slack.blocks import rendered
from adapters.slack.home import home_view
from adapters.slack.modals import form_view, post_view
from adapters.slack.payloads import as_dict, text_of
from adapters.slack.refusals import is_unknown
from adapters.slack.web import told
from adapters.slack.workspaces import Office
from bot.errors import ChatError, Forbidden, Gone
from bot.events import Home, NewLook, Private, Reply, ShowForm
from bot.logger import get_logger
from bot.model import Member, MessageRef, Place
from bot.post import Form, Post
from bot.texts import Texts

log = get_logger(__name__)

TITLE = "Vigie"
"""Over a private reply that is shown as a window."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody acted, and the means that came along.

    `trigger` opens a window within 3 seconds, `response` answers five times within 30 minutes. `ref` is the message
    acted upon, unless only they see it (`fleeting`); `window` the modal. `home`: on the bot's page.
    """

    office: Office
    place: Place
    member: Member
    speak: Texts
    trigger: str | None = None
    response: str | None = None
    ref: MessageRef | None = None
    fleeting: bool = False
    window: str | None = None
    home: bool = False

    @property
    def alone(self) -> bool:
        """No channel is known there: the bot's page, or the app's own menu."""
        return self.home or self.place.channel.startswith("@") or not self.place.channel


def spot_of(body: Mapping[str, Any], office: Office, place: Place, member: Member, speak: Texts) -> Spot:
    """Where a command, button, form or shortcut came from."""
    container, view = as_dict(body.get("container")), as_dict(body.get("view"))
    trigger, response = text_of(body.get("trigger_id")), text_of(body.get("response_url"))
    spot = Spot(office, place, member, speak, trigger=trigger or None, response=response or None)
    if body.get("type") != "block_actions":
        return spot
    if container.get("type") == "view":
        modal = view.get("type") == "modal"
        return replace(spot, window=str(view.get("id")) if modal else None, home=not modal)
    if container.get("is_ephemeral"):
        return replace(spot, fleeting=True)
    ts = container.get("message_ts") or (body.get("message") or {}).get("ts")
    return replace(spot, ref=MessageRef(place, str(ts)) if ts else None)


async def show(spot: Spot, reply: Reply) -> None:
    """Raises `ChatError` when there was no way."""
    match reply:
        case Private(post):
            await _private(spot, post)
        case NewLook(post):
            await _new_look(spot, post)
        case ShowForm(form):
            await _form(spot, form)
        case Home(posts):
            await spot.office.web.write("views.publish", user_id=spot.member.id, view=home_view(posts))
        case _:
            log.debug("nothing to show here", reply=type(reply).__name__)


async def whisper(office: Office, place: Place, member: Member, post: Post) -> None:
    """Said in a place so that only the member sees it; in their private channel where that cannot be."""
    try:
        for part in rendered(post):
            await office.web.write(
                "chat.postEphemeral",
                channel=place.channel,
                user=member.id,
                thread_ts=place.thread,
                text=part.text,
                blocks=part.blocks,
                link_names=False,
                parse="none",
            )
    except (Forbidden, Gone) as error:
        log.info("said in private instead", reason=error.reason)
        await sending.say(office, await direct(office, member), post)


async def direct(office: Office, member: Member) -> Place:
    """The private channel with a member."""
    try:
        answer = await office.web.write("conversations.open", users=member.id)
    except Forbidden as error:
        if not is_unknown(error):
            raise
        return Place(office.community, member.id)  # what is said to somebody goes to the channel with them
    return Place(office.community, str(told(answer, "conversations.open", "channel")["id"]))


async def _private(spot: Spot, post: Post) -> None:
    if spot.window is not None:
        await spot.office.web.write("views.update", view_id=spot.window, view=post_view(post, TITLE))
        return
    if spot.response is not None:
        try:
            await _respond(spot, spot.response, post)
        except ChatError as error:
            log.info("response_url is used up", reason=error.reason)
        else:
            return
    if spot.alone:
        await _window(spot, post)
    else:
        await whisper(spot.office, spot.place, spot.member, post)


async def _respond(spot: Spot, url: str, post: Post, *, replace_original: bool = False) -> None:
    for part in rendered(post):
        body: dict[str, Any] = {
            "response_type": "ephemeral",
            "replace_original": replace_original,
            "text": part.text,
            "blocks": part.blocks,
        }
        if spot.place.thread is not None and not replace_original:
            body["thread_ts"] = spot.place.thread
        await spot.office.web.line.respond(url, body)
        replace_original = False


async def _window(spot: Spot, post: Post) -> None:
    """A modal, or their private channel when it took too long to open one."""
    if spot.trigger is not None:
        try:
            await spot.office.web.write("views.open", trigger_id=spot.trigger, view=post_view(post, TITLE))
        except (Gone, Forbidden) as error:
            log.info("no window", reason=error.reason)
        else:
            return
    await sending.say(spot.office, await direct(spot.office, spot.member), post)


async def _new_look(spot: Spot, post: Post) -> None:
    if spot.ref is not None:
        await sending.edit(spot.office, spot.ref, post)
    elif spot.fleeting and spot.response is not None:
        try:
            await _respond(spot, spot.response, post, replace_original=True)
        except ChatError as error:
            log.info("response_url is used up", reason=error.reason)
            await whisper(spot.office, spot.place, spot.member, post)
    else:
        await _private(spot, post)


async def _form(spot: Spot, form: Form) -> None:
    method = "views.open" if spot.window is None else "views.push"
    try:
        await spot.office.web.write(method, trigger_id=spot.trigger or "", view=form_view(form, spot.place))
    except Gone as error:
        log.info("too late for a form", reason=error.reason)
        text = spot.speak.rich("Slack waits three seconds for a form, and I needed longer. Please press once more.")
        await _private(replace(spot, window=None, trigger=None), Post(spot.speak.t("That took too long"), text))
    except Forbidden as error:
        log.warning("no form", reason=error.reason)
        sorry = spot.speak.rich("I cannot do that right now. Please try again soon.")
        await _private(replace(spot, window=None, trigger=None), Post(spot.speak.t("Not now"), sorry))
