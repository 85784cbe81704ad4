"""What a message, an edit, a deletion or a reaction changes: pure decisions from what the room knows, no I/O.

Each `Change` is a mention as it is to be, with the decision that made it so. Most messages change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.copying import replace
from bot.making import value
from bot.mentions.answering import answers
from bot.mentions.ladder import reopened, timed
from bot.mentions.opening import ADDRESSED, PINGED, Opening, opens
from bot.mentions.reading import read
from bot.mentions.room import Heard, Room, Waiting
from bot.model import Decision, Member, Mention, MentionState, Message, MessageRef, Team, Verdict
from bot.settings import Mode, Outsiders, Settings, emoji_key

PAUSE = timedelta(minutes=10)
"""After so long without a word of theirs, somebody's question about something else is a mention of its own."""

SAME_CONVERSATION = timedelta(minutes=30)
"""After so long, any question of theirs is, unless it only reminds of the one before."""


@value(frozen=True, slots=True)
class Change:
    """A mention as it is to be stored; `new` when it opens now, `message` when that one joins it, `left` leaves it.

    `adds`: by an edit that calls somebody, which the message had not done before.
    """

    mention: Mention
    decision: Decision | None = None
    new: bool = False
    message: MessageRef | None = None
    left: MessageRef | None = None
    adds: bool = False

    @property
    def only_joins(self) -> bool:
        """A further message of somebody who waits, about which nothing was decided."""
        return self.message is not None and self.decision is None and not self.new and self.left is None


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules of one community: its settings and its team. Total: whatever is said, there is a verdict."""

    settings: Settings
    team: Team

    def post(self, message: Message, heard: Heard, room: Room) -> list[Change]:
        """What a new message changes. `room` must not have heard it yet."""
        if heard.bot:
            return []
        if heard.team:
            return self._answered(heard, room)
        own = self._own(message, heard, room)
        if own:
            return own
        others = self._answered_by_outsider(heard, room)
        if own is not None:
            return others
        opening = opens(message, heard, room, self.team, self.settings.mentions.keywords)
        if opening is None:
            return others
        return [*others, self._open(message, message.at, opening)]

    def later(self, mention: Mention, room: Room) -> Change | None:
        """Whether somebody whose message was heard earlier than `mention`, though sent later, has answered it."""
        if room.latest_at <= mention.opened_at:
            return None
        for heard in room.recent():
            if heard.at <= mention.opened_at or not heard.team:
                continue
            for answered in answers(heard, room):
                if answered.mention == mention.id:
                    return self._close(mention, heard.author, heard.at, answered.rule, heard.id, answered.reasons)
        return None

    def edit(self, message: Message, at: datetime, heard: Heard, room: Room) -> list[Change]:
        """An edit that adds what opens, opens; one that takes it away, closes. Anything else changes nothing."""
        if heard.team or heard.bot:
            return []
        opening = opens(message, heard, room, self.team, self.settings.mentions.keywords)
        waiting = room.mention_with(message.ref.id)
        if waiting is None:
            known = room.heard(message.ref.id)
            called = opening is not None and (opening.addressed or (known is not None and not known.reading.asks))
            if opening is None or opening.rule == "conversation" or not called:
                return []
            if own := room.mention_of(heard.author, heard.thread):
                return [self._follow(own, message, at)]
            adds = opening.addressed and known is not None and not known.addresses_team
            return [replace(self._open(message, at, opening), adds=adds)]
        mention = waiting.mention
        if opening is not None or mention.ref.id != message.ref.id:
            return []
        called = mention.rule in ADDRESSED
        if not (called or mention.rule in ("question", "help")) or _others_wait(waiting, room, called=called):
            return []
        return [self._end(mention, MentionState.GONE, Verdict.GONE, at, "edited-away", mention.asker)]

    def seen_again(self, mention: Mention, message: Message, at: datetime, room: Room) -> Change | None:
        """What shows in a mention's message, fetched again: its ping may have been edited away while nobody told us."""
        waiting = room.waiting.get(mention.id)
        its_first = mention.id == mention_id(message.ref)
        if waiting is None or not its_first or mention.rule not in PINGED or message.pings:
            return None
        if room.mode is not Mode.PINGS and read(message.text).asks:
            return None  # it still asks, of nobody in particular
        return None if _others_wait(waiting, room, called=True) else self.gone(mention, at, "edited-away")

    def delete(self, ref: MessageRef, at: datetime, room: Room) -> list[Change]:
        """The asker's last message deleted closes the mention, and so does the first with nothing but thanks after it;
        any other only leaves it.
        """
        waiting = room.mention_with(ref.id)
        if waiting is None:
            return []
        mention = waiting.mention
        rest = [message_id for message_id in waiting.messages if message_id != ref.id]
        if mention.ref.id == ref.id and not _others_wait(waiting, room):
            rest = []
        if not rest:
            change = self._end(mention, MentionState.GONE, Verdict.GONE, at, "deleted", None)
            return [replace(change, left=ref)]
        if mention.ref.id == ref.id:
            mention = replace(mention, ref=replace(mention.ref, id=min(rest)))
        return [Change(mention, left=ref)]

    def reaction(self, ref: MessageRef, member: Member, emoji: str, at: datetime, room: Room) -> list[Change]:
        """A team member's reaction from the list answers, the asker's own from theirs says *solved*."""
        waiting = room.mention_with(ref.id)
        if waiting is None or member.bot:
            return []
        mention = waiting.mention
        if not self.marks(mention, member, emoji):
            return []
        if member.id == mention.asker:
            return [self._solved(mention, at, "asker-reaction", ref.id)]
        return [self._close(mention, member.id, at, "reaction", ref.id, (f"reaction {emoji_key(emoji)}",))]

    def marks(self, mention: Mention, member: Member, emoji: str) -> bool:
        """Whether that reaction to one of its messages ends a mention."""
        rules, key = self.settings.mentions, emoji_key(emoji)
        if member.id == mention.asker:
            return key in rules.solved_reactions
        return key in rules.answer_reactions and self.team.has(member)

    def _own(self, message: Message, heard: Heard, room: Room) -> list[Change] | None:
        """What a further word of somebody who waits does to their mention; None when it is no part of it."""
        waiting = room.mention_of(heard.author, heard.thread)
        if waiting is None and heard.thread is not None:
            waiting = room.mention_with(heard.thread)
            if waiting is not None and waiting.mention.asker != heard.author:
                waiting = None
        if waiting is None:
            return None
        if heard.reading.solved:
            return [self._solved(waiting.mention, heard.at, "asker-solved", heard.id)]
        silent = heard.at - waiting.mention.latest_at
        if heard.thread is None and _begins_anew(heard, room, silent):
            return None
        if heard.members and not heard.addresses_team:
            return []
        return [self._follow(waiting, message, heard.at)]

    def _open(self, message: Message, at: datetime, opening: Opening) -> Change:
        mention = Mention(
            id=mention_id(message.ref),
            ref=message.ref,
            asker=message.author.id,
            opened_at=at,
            rule=opening.rule,
            since=at,
            latest=message.ref.id,
            latest_at=at,
        )
        decision = Decision(
            mention.id, at, Verdict.OPENED, opening.rule, mention.asker, message.ref.id, opening.reasons
        )
        return Change(timed(mention, self.settings), decision, new=True)

    def _follow(self, waiting: Waiting, message: Message, at: datetime) -> Change:
        """The asker says more: it joins the mention, wakes a snoozed one and restarts a clock that was held."""
        mention = waiting.mention
        latest_at = max(at, mention.latest_at)
        if mention.state is not MentionState.SNOOZED and mention.since <= at:
            return Change(replace(mention, latest=message.ref.id, latest_at=latest_at), message=message.ref)
        again = replace(
            mention,
            state=MentionState.OPEN if mention.state is MentionState.SNOOZED else mention.state,
            until=None if mention.state is MentionState.SNOOZED else mention.until,
            since=min(mention.since, at),
            latest=message.ref.id,
            latest_at=latest_at,
        )
        if again.step >= len(self.settings.mentions.ladder):  # no step comes by itself, and what was snoozed must
            again = replace(again, due_at=self._first_step(at))
        decision = Decision(mention.id, at, Verdict.WOKEN, "asker-again", mention.asker, message.ref.id)
        return Change(timed(again, self.settings), decision, message=message.ref)

    def _answered(self, heard: Heard, room: Room) -> list[Change]:
        found = answers(heard, room) if room.waiting else []
        return [
            self._close(room.waiting[a.mention].mention, heard.author, heard.at, a.rule, heard.id, a.reasons)
            for a in found
        ]

    def _answered_by_outsider(self, heard: Heard, room: Room) -> list[Change]:
        how = self.settings.mentions.outsiders
        if how is Outsiders.IGNORE or not room.waiting or heard.reading.asks:
            return []
        found = ((room.waiting[a.mention].mention, a.rule) for a in answers(heard, room))
        if how is Outsiders.COUNT:
            return [self._close(m, heard.author, heard.at, f"outsider-{rule}", heard.id) for m, rule in found]
        return [self._hold(mention, heard) for mention, _ in found if mention.state is MentionState.OPEN]

    def _hold(self, mention: Mention, heard: Heard) -> Change:
        """Stop the clock for a while: it starts again by itself, so that nobody is forgotten."""
        hours = self.settings.hours
        again = hours.add(heard.at, self.settings.mentions.hold)
        waited = mention.waited + hours.between(mention.since, heard.at)
        held = timed(replace(mention, waited=waited, since=again), self.settings)
        return Change(held, Decision(mention.id, heard.at, Verdict.HELD, "outsider", heard.author, heard.id))

    def _solved(self, mention: Mention, at: datetime, rule: str, message: str) -> Change:
        return self._end(mention, MentionState.ANSWERED, Verdict.ANSWERED, at, rule, mention.asker, message)

    def _close(
        self, mention: Mention, by: str, at: datetime, rule: str, message: str | None, reasons: Iterable[str] = ()
    ) -> Change:
        first = mention.first_answer_at or at
        answered = replace(mention, first_answer_at=first, worked=self.settings.hours.between(mention.opened_at, first))
        return self._end(answered, MentionState.ANSWERED, Verdict.ANSWERED, at, rule, by, message, reasons)

    def track(self, message: Message, by: str, at: datetime) -> Change:
        """Somebody of the team said that this message awaits an answer: its clock begins now."""
        change = self._open(message, at, Opening("tracked"))
        return replace(change, decision=change.decision and replace(change.decision, member=by))

    def answered(self, mention: Mention, by: str, at: datetime, rule: str) -> Change:
        """Somebody of the team said so, by a button."""
        return self._close(mention, by, at, rule, None)

    def dismissed(self, mention: Mention, by: str, at: datetime, rule: str) -> Change:
        """Somebody of the team said that nobody had to answer this."""
        return self._end(mention, MentionState.DISMISSED, Verdict.DISMISSED, at, rule, by)

    def reopening(self, mention: Mention, by: str | None, at: datetime, rule: str) -> Change:
        """A closed mention waits again; its clock starts anew, what was said stays said."""
        again = replace(
            reopened(mention, at),
            since=at,
            due_at=self._first_step(at),
            closed_at=None,
            closed_by=None,
            closing_rule=None,
            first_answer_at=None,
            worked=None,
        )
        return Change(timed(again, self.settings), Decision(mention.id, at, Verdict.OPENED, rule, by))

    def _first_step(self, at: datetime) -> datetime | None:
        """When the ladder's first step comes for a clock that starts at that instant."""
        ladder, hours = self.settings.mentions.ladder, self.settings.hours
        return hours.next_open(hours.add(at, ladder[0].after)) if ladder else None

    def gone(self, mention: Mention, at: datetime, rule: str) -> Change:
        """The message, its channel or its author is there no more."""
        return self._end(mention, MentionState.GONE, Verdict.GONE, at, rule, None)

    def _end(
        self,
        mention: Mention,
        state: MentionState,
        verdict: Verdict,
        at: datetime,
        rule: str,
        by: str | None,
        message: str | None = None,
        reasons: Iterable[str] = (),
    ) -> Change:
        ended = replace(
            mention,
            state=state,
            due_at=None,
            until=None,
            claimed_by=None,
            closed_at=at,
            closed_by=by,
            closing_rule=rule,
        )
        return Change(ended, Decision(mention.id, at, verdict, rule, by, message, tuple(reasons)))


def _others_wait(waiting: Waiting, room: Room, *, called: bool = False) -> bool:
    """Whether what its asker said after a mention's first message awaits somebody without it; `called`: with a ping.

    Of what is remembered no more nothing is known: it may.
    """

    def waits(said: Heard) -> bool:
        if said.addresses_team and (said.reading.empty or not said.reading.polite):
            return True
        return room.mode is not Mode.PINGS and said.reading.asks if called else not said.reading.polite

    others = [room.heard(id_) for id_ in waiting.messages if id_ != waiting.mention.ref.id]
    return any(said is None or waits(said) for said in others)


def _begins_anew(heard: Heard, room: Room, silent: timedelta) -> bool:
    """Whether somebody who waits asks, after a silence, about something else than what they wait for."""
    reading = heard.reading
    if silent < PAUSE or not reading.asks or reading.reminds:
        return False
    if silent > SAME_CONVERSATION:
        return True
    asker = room.people.get(heard.author)
    return reading.words > 3 and (asker is None or len(reading.topics & asker.topics) < 2)


def mention_id(ref: MessageRef) -> str:
    """The same for the same message, whoever computes it and however often it is delivered."""
    return blake2b("/".join(ref.key).encode(), digest_size=10).hexdigest()
