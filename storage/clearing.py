"""Forgetting a member, a community and what is old, in a `MemoryStore`; and what there is to forget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.model import Community, Delivery, Letter, Mention
from bot.traces import Opinion, Traces
from storage.oblivion import Oblivion
from storage.shelves import Shelves
from storage.transitions import LIVE, ended_at, owner_of


def traces(shelves: Shelves, community: Community, member: str) -> Traces:
    """What `forget_member` would remove or blank."""
    ours = sorted(
        (mention for mention in shelves.mentions.values() if mention.community == community),
        key=lambda mention: (mention.opened_at, mention.id),
    )
    asked = [mention for mention in ours if mention.asker == member]
    others = [mention for mention in ours if mention.asker != member]
    oblivion = Oblivion(community, member, {mention.id: mention.told_by for mention in asked})
    said = [
        decision
        for mention in others
        for decision in shelves.decisions.get(mention.id, ())
        if oblivion.decision(decision) is not decision
    ]
    told = sorted(shelves.deliveries.values(), key=lambda delivery: delivery.created_at)
    doors = [(str(community), door) for door in oblivion.doors]
    judged = [
        Opinion(slug, verdict, at)
        for (owner, slug, by), (verdict, at) in shelves.verdicts.items()
        if (owner, by) == (community, member)
    ]
    return Traces(
        asked=tuple(
            (
                mention,
                tuple(message for _, _, message in shelves.attached.get(mention.id, ())),
                tuple(sorted(shelves.decisions.get(mention.id, ()), key=lambda decision: decision.at)),
            )
            for mention in asked
        ),
        helped=tuple(mention for mention in others if member in (mention.claimed_by, mention.closed_by)),
        said=tuple(sorted(said, key=lambda decision: decision.at)),
        deliveries=tuple(before for before, _ in oblivion.deliveries(told)),
        opinions=tuple(sorted(judged, key=lambda opinion: opinion.at)),
        paused_until=next((shelves.pauses[door] for door in doors if door in shelves.pauses), None),
        closed=next((shelves.disabled[door] for door in doors if door in shelves.disabled), None),
        letters=tuple(_letters(shelves, community, member)),
        read=tuple(c for p, c in shelves.cursors.items() if (p.community, p.channel) == (community, oblivion.private)),
    )


def forget_member(shelves: Shelves, community: Community, member: str) -> int:
    """Remove or blank every trace; how many rows that was."""
    ours = [mention for mention in shelves.mentions.values() if mention.community == community]
    asked = [mention for mention in ours if mention.asker == member]
    oblivion = Oblivion(community, member, {mention.id: mention.told_by for mention in asked})
    count = sum(shelves.drop_mention(mention.id) for mention in asked)
    changes = oblivion.deliveries(shelves.deliveries.values())
    for before, after in changes:
        shelves.put_delivery(before.key, after)
    count += len(changes)
    removed = {before.key for before, after in changes if after is None}
    for mention in ours:
        if mention.asker != member:
            count += _blank(shelves, oblivion, mention, removed)
    doors = {(str(community), door) for door in oblivion.doors}
    count += _drop(shelves, shelves.pauses, [key for key in shelves.pauses if key in doors])
    count += _drop(shelves, shelves.disabled, [key for key in shelves.disabled if key in doors])
    count += _drop(
        shelves, shelves.verdicts, [key for key in shelves.verdicts if (key[0], key[2]) == (community, member)]
    )
    private = [p for p in shelves.cursors if (p.community, p.channel) == (community, oblivion.private)]
    count += _drop(shelves, shelves.cursors, private)
    count += _drop(shelves, shelves.letters, [letter.number for letter in _letters(shelves, community, member)])
    shelves.compact()
    return count


def _letters(shelves: Shelves, community: Community, member: str) -> list[Letter]:
    return [letter for letter in shelves.letters.values() if (letter.community, letter.member) == (community, member)]


def _blank(shelves: Shelves, oblivion: Oblivion, mention: Mention, removed: set[str]) -> int:
    count = 0
    left = oblivion.mention(mention, removed)
    if left is not mention:
        shelves.put_mention(mention.id, left)
        count += 1
    before = shelves.decisions.get(mention.id, ())
    after = tuple(map(oblivion.decision, before))
    changed = sum(new is not old for new, old in zip(after, before, strict=True))
    if changed:
        shelves.put(shelves.decisions, mention.id, after)
    return count + changed


def forget_community(shelves: Shelves, community: Community) -> int:
    """Remove every row of a community; how many that was."""
    name = str(community)
    ours = [mention.id for mention in shelves.mentions.values() if mention.community == community]
    count = sum(shelves.drop_mention(id_) for id_ in ours)
    count += _drop_deliveries(shelves, [d for d in shelves.deliveries.values() if d.place.community == community])
    for schedule in [schedule for schedule in shelves.settled if owner_of(schedule) == name]:
        count += _drop(shelves, shelves.settled[schedule], list(shelves.settled[schedule]))
    count += _drop(shelves, shelves.pauses, [key for key in shelves.pauses if key[0] == name])
    count += _drop(shelves, shelves.disabled, [key for key in shelves.disabled if key[0] == name])
    count += _drop(shelves, shelves.decks, [key for key in shelves.decks if key == community])
    count += _drop(shelves, shelves.verdicts, [key for key in shelves.verdicts if key[0] == community])
    count += _drop(shelves, shelves.cursors, [place for place in shelves.cursors if place.community == community])
    count += _drop(shelves, shelves.leases, [lease for lease in shelves.leases if owner_of(lease) == name])
    count += _drop(
        shelves, shelves.letters, [n for n, letter in shelves.letters.items() if letter.community == community]
    )
    count += _drop(shelves, shelves.communities, [key for key in shelves.communities if key == community])
    shelves.compact()
    return count


def purge(shelves: Shelves, before: datetime) -> int:
    """Remove what ended before that instant; how many rows that was."""
    closed = [
        mention.id
        for mention in shelves.mentions.values()
        if not mention.state.waits and (mention.closed_at or mention.latest_at) < before
    ]
    count = sum(shelves.drop_mention(id_) for id_ in closed)
    # The living nudge of a mention that stays is still to be edited.
    kept = {mention.told_by for mention in shelves.mentions.values()}
    old = [d for d in shelves.deliveries.values() if d.state not in LIVE and ended_at(d) < before and d.key not in kept]
    count += _drop_deliveries(shelves, old)
    count += _drop(shelves, shelves.pauses, [key for key, until in shelves.pauses.items() if until < before])
    count += _drop(shelves, shelves.leases, [name for name, (_, until) in shelves.leases.items() if until < before])
    count += _drop(shelves, shelves.letters, [n for n, letter in shelves.letters.items() if letter.at < before])
    shelves.compact()
    return count


def _drop(shelves: Shelves, shelf: dict[Any, Any], keys: list[Any]) -> int:
    for key in keys:
        shelves.put(shelf, key, None)
    return len(keys)


def _drop_deliveries(shelves: Shelves, deliveries: list[Delivery]) -> int:
    for delivery in deliveries:
        shelves.put_delivery(delivery.key, None)
    return len(deliveries)
