"""What Discord refused, as the core's errors: each with what an admin should do about it. Pure.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from adapters.discord.manifest import portal
from bot.errors import ChatError, Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.texts import later

TOKEN = later(
    "Make a new token at https://discord.com/developers/applications (your application, Bot, Reset Token), "
    "put it into the environment and start again."
)
INTENTS = later(
    "Switch on Server Members Intent and Message Content Intent at https://discord.com/developers/applications "
    "(your application, Bot, Privileged Gateway Intents) and start again."
)
SHARDS = later("Remove the configured number of shards, so that Discord's own recommendation is used.")
LOGINS = later(
    "Find out in the log why the connection is made anew so often, then wait: Discord resets a bot's token after "
    "1000 logins in 24 hours."
)
INVITE = later("Invite the bot again with the link that `vigie manifest discord` prints.")
SEE = later(
    "Let the bot's role see this channel: channel settings, Permissions, View Channel and Read Message History."
)
SPEAK = later(
    "Allow the bot's role in this channel: channel settings, Permissions, Send Messages, Embed Links, Attach Files, "
    "Read Message History and, for threads, Send Messages in Threads."
)
DMS = later(
    "This member accepts no private messages from the server: let them allow these in the server's privacy settings, "
    "or name somebody else."
)
ARCHIVED = later("This thread is archived, and a bot's message would wake it: reopen it, or leave it closed.")
LOCKED = later("This thread is locked: a moderator can unlock it.")
NO_TEXT = later("Choose a text channel or a thread: nothing can be posted to a channel of this kind.")
AUTOMOD = later("Exempt the bot's role in the server's AutoMod rules: they blocked a message.")
FLAGGED = later("Discord holds the bot for spam: appeal at https://dis.gd/app-appeal.")

_FORBIDDEN = {
    20026: FLAGGED,
    40058: NO_TEXT,  # a forum holds posts, no messages
    50001: SEE,
    50007: DMS,
    50008: NO_TEXT,
    50009: SEE,
    50013: SPEAK,
    50024: NO_TEXT,
    50083: ARCHIVED,
    50278: DMS,  # no server in common any more
    160002: SEE,  # replying needs Read Message History
    160005: LOCKED,
    200000: AUTOMOD,
    200001: AUTOMOD,
}
GONE = later("Name another channel in the configuration.")

WORDS = {
    "20026": later("held for spam"),
    "40058": later("a forum takes posts only"),
    "50001": later("missing access"),
    "50007": later("no private messages"),
    "50008": later("not a text channel"),
    "50009": later("missing access"),
    "50013": later("missing permissions"),
    "50024": later("not a text channel"),
    "50083": later("the thread is archived"),
    "50278": later("no server in common"),
    "160002": later("may not read the history"),
    "160005": later("the thread is locked"),
    "200000": later("blocked by AutoMod"),
    "200001": later("blocked by AutoMod"),
    "10003": later("the channel does not exist"),
    "channel_deleted": later("it was deleted"),
    "thread_archived": later("the thread is archived"),
    "thread_locked": later("the thread is locked"),
}
"""What the codes say, Discord's and our own: a notice that holds only a number sends an admin to a search engine."""

_OVERLOADED = (40006, 130000)
"""A feature switched off for the moment; an overloaded part of Discord. Nothing was done."""

_EDITS = 30046
"""Too many edits of a message older than an hour; no time is named."""

UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008


def refusal(status: int, code: int, message: str) -> ChatError:
    """The error for an answer of 400 and above that is no 429. `code` is Discord's own, 0 when there is none."""
    reason = str(code or status)
    told = f"Discord refused: {message or 'no reason given'} ({reason})"
    if status == 401:
        return Unauthorised(f"{told}. {portal(None)}", reason=reason, fix=TOKEN)
    if status >= 500:
        return Unavailable(told, sent=Sent.NO if code in _OVERLOADED else Sent.MAYBE, reason=reason)
    if code in _OVERLOADED:
        return Unavailable(told, sent=Sent.NO, reason=reason)
    if code == UNKNOWN_GUILD:
        return Unauthorised(told, reason=reason, fix=INVITE)
    words = WORDS.get(reason, "")
    if code in _FORBIDDEN:
        return Forbidden(told, reason=reason, fix=_FORBIDDEN[code], words=words)
    if status == 403:
        return Forbidden(told, reason=reason, fix=SPEAK, words=words)
    if status in (404, 410):
        return Gone(told, reason=reason, fix=GONE if code == UNKNOWN_CHANNEL else "", words=words)
    return Rejected(told, reason=reason)


def is_unknown(error: ChatError) -> bool:
    """Whether the server does not know what it was asked for at all, as one that only resembles Discord may not."""
    return error.reason in ("404", "405", "501")


def limited(code: int, retry_after: float | None, *, everywhere: bool) -> RateLimited:
    """The error for a 429. Without a time named, a minute passes."""
    seconds = 60.0 if retry_after is None else max(retry_after, 0.0)
    what = "edits of an old message" if code == _EDITS else "requests"
    return RateLimited(f"Discord limits {what} for {seconds:g} s", retry_after=seconds, everywhere=everywhere)


def closed_by_gateway(code: int, application: str | None) -> ChatError | None:
    """The error for a close code of the gateway after which connecting again is no use; None for the others.

    https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
    """
    page = portal(application)
    match code:
        case 4004:
            return Unauthorised(f"Discord does not accept the token: {page}", reason="4004", fix=TOKEN)
        case 4014:
            told = f"Discord does not grant the privileged intents, which are switched on at {page}"
            return Unauthorised(told, reason="4014", fix=INTENTS)
        case 4010 | 4011:
            return Unauthorised(f"Discord does not accept the number of shards ({code})", reason=str(code), fix=SHARDS)
        case 4012 | 4013:
            return Rejected(f"Discord does not understand our login ({code})", reason=str(code))
    return None
