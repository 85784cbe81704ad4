"""Messages come to be, change and go, whoever writes them."""

from __future__ import annotations

from copy import deepcopy
from itertools import count

from tests.discord.wire import shapes
from tests.discord.wire.ids import stamp
from tests.discord.wire.mentions import REPLY, ping
from tests.discord.wire.permissions import Json
from tests.discord.wire.world import THREADS, World

HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
STARTER, THREAD_CREATED = 21, 18
SELECT, CONTAINER = 3, 17


def write(world: World, channel: str, author: Json, body: Json, *, id_: str | None = None, **more: object) -> Json:
    """A new message is stored and told. `body` is checked already; `more` are further keys of the message."""
    message = compose(world, channel, author, body, id_=id_, **more)
    store(world, message)
    tell(world, "MESSAGE_CREATE", message, nonce=body.get("nonce"))
    return message


def compose(world: World, channel: str, author: Json, body: Json, *, id_: str | None = None, **more: object) -> Json:
    """The message that a body makes, not stored yet."""
    guild = world.guild_of(channel)
    message = shapes.message(id_ or world.ids.next(), channel, author, world.now(), body.get("content") or "")
    message["embeds"] = embeds(body)
    message["components"] = numbered(body.get("components") or [])
    message["flags"] = body.get("flags") or 0
    message["attachments"] = [attachment(world, channel, each) for each in body.get("attachments") or ()]
    reference, replied_to = body.get("message_reference"), None
    if reference is not None:
        replied_to = world.message(str(reference.get("channel_id", channel)), str(reference["message_id"]))
        message["type"] = REPLY
        message["message_reference"] = {"type": 0, "channel_id": channel, "message_id": str(reference["message_id"])}
        message["message_reference"] |= {"guild_id": guild.id} if guild else {}
        message["referenced_message"] = None if replied_to is None else without_reference(replied_to)
    message |= more
    ping(world, guild, message, body, replied_to)
    return message


def store(world: World, message: Json) -> None:
    """Into the channel's history; an archived thread awakes."""
    channel = world.channel(message["channel_id"])
    assert channel is not None
    if channel["type"] in THREADS:
        if channel["thread_metadata"]["archived"]:
            world.woken.append((channel["id"], message["author"]["id"]))
            world.set_archived(channel, archived=False)
        channel["message_count"] += 1
        channel["total_message_sent"] += 1
    channel["last_message_id"] = message["id"]
    world.messages.setdefault(message["channel_id"], {})[message["id"]] = message


def change(world: World, message: Json, body: Json) -> Json:
    """An edit, as far as `body` tells; what it leaves out stays."""
    if "content" in body:
        message["content"] = body["content"] or ""
    if "embeds" in body:
        message["embeds"] = embeds(body)
    if "components" in body:
        message["components"] = numbered(body["components"] or [])
    if "attachments" in body:
        kept = {each["id"]: each for each in message["attachments"]}
        told = body["attachments"] or ()
        message["attachments"] = [
            kept.get(str(each.get("id"))) or attachment(world, message["channel_id"], each) for each in told
        ]
    if "flags" in body:
        message["flags"] = (message["flags"] & HAS_THREAD) | (body["flags"] or 0)
    message["edited_timestamp"] = stamp(world.now())
    reference = message.get("message_reference")
    replied_to = world.message(reference["channel_id"], reference["message_id"]) if reference else None
    said = {"content": message["content"], "components": message["components"]}
    ping(world, world.guild_of(message["channel_id"]), message, {**body, **said}, replied_to)
    if not message["flags"] & EPHEMERAL:
        tell(world, "MESSAGE_UPDATE", message)
    return message


def remove(world: World, channel: str, ids: list[str]) -> None:
    """Deleted: one by one, or at once when there are several."""
    for id_ in ids:
        world.messages.get(channel, {}).pop(id_, None)
        world.reactors.pop(id_, None)
    if len(ids) == 1:
        world.happen_in("MESSAGE_DELETE", channel, {"id": ids[0], "channel_id": channel})
    else:
        world.happen_in("MESSAGE_DELETE_BULK", channel, {"ids": ids, "channel_id": channel})


def tell(world: World, name: str, message: Json, nonce: object = None) -> None:
    """As the gateway tells it: with the author's and the pinged people's membership. Its nonce is told this once."""
    told = deepcopy(message)
    guild = world.guild_of(message["channel_id"])
    if guild is not None:
        if (author := guild.members.get(message["author"]["id"])) is not None and "webhook_id" not in message:
            told["member"] = without_user(author)
        for each in told["mentions"]:
            if each["id"] in guild.members:
                each["member"] = without_user(guild.members[each["id"]])
    if nonce is not None:
        told["nonce"] = nonce
    channel = world.channel(message["channel_id"])
    told["channel_type"] = channel["type"] if channel else 0
    world.happen_in(name, message["channel_id"], told)


def without_user(member: Json) -> Json:
    return {key: value for key, value in member.items() if key != "user"}


def without_reference(message: Json) -> Json:
    """A message inside another one tells nothing of a third."""
    return {key: value for key, value in deepcopy(message).items() if key not in ("referenced_message", "thread")}


def embeds(body: Json) -> list[Json]:
    return [{"type": "rich", **embed} for embed in body.get("embeds") or ()]


def numbered(components: list[Json]) -> list[Json]:
    """Discord gives each component a number, unless it has one, and says what was left to it."""
    numbers = count(1)

    def one(component: Json) -> Json:
        made = {"id": next(numbers), **component}
        if component.get("type") == CONTAINER:
            made.setdefault("spoiler", False)
        elif component.get("type") == SELECT:
            made = {"min_values": 1, "max_values": 1, **made}
        if "components" in component:
            made["components"] = [one(child) for child in component["components"]]
        if "accessory" in component:
            made["accessory"] = one(component["accessory"])
        return made

    return [one(component) for component in components]


def attachment(world: World, channel: str, told: Json) -> Json:
    """`told` is an entry of `attachments`, to which the upload was added as `filename`, `size`, `content_type`."""
    id_ = world.ids.next()
    address = f"https://cdn.discordapp.com/attachments/{channel}/{id_}/{told.get('filename', 'file')}"
    made = {"id": id_, "filename": told.get("filename", "file"), "size": told.get("size", 0)}
    made |= {"url": address, "proxy_url": address, "content_type": told.get("content_type", "application/octet-stream")}
    return made | ({"description": told["description"]} if told.get("description") else {})


def start_thread(world: World, parent: Json, name: str, owner: Json, *, on: Json | None = None) -> Json:
    """A thread begins, under a message or on its own; in a forum `on` is None and the first message follows."""
    thread = shapes.thread(on["id"] if on else world.ids.next(), parent, name, owner["id"], world.now())
    guild = world.guilds[parent["guild_id"]]
    guild.threads[thread["id"]] = thread
    if on is not None:
        on["flags"] |= HAS_THREAD
        on["thread"] = thread
    world.happen_in("THREAD_CREATE", thread["id"], {**thread, "newly_created": True})
    reference = {"type": 0, "guild_id": guild.id}
    if on is not None:
        tell(world, "MESSAGE_UPDATE", on)
        pointing = {**reference, "channel_id": parent["id"], "message_id": on["id"]}
        starter: Json = {"message_reference": pointing, "referenced_message": without_reference(on)}
        write(world, thread["id"], owner, {}, type=STARTER, **starter)
    elif parent["type"] != shapes.ChannelType.FORUM:
        pointing = {**reference, "channel_id": thread["id"]}
        write(world, parent["id"], owner, {"content": name}, type=THREAD_CREATED, message_reference=pointing)
    return thread
