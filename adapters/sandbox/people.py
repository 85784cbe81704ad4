"""What people do in the sandbox: it is noted in the transcript, shown, and told to the bot, whose reply is shown."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.sandbox import translate
from adapters.sandbox.asking import MALFORMED, Refused
from adapters.sandbox.chat import SandboxChat
from adapters.sandbox.protocol import Request
from adapters.sandbox.scene import ME, Scene
from adapters.sandbox.transcript import Entry
from bot.errors import VigieError
from bot.events import (
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    NewLook,
    Private,
    ReactionAdded,
    ReactionRemoved,
    Reply,
    ShowForm,
)
from bot.logger import get_logger
from bot.model import Member, MessageRef, Place
from bot.ports import Clock
from bot.post import Form, Post
from bot.texts import later

log = get_logger(__name__)

PRIVATES = 200
"""Private replies that are remembered; a button under an older one no longer does anything."""

LONGEST_EMOJI = 100

NO_MESSAGE = later("That message is gone.")
NOT_YOURS = later("Only its author can do that.")
NOTHING_SAID = later("There is nothing to send.")


@dataclass(slots=True)
class Whisper:
    """A private reply; `number` counts them."""

    number: int
    person: str
    place: Place
    post: Post
    at: datetime

    @property
    def id(self) -> str:
        return f"private-{self.number}"


@dataclass(frozen=True, slots=True)
class Shows:
    """How whatever changed is shown to the pages."""

    message: Callable[[Entry], None]
    deleted: Callable[[Entry], None]
    whisper: Callable[[Whisper], None]
    form: Callable[[str, Place, Form], None]


class People:
    """`locale` is everybody's; `names` are what commands are called, to their keys. Every act may raise `Refused`."""

    def __init__(self, scene: Scene, chat: SandboxChat, clock: Clock, shows: Shows, names: dict[str, str]) -> None:
        self.locale: str | None = None
        self.whispers: OrderedDict[str, Whisper] = OrderedDict()
        self._scene = scene
        self._chat = chat
        self._clock = clock
        self._shows = shows
        self._names = names
        self._whispered = 0
        self._undelivered: deque[Event] = deque()

    async def say(self, asked: Request) -> None:
        """A message; or a command, of which nobody else sees anything."""
        person, text = self._person(asked), asked["text"].strip()
        place = self._place(asked["channel"], asked.get("thread"))
        if not text:
            raise Refused(NOTHING_SAID)
        now = self._clock.now()
        if command := translate.command(text, place, person, now, self._names):
            self._show_reply(await self._chat.tell(command), person.id, place)
            return
        ref = MessageRef(place, self._chat.transcript.new_id(place.channel, now))
        await self.hear(MessagePosted(translate.message(ref, person, now, text, self._scene)))

    async def edit(self, asked: Request) -> None:
        person, entry, text = self._person(asked), self._entry(asked), asked["text"].strip()
        if entry.message.author.id != person.id or entry.post is not None:
            raise Refused(NOT_YOURS)
        if not text:
            raise Refused(NOTHING_SAID)
        if text == entry.message.text:
            return
        now = self._clock.now()
        changed = translate.message(entry.ref, person, entry.message.at, text, self._scene)
        await self.hear(MessageEdited(changed, now))

    async def delete(self, asked: Request) -> None:
        """One's own message; the team may delete everybody's, ours included."""
        person, entry = self._person(asked), self._entry(asked)
        if entry.message.author.id != person.id and not self._scene.team.has(person):
            raise Refused(NOT_YOURS)
        await self.hear(MessageDeleted(entry.ref, self._clock.now()))

    async def react(self, asked: Request) -> None:
        person, entry, emoji = self._person(asked), self._entry(asked), asked["emoji"]
        if not 0 < len(emoji) <= LONGEST_EMOJI or any(char.isspace() for char in emoji):
            raise Refused(MALFORMED)
        kind = ReactionAdded if asked["on"] else ReactionRemoved
        await self.hear(kind(entry.ref, person, emoji, self._clock.now()))

    async def press(self, asked: Request) -> None:
        """A button under a message, or under a private reply to the one who presses it."""
        person, now = self._person(asked), self._clock.now()
        private_id = asked.get("private_id")
        whisper = self.whispers.get(private_id) if private_id else None
        entry: Entry | None = None
        if whisper is not None:
            if whisper.person != person.id:
                raise Refused(NOT_YOURS)
            place = whisper.place
        else:
            entry = self._pressed(asked, person)
            place = entry.ref.place
        on = entry.ref if entry else None
        reply = await self._chat.tell(translate.action(place, person, asked["action"], asked["value"], now, on))
        if isinstance(reply, NewLook) and entry is not None:
            await self._chat.edit(entry.ref, reply.post)
        elif isinstance(reply, NewLook) and whisper is not None:
            whisper.post = reply.post
            self._shows.whisper(whisper)
        else:
            self._show_reply(reply, person.id, place)

    async def submit(self, asked: Request) -> None:
        person = self._person(asked)
        place = self._place(asked["channel"], None, person.id)
        event = translate.form(place, person, asked["form"], asked["value"], asked["values"], self._clock.now())
        self._show_reply(await self._chat.tell(event), person.id, place)

    async def hear(self, event: Event) -> None:
        """Something happens in a channel: everybody sees it, then the bot hears of it."""
        if self._note(event):
            self._undelivered.append(event)
            await self.deliver()

    async def deliver(self) -> None:
        """Tell the bot what it has not taken in yet, in order. While its store is down, it is told again later."""
        while self._undelivered:
            try:
                await self._chat.tell(self._undelivered[0])
            except VigieError as error:
                log.warning("the bot did not take it in", error=type(error).__name__, why=str(error))
                return
            self._undelivered.popleft()

    def _note(self, event: Event) -> bool:
        """Keep and show what happened; False when nothing is different from before."""
        transcript = self._chat.transcript
        if isinstance(event, MessagePosted):
            entry = Entry(event.message)
            for reaction in event.message.reactions:
                transcript.react(entry, reaction.member, reaction.emoji, on=True)
            if not transcript.has(entry.ref.place.channel) or not transcript.add(entry):
                return False
            self._shows.message(entry)
            self._show_root(entry)
            return True
        if not isinstance(event, MessageEdited | MessageDeleted | ReactionAdded | ReactionRemoved):
            return True
        ref = event.message.ref if isinstance(event, MessageEdited) else event.ref
        known = transcript.get(ref.place.channel, ref.id)
        if known is None:
            return False
        match event:
            case MessageEdited(message, _):
                known.message = replace(message, reactions=())
                known.edited = True
            case MessageDeleted():
                transcript.remove(known)
                self._shows.deleted(known)
                self._show_root(known)
                return True
            case ReactionAdded(_, member, emoji, _):
                if not transcript.react(known, member.id, emoji, on=True):
                    return False
            case ReactionRemoved(_, member, emoji, _):
                if not transcript.react(known, member.id, emoji, on=False):
                    return False
        self._shows.message(known)
        return True

    def _show_root(self, reply: Entry) -> None:
        """Its number of replies changed."""
        place = reply.ref.place
        if place.thread is not None and (root := self._chat.transcript.get(place.channel, place.thread)):
            self._shows.message(root)

    def _show_reply(self, reply: Reply | None, person: str, place: Place) -> None:
        match reply:
            case ShowForm(form):
                self._shows.form(person, place, form)
            case Private(post) | NewLook(post):
                self._whispered += 1
                whisper = Whisper(self._whispered, person, place, post, self._clock.now())
                self.whispers[whisper.id] = whisper
                if len(self.whispers) > PRIVATES:
                    self.whispers.popitem(last=False)
                self._shows.whisper(whisper)

    def _person(self, asked: Request) -> Member:
        id_ = asked["person"]
        if id_ not in self._scene.people or id_ == ME:
            raise Refused(MALFORMED)
        return self._scene.member(id_, self.locale)

    def _place(self, channel: str, thread: str | None, person: str | None = None) -> Place:
        """A channel that everybody sees, or the private one with `person`; a reply to a reply stands in its thread."""
        if channel not in self._scene.channels and (person is None or channel != f"@{person}"):
            raise Refused(MALFORMED)
        if thread is not None:
            root = self._chat.transcript.find(thread)
            if root is None or root.ref.place.channel != channel:
                raise Refused(NO_MESSAGE)
            thread = root.thread or root.ref.id
        return Place(self._scene.community, channel, thread)

    def _entry(self, asked: Request) -> Entry:
        """A message that everybody sees."""
        entry = self._chat.transcript.find(asked["message"])
        if entry is None or entry.ref.place.channel not in self._scene.channels:
            raise Refused(NO_MESSAGE)
        return entry

    def _pressed(self, asked: Request, person: Member) -> Entry:
        """The message of ours under which a button was pressed."""
        id_ = asked.get("message") or asked.get("private_id") or ""
        entry = self._chat.transcript.find(id_)
        if entry is None or entry.post is None:
            raise Refused(NO_MESSAGE)
        channel = entry.ref.place.channel
        if channel not in self._scene.channels and channel != f"@{person.id}":
            raise Refused(NOT_YOURS)
        return entry
