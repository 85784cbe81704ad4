"""What there is to learn from: chats, and in each the messages of which it is known for whom or for what they were.

Three sources. A team message that names somebody tells for whom it is meant: the clues are read as if the name were not
there. The annotations tell the same of the team's messages without names. And they tell which of the messages of
others await an answer: requests, and further questions of whoever had made one.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.exports import open_export
from bench.learn_fit import Sample
from bot.events import MessagePosted
from bot.mentions.clues import awaiting, meant_for
from bot.mentions.judge import Judge
from bot.mentions.room import Heard, Room, listen
from bot.mentions.worktime import WorkingHours
from bot.model import Mention, Message, MessageKind, Team
from bot.settings import Mode, Settings

FRENCH = Path(__file__).parent.parent / "tests" / "mentions" / "french" / "tuned"

NAMED = 0.05
"""How much a message that names somebody counts beside an annotated one that names nobody: it is of another kind, and
there are many."""

TEAM = 5
"""Where nobody says who the team is, those who wrote most stand for it."""


@dataclass(frozen=True)
class Chat:
    """One export, and its annotations if there are any. `kind` is its community, for holding it out."""

    name: str
    kind: str
    messages: list[Message]
    team: Team
    truth: dict[str, Any] | None


@dataclass
class Samples:
    meant: list[Sample] = field(default_factory=list)
    awaits: list[Sample] = field(default_factory=list)


def chats(folder: Path) -> list[Chat]:
    """The given chats of a folder, and the French ones written for learning from."""
    exports = [*sorted(folder.glob("*.zip")), *sorted(path for path in FRENCH.iterdir() if path.is_dir())]
    return [_chat(path) for path in exports]


def _chat(path: Path) -> Chat:
    with open_export(path) as export:
        messages = [event.message for event in export.events() if isinstance(event, MessagePosted)]
    truth_file = path.with_name(f"{path.stem}.truth.json")
    truth = json.loads(truth_file.read_text("utf-8")) if truth_file.exists() else None
    wrote = Counter(message.author.id for message in messages)
    team = truth["team"] if truth else [author for author, _ in wrote.most_common(TEAM)]
    kind = "french" if path.is_relative_to(FRENCH) else path.stem.partition("-")[0]
    return Chat(path.stem, kind, messages, Team(me="vigie", members=frozenset(team)), truth)


def lived(chat: Chat, mentions: dict[str, Mention]) -> Iterator[tuple[Heard, Room]]:
    """The messages of a chat one after the other as a live bot hears them, each before it is judged.

    `mentions` gets those that open, each as it is after what was heard last.
    """
    judge = Judge(Settings(hours=WorkingHours.parse("always", ZoneInfo("UTC"))), chat.team)
    rooms: dict[str, Room] = {}
    for message in chat.messages:
        channel = message.ref.place.channel
        room = rooms.setdefault(channel, Room(channel, Mode.EVERYTHING))
        if message.kind is MessageKind.SYSTEM or room.knows(message.ref.id):
            continue
        heard = listen(message, chat.team, room)
        yield heard, room
        for change in judge.post(message, heard, room):
            room.keep(change.mention, *([change.message.id] if change.message else []))
            mentions[change.mention.id] = change.mention
        room.hear(heard)


def samples(chat: Chat) -> Samples:
    """Everything that can be learnt from one chat."""
    known, found = _Known(chat.truth), Samples()
    for heard, room in lived(chat, {}):
        if heard.thread is None and not heard.bot:
            if heard.team and (not heard.reading.polite or heard.reading.verdict):
                found.meant += _meant(heard, room, known)
            elif known.tells_of(heard) and not heard.reading.polite and heard.members <= chat.team.members:
                found.awaits.append((frozenset(awaiting(heard, room)), known.awaits(heard), 1.0))
        known.hear(heard)
    return found


def _meant(heard: Heard, room: Room, known: _Known) -> Iterator[Sample]:
    if heard.to is not None:
        around = meant_for(heard, room)
        if len(heard.led or heard.called) == 1 and any(a.person.last.author == heard.to for a in around):
            yield from ((frozenset(a.clues), a.person.last.author == heard.to, NAMED) for a in around)
    elif known.covers(heard) and not heard.members and not heard.called:
        for person, clues, _ in meant_for(heard, room):
            answers = None if person.last.team else known.answers(heard, person.last.author)
            if answers is not None:
                yield frozenset(clues), answers, 1.0


class _Known:
    """What the annotators say, as far as the chat has gone."""

    def __init__(self, truth: dict[str, Any] | None) -> None:
        self._asks = {ask["ts"]: ask for ask in truth["asks"]} if truth else {}
        self._others = {message["ts"]: message for message in truth["messages"]} if truth else {}
        self._answers = {ts: said["answered_ts"] for ts, said in {**self._asks, **self._others}.items()}
        self._questions: dict[str, bool] = truth["questions"] if truth else {}
        self._window = (float(truth["from"]), float(truth["until"])) if truth else (1.0, 0.0)
        self._said: defaultdict[str, list[str]] = defaultdict(list)

    def covers(self, heard: Heard) -> bool:
        return self._window[0] <= float(heard.id) <= self._window[1]

    def tells_of(self, heard: Heard) -> bool:
        return self.covers(heard) and heard.id in self._answers

    def hear(self, heard: Heard) -> None:
        if self.tells_of(heard):
            self._said[heard.author].append(heard.id)

    def awaits(self, heard: Heard) -> bool:
        """A request, or a further question in a conversation of their own."""
        if (ask := self._asks.get(heard.id)) is not None:
            return bool(ask["request"])
        root = self._asks.get(self._others[heard.id]["root"])
        return bool(self._questions.get(heard.id)) and root is not None and root["user"] == heard.author

    def answers(self, heard: Heard, author: str) -> bool | None:
        """Whether a team message is the first answer to anything that person said; None where nobody knows."""
        said = self._said[author]
        if any(self._answers[ts] == heard.id for ts in said):
            return True
        last = self._answers[said[-1]] if said else "0"
        return False if last is None or float(last) > float(heard.id) else None
