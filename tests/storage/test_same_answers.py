"""Whatever is asked of them and in whatever order, a MemoryStore and a SqlStore answer the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.errors import Conflict
from bot.model import (
    Cursor,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Mention,
    MentionState,
    MessageRef,
    OccurrenceState,
    Place,
)
from bot.ports import Store, Transaction
from bot.tips.deck import Deck
from storage.memory import MemoryStore
from storage.store import open_store
from tests.postgres import Postgres
from tests.storage.samples import LEASE, MINUTE, NOW, OTHERS, OURS, decision, delivery, look, mention, settled

Work = Callable[[Transaction], Awaitable[Any]]

communities = st.sampled_from([OURS, OTHERS])
some_communities = st.lists(communities, unique=True)
places = st.builds(Place, communities, st.sampled_from(["a", "b", "@U1"]), st.sampled_from([None, None, "t"]))
refs = st.builds(MessageRef, places, st.sampled_from(["1", "2", "3", "4"]))
mention_ids = st.sampled_from(["m1", "m2", "m3"])
members = st.sampled_from(["U1", "U2", "U12"])
instants = st.integers(-3, 3).map(lambda minutes: NOW + minutes * MINUTE)
maybe = st.none() | instants
keys = st.sampled_from(["nudge/m1/1", "nudge/m2/1", "digest/m1/1", "tip/1", "notice/U1"])
owners = st.sampled_from(["x", "y"])
lease_names = st.sampled_from(["socket", f"socket/{OURS}"])
subjects = st.sampled_from(
    [{"mention": "m1", "step": 1}, {"mentions": ["m1/1", "m2/1"]}, {"mentions": ["m3/1"], "to": "U12"}, {"tip": "U1"}]
)
mentions = st.builds(
    mention,
    mention_ids,
    after=st.integers(-3, 3),
    ref=refs,
    asker=members,
    state=st.sampled_from(MentionState),
    due_at=maybe,
    claimed_by=st.none() | members,
    closed_at=maybe,
    closed_by=st.none() | members,
    first_answer_at=maybe,
    told_by=st.none() | keys,
)
deliveries = st.builds(
    delivery,
    keys,
    after=st.integers(-3, 3),
    place=places,
    kind=st.sampled_from([DeliveryKind.NUDGE, DeliveryKind.NUDGE, DeliveryKind.DIGEST]),
    subject=subjects,
    created_at=instants,
    tried_at=maybe,
)
looks = st.builds(look, keys, after=st.integers(-3, 3), place=places)
outcomes = st.fixed_dictionaries(
    {"state": st.sampled_from(DeliveryState), "due_at": instants, "attempts": st.integers(0, 3), "tried_at": maybe},
    optional={"sent_at": instants, "sent_ref": refs, "problem": st.sampled_from(["x", "U1 left"])},
)


class SameAnswers(RuleBasedStateMachine):
    """Each rule does the same in both stores and compares what came of it; now and then it is undone."""

    fresh: ClassVar[Callable[[ExitStack], str]]

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.runner = self.resources.enter_context(asyncio.Runner())
        self.stores: list[Store] = []
        self.known: dict[str, Mention] = {}
        self.held: dict[str, Delivery] = {}

    @initialize()
    def open(self) -> None:
        self.stores = [MemoryStore(), open_store(type(self).fresh(self.resources))]

    def teardown(self) -> None:
        try:
            if self.stores:
                self.read_everything()
        finally:
            for store in self.stores:
                self.runner.run(store.close())
            self.resources.close()

    def both(self, work: Work, *, undo: bool = False) -> Any:
        ours, theirs = (self.runner.run(_outcome(store, work, undo)) for store in self.stores)
        assert ours == theirs
        return ours

    @rule(row=mentions, undo=st.booleans())
    def add_mention(self, row: Mention, undo: bool) -> None:
        self.both(lambda tx: tx.add_mention(row), undo=undo)

    @rule(id_=mention_ids, ref=refs)
    def attach(self, id_: str, ref: MessageRef) -> None:
        self.both(lambda tx: tx.attach(id_, ref))

    @rule(ref=refs, undo=st.booleans())
    def detach(self, ref: MessageRef, undo: bool) -> None:
        self.both(lambda tx: tx.detach(ref), undo=undo)

    @rule(id_=mention_ids)
    def read(self, id_: str) -> None:
        found = self.both(lambda tx: tx.mention(id_))
        if found is not None:
            self.known[id_] = found

    @precondition(lambda self: self.known)
    @rule(data=st.data(), changes=mentions, undo=st.booleans())
    def save_mention(self, data: st.DataObject, changes: Mention, undo: bool) -> None:
        known = data.draw(st.sampled_from(sorted(self.known)))
        row = replace(changes, id=known, ref=self.known[known].ref, version=self.known[known].version)
        saved = self.both(lambda tx: tx.save_mention(row), undo=undo)
        if isinstance(saved, Mention):
            self.known[known] = saved

    @rule(id_=mention_ids, key=keys)
    def note_told(self, id_: str, key: str) -> None:
        self.both(lambda tx: tx.note_told(id_, key))

    @rule(id_=mention_ids, after=st.integers(-3, 3), member=members)
    def record(self, id_: str, after: int, member: str) -> None:
        self.both(lambda tx: tx.record(decision(id_, after=after, member=member, reasons=(f"by {member}",))))

    @rule(row=deliveries, undo=st.booleans())
    def add_delivery(self, row: Delivery, undo: bool) -> None:
        self.both(lambda tx: tx.add_delivery(row), undo=undo)

    @rule(row=looks, undo=st.booleans())
    def ask_look(self, row: Delivery, undo: bool) -> None:
        self.both(lambda tx: tx.ask_look(row), undo=undo)

    @rule(
        owner=owners,
        now=instants,
        limit=st.integers(0, 4),
        whose=st.lists(communities, unique=True),
        undo=st.booleans(),
    )
    def claim(self, owner: str, now: datetime, limit: int, whose: list[Any], undo: bool) -> None:
        claimed = self.both(lambda tx: tx.claim(owner, now, LEASE, limit, whose), undo=undo)
        if not undo:
            self.held |= {row.key: row for row in claimed}

    @precondition(lambda self: self.held)
    @rule(data=st.data(), changes=outcomes, owner=st.none() | owners, undo=st.booleans())
    def save_delivery(self, data: st.DataObject, changes: dict[str, Any], owner: str | None, undo: bool) -> None:
        held = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        if "sent_ref" in changes:  # what is said in a community is never told of another
            place = replace(changes["sent_ref"].place, community=held.place.community)
            changes["sent_ref"] = replace(changes["sent_ref"], place=place)
        saved = replace(held, **changes)
        self.both(lambda tx: tx.save_delivery(saved, owner or held.leased_by or ""), undo=undo)

    @rule(place=places, now=instants, undo=st.booleans())
    def fold(self, place: Place, now: datetime, undo: bool) -> None:
        async def work(tx: Transaction) -> list[Delivery]:
            pending = await tx.pending_nudges(place, now)
            await tx.fold([row.key for row in pending[:2]], "digest/m1/1")
            return pending

        self.both(work, undo=undo)

    @rule(whose=communities, channel=st.sampled_from(["", "/a", "/@U1"]), until=instants)
    def pause(self, whose: Any, channel: str, until: datetime) -> None:
        self.both(lambda tx: tx.pause(f"{whose}{channel}", until))

    @rule(place=places, on=st.booleans(), undo=st.booleans())
    def switch(self, place: Place, on: bool, undo: bool) -> None:
        self.both(lambda tx: tx.enable(place) if on else tx.disable(place, "closed", NOW), undo=undo)

    @rule(day=st.integers(1, 4), state=st.sampled_from(OccurrenceState), whose=communities)
    def settle(self, day: int, state: OccurrenceState, whose: Any) -> None:
        self.both(lambda tx: tx.settle(settled(f"2026-03-0{day}", f"tip/{whose}", state=state)))

    @rule(whose=communities, position=st.integers(0, 5), member=members)
    def tips(self, whose: Any, position: int, member: str) -> None:
        async def work(tx: Transaction) -> Deck | None:
            await tx.judge_tip(whose, f"tip-{position % 2}", member, f"verdict-{position}", NOW)
            await tx.save_deck(whose, Deck(1, position=position))
            return await tx.deck(whose)

        self.both(work)

    @rule(
        place=places, after=st.sampled_from("123"), name=st.sampled_from(["x", f"y/{OURS}"]), owner=owners, now=instants
    )
    def progress(self, place: Place, after: str, name: str, owner: str, now: datetime) -> None:
        async def work(tx: Transaction) -> tuple[bool, bool]:
            await tx.save_cursors([Cursor(place, after, now)])
            return await tx.take_lease(name, owner, now, LEASE), await tx.know(place.community, now)

        self.both(work)

    @rule(name=lease_names, owner=owners)
    def give_lease(self, name: str, owner: str) -> None:
        self.both(lambda tx: tx.give_lease(name, owner))

    @rule(whose=communities, member=members, undo=st.booleans())
    def forget_member(self, whose: Any, member: str, undo: bool) -> None:
        self.both(lambda tx: tx.forget_member(whose, member), undo=undo)

    @rule(whose=communities, undo=st.booleans())
    def forget_community(self, whose: Any, undo: bool) -> None:
        self.both(lambda tx: tx.forget_community(whose), undo=undo)

    @rule(before=instants, undo=st.booleans())
    def purge(self, before: datetime, undo: bool) -> None:
        self.both(lambda tx: tx.purge(before), undo=undo)

    @rule()
    def read_everything(self) -> None:
        self.both(_all_there_is)


async def _outcome(store: Store, work: Work, undo: bool) -> Any:
    """What came of it: the answer, or the kind of error."""
    answers: list[Any] = []
    try:
        async with store.begin() as tx:
            answers.append(await work(tx))
            1 / (not undo)
    except (ZeroDivisionError, Conflict) as error:
        return answers, type(error)
    return answers[0]


async def _all_there_is(tx: Transaction) -> list[Any]:
    found: list[Any] = [await tx.known()]
    for id_ in ("m1", "m2", "m3"):
        found += [await tx.mention(id_), await tx.messages_of(id_), await tx.decisions(id_)]
    for whose in (OURS, OTHERS):
        found += [
            await tx.waiting(whose),
            await tx.waiting(whose, 1),
            await tx.due_mentions(whose, NOW),
            await tx.waits(whose, NOW - MINUTE),
            await tx.deliveries(whose, 20),
            await tx.count_sent(whose, NOW, list(DeliveryKind)),
            await tx.disabled(whose),
            await tx.settled(f"tip/{whose}", date(2026, 3, 2)),
            await tx.last_settled(f"tip/{whose}"),
            await tx.last_told(f"tip/{whose}"),
            await tx.deck(whose),
            await tx.tip_verdicts(whose),
            await tx.cursors(whose),
            await tx.next_due([whose]),
        ]
    for place in (Place(OURS, "a"), Place(OTHERS, "a")):
        found += [await tx.mention_of(MessageRef(place, id_)) for id_ in "1234"]
    both = [OURS, OTHERS]
    found += [await tx.due_communities(both, NOW), await tx.due_communities([OTHERS], NOW - MINUTE)]
    return [*found, await tx.next_due(both), await tx.next_due([])]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_answers_as_memory_does(kind: str, request: pytest.FixtureRequest, sqlite_template: Path) -> None:
    """Over random sequences of every operation, with undone transactions in between."""

    def sqlite(resources: ExitStack) -> str:
        folder = resources.enter_context(tempfile.TemporaryDirectory())
        return f"sqlite:///{shutil.copy(sqlite_template, folder)}"

    def postgres(resources: ExitStack) -> str:
        server: Postgres = request.getfixturevalue("postgres")
        return server.url(resources.enter_context(server.database(request.getfixturevalue("postgres_template"))))

    machine = type(f"SameAnswersOn{kind}", (SameAnswers,), {"fresh": staticmethod(locals()[kind])})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=checks,
        ),
    )
