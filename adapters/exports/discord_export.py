"""Reading DiscordChatExporter files: one per channel, thread and partition, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import itemgetter

from adapters.exports.arrays import JsonArray
from adapters.exports.discord import THREADS, instant, translate
from adapters.exports.export import PLATFORM, Export, Progress
from adapters.exports.files import Files
from adapters.exports.guild import Guild
from adapters.exports.shapes import Malformed, as_dict, clean, is_id
from bot.errors import ExportError
from bot.events import Event
from bot.model import Community, Member, Place

LARGEST_BACKWARD = 64 * 1024 * 1024
"""Bytes of a file with the newest message first, which has to be held in memory to be turned round."""

SAMPLE = 100
"""Messages of each file that are looked at beforehand. A pinged role is a mere name until somebody who has it speaks,
and to read everything twice for the few pings before that would halve the speed.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One file; `backward` when its newest message is the first."""

    name: str
    community: Community
    channel: str
    thread: str | None
    names: Mapping[str, str]
    beginning: Sequence[object]
    backward: bool

    @property
    def place(self) -> Place:
        return Place(self.community, self.channel, self.thread)


def read_part(files: Files, name: str) -> Part | None:
    """What the beginning of a file tells; `None` when DiscordChatExporter did not write it."""
    try:
        array = JsonArray(files.chunks(name), "messages")
        guild, channel = as_dict(array.head.get("guild")), as_dict(array.head.get("channel"))
        if not is_id(guild.get("id")) or not is_id(channel.get("id")):
            return None
    except ValueError:
        return None
    try:
        beginning = list(islice(array, 2))
    except ValueError as error:
        raise ExportError(f"{files.label(name)}: expected a DiscordChatExporter file, but {error}") from None
    names = {channel["id"]: clean(str(channel.get("name") or channel["id"]))}
    thread, parent = None, channel.get("categoryId")
    if str(channel.get("type")) in THREADS and is_id(parent):
        # Old versions do not name a thread's channel by its id: there a thread is a channel of its own.
        names, thread = {parent: clean(str(channel.get("category") or parent))}, channel["id"]
    return Part(
        name,
        Community(PLATFORM, guild["id"]),
        parent if thread is not None and isinstance(parent, str) else channel["id"],
        thread,
        names,
        beginning[:1],
        _backward(beginning),
    )


class DiscordExport(Export):
    platform_name = "discord"

    def __init__(self, files: Files, parts: Sequence[Part], label: str) -> None:
        super().__init__(files, label)
        self._parts = parts
        guilds = sorted({part.community.id for part in parts})
        if len(guilds) > 1:
            raise ExportError(f"{label} holds several guilds ({', '.join(guilds)}): expected the files of one")
        self.community = parts[0].community
        self.channels: dict[str, str] = {}
        for part in sorted(parts, key=lambda part: part.thread is not None):
            for id_, name in part.names.items():
                self.channels.setdefault(id_, name)
        self.size = sum(files.names[part.name] for part in parts)
        self._members: Mapping[str, Member] | None = None
        for name in files.names.keys() - {part.name for part in parts}:
            if name.endswith(".json"):
                self._problems.note(f"{files.label(name)}: not by DiscordChatExporter, passed over")
        self._opening = self._problems.count

    @property
    def members(self) -> Mapping[str, Member]:
        if self._members is None:
            self._members = self._guild(None).members
        return self._members

    def _events(self, chosen: frozenset[str], progress: Progress) -> Iterator[Event]:
        guild = self._guild(SAMPLE)
        self._problems.forget_after(self._opening)
        done = sum(self._files.names[part.name] for part in self._parts if part.channel not in chosen)

        def tell(size: int) -> None:
            nonlocal done
            done += size
            progress(done)

        tell(0)
        streams = [self._part(part, guild, tell) for part in self._parts if part.channel in chosen]
        before: tuple[datetime, str] | None = None
        for at, id_, event in merge(*streams, key=itemgetter(0, 1)):
            if before is not None and at < before[0]:
                self._problems.note(f"{self._label}: message {id_} of {at} comes after later ones in its file")
            if (at, id_) != before:  # exports made one after the other overlap
                yield event
            before = (at, id_)

    def _part(self, part: Part, guild: Guild, tell: Progress) -> Iterator[tuple[datetime, str, Event]]:
        """The events of one file, each after its instant and id, by which they are merged with those of other files."""
        place = part.place
        for number, payload in enumerate(self._payloads(part, tell), 1):
            try:
                event = translate(payload, place, guild)
            except Malformed as problem:
                self._problems.note(f"{self._files.label(part.name)}: message {number} is skipped: {problem}")
            else:
                yield event.message.at, event.message.ref.id, event

    def _payloads(self, part: Part, tell: Progress | None = None) -> Iterator[object]:
        label = self._files.label(part.name)
        if part.backward and self._files.names[part.name] > LARGEST_BACKWARD:
            size = LARGEST_BACKWARD // 1024**2
            raise ExportError(
                f"{label}: newest message first, and too large ({size} MB) to be turned round; export it anew"
            )
        if not part.backward and part.beginning:
            # Known since opening, so that the file is not opened again before the merge has come to its time.
            yield part.beginning[0]
        try:
            array = JsonArray(_counted(self._files.chunks(part.name), tell), "messages")
            yield from reversed(list(array)) if part.backward else islice(array, 1, None)
        except ValueError as error:
            raise ExportError(f"{label}: expected a DiscordChatExporter file, but {error}") from None

    def _guild(self, most: int | None) -> Guild:
        """What the first messages of each file tell about accounts and roles; those of all messages with `None`."""
        guild = Guild(self.community, self.channels)
        for part in self._parts:
            for payload in islice(self._payloads(part), most):
                guild.learn(as_dict(payload))
        return guild


def _counted(chunks: Iterator[bytes], tell: Progress | None) -> Iterator[bytes]:
    for chunk in chunks:
        if tell is not None:
            tell(len(chunk))
        yield chunk


def _backward(beginning: Sequence[object]) -> bool:
    try:
        first, second = (instant(as_dict(payload).get("timestamp")) for payload in beginning)
    except ValueError:  # fewer than two, or no instants
        return False
    return second < first
