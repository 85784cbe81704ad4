"""What holds for one community: the file's own settings, overridden by those of its `[[communities]]` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bot.config import schema
from bot.config.problems import Problem
from bot.mentions.worktime import WorkingHours
from bot.settings import MentionSettings, Settings, Step, Target, TeamSettings, TipSettings, within_reach

OVERRIDABLE = frozenset(schema.CommunityKeys.model_fields)


def merged(root: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables key by key, the community's winning; anything else, lists included, is replaced."""
    return {
        key: merged(root[key], own[key])
        if isinstance(root.get(key), dict) and isinstance(own.get(key), dict)
        else own.get(key, root.get(key))
        for key in dict.fromkeys([*root, *own])
    }


def settings_of(keys: schema.CommunityKeys) -> Settings:
    """Ready to use. Steps of the ladder whose target is not configured are left out."""
    holidays = keys.holidays.calendar()
    team = TeamSettings(
        members=frozenset(keys.team.members),
        roles=frozenset(keys.team.roles),
        admins=keys.team.admins,
        lead=keys.team.lead,
        on_duty=keys.team.on_duty,
    )
    said = keys.mentions
    return Settings(
        language=keys.language.value,
        zone=keys.zone,
        holidays=holidays,
        hours=WorkingHours.parse(keys.hours, keys.zone, holidays),
        team=team,
        tips=TipSettings(keys.tips.channel, keys.tips.at, keys.tips.days, keys.tips.catch_up),
        mentions=MentionSettings(
            channel=said.channel,
            watch=MappingProxyType({channel: mode or said.mode for channel, mode in said.watch.items()}),
            keywords=said.keywords,
            answer_reactions=said.answer_reactions,
            solved_reactions=said.solved_reactions,
            outsiders=said.outsiders,
            hold=said.hold,
            claim=said.claim,
            digest=said.digest,
            ladder=within_reach(tuple(Step(rung.after, rung.to) for rung in said.ladder), team, said.channel),
        ),
    )


def contradictions(keys: schema.CommunityKeys) -> Iterator[Problem]:
    """Settings that are right one by one and useless together: somebody would wait for a nudge that never comes."""
    said = keys.mentions
    if said.watch and not said.channel:
        yield Problem(("mentions", "channel"), "is missing: channels are watched, and the nudges need a place to go")
    if said.watch and not said.ladder:
        yield Problem(("mentions", "ladder"), "is empty: channels are watched, and nobody would ever be told")
    if "ladder" not in said.model_fields_set:
        return
    needs = {Target.ON_DUTY: ("on_duty", keys.team.on_duty), Target.LEAD: ("lead", keys.team.lead)}
    for index, rung in enumerate(said.ladder):
        key, value = needs.get(rung.to, ("", "nothing"))
        if not value:
            text = f'is "{rung.to}", but team.{key} is not set: set it in [team], or take the step out'
            yield Problem(("mentions", "ladder", index, "to"), text)
