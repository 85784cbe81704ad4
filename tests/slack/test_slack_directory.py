"""Names of people, groups and channels, and who the team is."""

from __future__ import annotations

import asyncio

from adapters.slack.directory import Directory
from adapters.slack.web import Line, Web
from bot.events import MessagePosted
from bot.model import Community, Member
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from tests.slack.connecting import SLACK, chat_of, community, resting, running
from tests.slack.connecting import app as app_of
from tests.slack.server import faults
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

TEAM = Settings(team=TeamSettings(members=frozenset({"U0LEA"}), roles=frozenset({"S0STAFF", "S0NIGHT"})))


def directory(slack: Slack, town: Town) -> tuple[Directory, Line]:
    line = Line(slack.api_url)
    return Directory(Web(line, town.token)), line


async def test_what_was_learnt_is_remembered(slack: Slack, acme: Town) -> None:
    """Each is asked for once; names come from memory."""
    ada, support, staff = acme.person("ada"), acme.channel("support"), acme.group("staff")
    names, line = directory(slack, acme)
    ids = [ada.id, support.id, staff.id]
    assert [names.name(id_) for id_ in ids] == [None, None, None]
    for _ in range(3):
        await names.learn(ids)
    assert [names.name(id_) for id_ in ids] == ["ada", "support", "staff"]
    assert len(slack.journal.calls) == 3
    await line.close()


async def test_many_who_ask_for_one_name_ask_once(slack: Slack, acme: Town) -> None:
    """A burst of messages by the same person is one look-up."""
    ada = acme.person("ada")
    names, line = directory(slack, acme)
    await asyncio.gather(*(names.learn([ada.id]) for _ in range(20)))
    assert names.name(ada.id) == "ada"
    assert len(slack.journal.calls_of("users.info")) == 1
    await line.close()


async def test_a_member_is_told_with_name_language_and_nature(slack: Slack, acme: Town) -> None:
    """What a command needs of whoever typed it."""
    zoe = acme.person("zoe", locale="fr-FR")
    names, line = directory(slack, acme)
    where = Community(SLACK, acme.id)
    assert names.full(Member(where, zoe.id)) == Member(where, zoe.id)
    await names.learn([zoe.id, acme.me])
    assert names.full(Member(where, zoe.id)) == Member(where, zoe.id, "zoe", locale="fr-FR")
    assert names.full(Member(where, acme.me)).bot
    await line.close()


async def test_somebody_unknown_is_not_asked_for_at_every_message(slack: Slack, acme: Town) -> None:
    """A look-up that failed is not repeated at once."""
    names, line = directory(slack, acme)
    for _ in range(3):
        await names.learn(["U0NOBODY"])
    assert names.name("U0NOBODY") is None
    assert len(slack.journal.calls_of("users.info")) == 1
    await line.close()


async def test_a_limit_is_kept(slack: Slack, acme: Town) -> None:
    """After 429 nobody is asked for until that time is over."""
    slack.faults.next("users.info", faults.ratelimited(60))
    names, line = directory(slack, acme)
    for name in ("ada", "bob", "cleo"):
        await names.learn([acme.person(name).id])
    assert len(slack.journal.calls_of("users.info")) == 1
    await line.close()


async def test_nobody_waits_for_a_slow_name(slack: Slack, acme: Town) -> None:
    """Patience ends; the name is there later."""
    ada, gate = acme.person("ada"), asyncio.Event()
    slack.faults.next("users.info", faults.held(gate))
    names, line = directory(slack, acme)
    await names.learn([ada.id], patience=0.01)
    assert names.name(ada.id) is None
    gate.set()
    await names.learn([ada.id])
    assert names.name(ada.id) == "ada"
    await line.close()


async def test_messages_keep_their_order_while_a_name_is_looked_up(slack: Slack, acme: Town) -> None:
    """A known author does not overtake an unknown one of the same channel."""
    support, gate = acme.channel("support"), asyncio.Event()
    ada, bob = acme.person("ada"), acme.person("bob")
    settings = Settings(mentions=MentionSettings(watch={support.id: Mode.PINGS}))
    async with running(chat_of(app_of(slack, acme), settings)) as line:
        await bob.says(support, "0")
        await slack.quiet()
        slack.faults.next("users.info", faults.held(gate))
        await ada.says(support, "1")
        await bob.says(support, "2")
        gate.set()
        await line.ear.hears(MessagePosted, 3)
    heard = [event.message for event in line.ear.of(MessagePosted)]
    assert [message.text for message in heard] == ["0", "1", "2"]
    assert [message.author.name for message in heard] == ["bob", "ada", "bob"]


async def test_the_team_is_whom_the_groups_and_the_configuration_name(slack: Slack, acme: Town) -> None:
    """Members of every configured group, and those named one by one."""
    acme.group("staff", "tess", "tim")
    acme.group("night", "nora")
    async with resting(slack, acme, settings=TEAM) as chat:
        team = await chat.team(community(acme))
    assert team.me == acme.me
    assert team.members == {"U0LEA", "U0TESS", "U0TIM", "U0NORA"}
    assert team.roles == {"S0STAFF", "S0NIGHT"}


async def test_a_group_that_is_gone_does_not_take_the_team_along(slack: Slack, acme: Town) -> None:
    """The rest of the team is still the team."""
    acme.group("staff", "tess")
    async with resting(slack, acme, settings=TEAM) as chat:
        team = await chat.team(community(acme))
    assert team.members == {"U0LEA", "U0TESS"}
