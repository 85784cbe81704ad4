"""conversations.*, reactions and bookmarks of channels: reading what was said, and who is where."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.slack.server import payloads
from tests.slack.server.calls import READS, Refused, Request, method
from tests.slack.server.model import Channel, Json, Said, page

KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


@method("conversations.history", required=("channel",))
async def history(asked: Request) -> Json:
    channel = _readable(asked)
    roots = [said for said in channel.messages.values() if not said.is_reply or said.subtype == "thread_broadcast"]
    newest_first = sorted(_between(asked, roots), key=lambda said: said.ts, reverse=True)
    # With `oldest` alone, too, Slack begins with the newest messages and pages backwards.
    return _shown(asked, channel, newest_first)


@method("conversations.replies", required=("channel", "ts"))
async def replies(asked: Request) -> Json:
    channel = _readable(asked)
    ts = asked.text("ts")
    root = channel.messages.get(ts)
    if root is None:
        raise Refused("thread_not_found")
    thread = root.thread_ts or root.ts
    first = channel.messages.get(thread)
    answers = list(_between(asked, channel.thread(thread)))
    # The root comes with every first page, whatever `oldest` says.
    return _shown(asked, channel, ([first] if first else []) + answers)


def _readable(asked: Request) -> Channel:
    channel = asked.channel()
    asked.need(f"{READS[channel.kind]}:history")
    if asked.workspace.bot.id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _between(asked: Request, messages: Iterable[Said]) -> Iterable[Said]:
    oldest, latest, inclusive = asked.text("oldest", "0"), asked.text("latest"), asked.flag("inclusive")
    for name, value in (("oldest", oldest), ("latest", latest)):
        if value and not value.replace(".", "", 1).isdigit():
            raise Refused(f"invalid_ts_{name}")
    for said in messages:
        after = float(said.ts) >= float(oldest) if inclusive else float(said.ts) > float(oldest)
        before = not latest or (float(said.ts) <= float(latest) if inclusive else float(said.ts) < float(latest))
        if after and before:
            yield said


def _shown(asked: Request, channel: Channel, messages: list[Said]) -> Json:
    limit = min(asked.number("limit", 100, 999), asked.slack.page_size)
    some, cursor = page(messages, _cursor(asked), limit)
    metadata = asked.flag("include_all_metadata")
    shown = [
        payloads.message(asked.slack.app, asked.workspace, channel, said, metadata=metadata or _of_type(asked, said))
        for said in some
    ]
    answer: Json = {"messages": shown, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _of_type(asked: Request, said: Said) -> bool:
    wanted = asked.text("metadata_keys_to_include") if "metadata_keys_to_include" in asked.args else ""
    return bool(wanted and said.metadata and said.metadata["event_type"] in wanted)


def _cursor(asked: Request) -> str:
    cursor = asked.text("cursor")
    if cursor and not cursor.startswith("next:"):
        raise Refused("invalid_cursor")
    return cursor


@method("conversations.info", required=("channel",))
async def info(asked: Request) -> Json:
    channel = asked.channel()
    asked.need(f"{READS[channel.kind]}:read")
    members = {"num_members": len(channel.members)} if asked.flag("include_num_members") else {}
    return {"channel": payloads.channel(channel, asked.workspace) | members}


@method("conversations.list")
async def list_all(asked: Request) -> Json:
    return _listed(asked, lambda channel: not channel.private or asked.workspace.bot.id in channel.members)


@method("users.conversations")
async def mine(asked: Request) -> Json:
    user = asked.text("user") or asked.workspace.bot.id
    return _listed(asked, lambda channel: user in channel.members, without="is_member")


def _listed(asked: Request, visible: Callable[[Channel], bool], without: str = "") -> Json:
    types = [name.strip() for name in asked.text("types", "public_channel").split(",")]
    if set(types) - KINDS.keys():
        raise Refused("invalid_types")
    kinds = {KINDS[name] for name in types}
    for kind in kinds:
        asked.need(f"{READS[kind]}:read")
    archived = not asked.flag("exclude_archived")
    found = [
        channel
        for channel in sorted(asked.workspace.channels.values(), key=lambda channel: channel.id)
        if channel.kind in kinds and not channel.deleted and (archived or not channel.archived) and visible(channel)
    ]
    some, cursor = page(found, _cursor(asked), min(asked.number("limit", 100, 1000), asked.slack.page_size))
    shown = [payloads.channel(channel, asked.workspace) for channel in some]
    if without:
        shown = [{key: value for key, value in one.items() if key != without} for one in shown]
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", required=("channel",))
async def members(asked: Request) -> Json:
    channel = asked.channel()
    asked.need(f"{READS[channel.kind]}:read")
    limit = min(asked.number("limit", 100, 1000), asked.slack.page_size)
    some, cursor = page(sorted(channel.members), _cursor(asked), limit)
    return {"members": some, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", "im:write", "mpim:write")
async def open_direct(asked: Request) -> Json:
    users = [user for user in asked.text("users").split(",") if user]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("not_enough_users")
    found = asked.workspace.users.get(users[0])
    if found is None:
        raise Refused("user_not_found")
    if found.deleted:
        raise Refused("user_disabled")
    if found.is_bot:
        raise Refused("cannot_dm_bot")
    known = any(channel.kind == "im" and found.id in channel.members for channel in asked.workspace.channels.values())
    channel = asked.slack.direct(asked.workspace, found.id)
    shown: Json = {"id": channel.id}
    if asked.flag("return_im"):
        shown = payloads.channel(channel, asked.workspace)
    return {"channel": shown} | ({"no_op": True, "already_open": True} if known else {})


@method("conversations.join", "channels:join", required=("channel",))
async def join(asked: Request) -> Json:
    channel = asked.channel()
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    if asked.workspace.bot.id in channel.members:
        already = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": payloads.channel(channel, asked.workspace), **already}
    await asked.slack.presence.enter(asked.workspace, channel, asked.workspace.bot)
    return {"channel": payloads.channel(channel, asked.workspace)}


@method("conversations.leave", "channels:manage", "groups:write", required=("channel",))
async def leave(asked: Request) -> Json:
    channel = asked.member_channel()
    await asked.slack.presence.part(asked.workspace, channel, asked.workspace.bot)
    return {}


@method("reactions.add", "reactions:write", required=("channel", "timestamp", "name"))
async def react(asked: Request) -> Json:
    channel = asked.member_channel()
    said = channel.messages.get(asked.text("timestamp"))
    if said is None:
        raise Refused("message_not_found")
    users = said.reactions.setdefault(asked.text("name"), [])
    if asked.workspace.bot.id in users:
        raise Refused("already_reacted")
    users.append(asked.workspace.bot.id)
    return {}


@method("reactions.get", "reactions:read", required=("channel", "timestamp"))
async def reactions(asked: Request) -> Json:
    channel = asked.member_channel()
    said = channel.messages.get(asked.text("timestamp"))
    if said is None:
        raise Refused("message_not_found")
    return {
        "type": "message",
        "channel": channel.id,
        "message": payloads.message(asked.slack.app, asked.workspace, channel, said),
    }
