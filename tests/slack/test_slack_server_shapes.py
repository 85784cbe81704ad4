"""What our Slack sends has the shape of what Slack sends: no key of its own, no other type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server import schemas
from tests.slack.server.model import Channel, Json
from tests.slack.server.person import Person
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

pytestmark = pytest.mark.skipif(not schemas.available(), reason="Slack's published samples are not there")

BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Somebody waits"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Claim"}, "action_id": "claim", "value": "m1"}
        ],
    },
]
MODAL: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Snooze"},
    "submit": {"type": "plain_text", "text": "Snooze"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}
HOME: Json = {"type": "home", "blocks": [BLOCKS[0]]}


class Stage:
    """A workspace with somebody, a public and a private channel, and a message in each."""

    def __init__(self, slack: Slack, town: Town) -> None:
        self.slack = slack
        self.town = town
        self.ada: Person = town.person("ada")
        self.support: Channel = town.channel("support", "ada")
        self.secret: Channel = town.channel("secret", "ada", kind="group")
        self.said = self.ada.wrote(self.support, f"<@{town.me}> hello &amp; <https://acme.example|see> <!here>")
        self.web = AsyncWebClient(town.token, base_url=slack.api_url, retry_handlers=[])

    async def answered(self) -> None:
        await self.ada.says(self.support, "One more thing", thread=self.said)

    async def modal(self) -> None:
        await self.ada.uses_shortcut("tip")
        await self.web.views_open(trigger_id=self.slack.journal.told[-1].payload["trigger_id"], view=MODAL)


@pytest.fixture
def stage(slack: Slack, acme: Town) -> Stage:
    return Stage(slack, acme)


Doing = Callable[[Stage], Awaitable[Any]]


async def _broadcast(stage: Stage) -> None:
    await stage.ada.says(stage.support, "To all", thread=stage.said, broadcast=True)


async def _tombstone(stage: Stage) -> None:
    await stage.answered()
    await stage.ada.deletes(stage.support, stage.said)


async def _unreacted(stage: Stage) -> None:
    await stage.ada.reacts(stage.support, stage.said)
    await stage.ada.unreacts(stage.support, stage.said)


async def _group(stage: Stage) -> None:
    await stage.town.joins_group(stage.town.group("staff"), stage.ada)


EVENTS: dict[str, Doing] = {
    "Message": lambda s: s.ada.says(s.support, "How do I log in?", thread=s.said),
    "MessageChanged": lambda s: s.ada.edits(s.support, s.said, "Other words"),
    "MessageChanged#unfurl": lambda s: s.ada.unfurls(s.support, s.said, "https://acme.example"),
    "MessageChanged#tombstone": _tombstone,
    "MessageDeleted": lambda s: s.ada.deletes(s.support, s.said),
    "MessageFileShare": lambda s: s.ada.shares_file(s.support, "Look"),
    "MessageThreadBroadcast": _broadcast,
    "AppMention": lambda s: s.ada.says(s.support, f"<@{s.town.me}> help"),
    "ReactionAdded": lambda s: s.ada.reacts(s.support, s.said),
    "ReactionRemoved": _unreacted,
    "MemberJoinedChannel": lambda s: s.town.admit(s.support),
    "MemberLeftChannel": lambda s: s.ada.leaves(s.support),
    "ChannelLeft": lambda s: s.town.expel(s.support),
    "GroupLeft": lambda s: s.town.expel(s.secret),
    "ChannelArchive": lambda s: s.town.archive(s.support),
    "ChannelUnarchive": lambda s: s.town.unarchive(s.support),
    "ChannelDeleted": lambda s: s.town.delete(s.support),
    "ChannelRename": lambda s: s.town.rename(s.support, "help"),
    "GroupArchive": lambda s: s.town.archive(s.secret),
    "GroupUnarchive": lambda s: s.town.unarchive(s.secret),
    "GroupDeleted": lambda s: s.town.delete(s.secret),
    "GroupRename": lambda s: s.town.rename(s.secret, "hidden"),
    "SubteamMembersChanged": _group,
    "SubteamUpdated": lambda s: s.town.disables_group(s.town.group("staff", "ada")),
    "AppHomeOpened": lambda s: s.ada.opens_home(),
    "AppUninstalled": lambda s: s.town.uninstalls(),
    "TokensRevoked": lambda s: s.town.revokes(),
}


@pytest.mark.parametrize("kind", EVENTS)
async def test_an_event_looks_like_slacks_own(stage: Stage, kind: str) -> None:
    """Each event has only keys that Slack's has, of the same types."""
    await EVENTS[kind](stage)
    told = stage.slack.journal.told[-1]
    sample = schemas.sample(f"events/{kind.partition('#')[0]}Payload")
    assert schemas.invented(sample, told.payload) == []


async def _pressed(stage: Stage) -> None:
    said = (await stage.web.chat_postMessage(channel=stage.support.id, text="x", blocks=BLOCKS))["ts"]
    await stage.ada.presses(stage.support, said, "Claim")


async def _submitted(stage: Stage) -> None:
    await stage.modal()
    await stage.ada.submits(reason="Because")


async def _closed(stage: Stage) -> None:
    await stage.modal()
    await stage.ada.closes()


INTERACTIONS: dict[str, Doing] = {
    "interactive-components/BlockActionPayload": _pressed,
    "interactive-components/MessageShortcutPayload": lambda s: s.ada.uses_shortcut_on(s.support, s.said, "track"),
    "slash-commands/SlashCommandPayload": lambda s: s.ada.types(s.support, "/tip", "engagement"),
    "views/ViewSubmissionPayload": _submitted,
    "views/ViewClosedPayload": _closed,
}


@pytest.mark.parametrize("kind", INTERACTIONS)
async def test_an_interaction_looks_like_slacks_own(stage: Stage, kind: str) -> None:
    """Each command, press and form has only keys that Slack's has."""
    await INTERACTIONS[kind](stage)
    told = stage.slack.journal.told[-1]
    # Slack writes this flag as a word, over a socket too; the views among the samples come without their blocks.
    told.payload.pop("is_enterprise_install")
    told.payload.get("view", {}).pop("blocks", None)
    assert schemas.invented(schemas.sample(f"app-backend/{kind}"), told.payload) == []


CALLS: dict[str, Doing] = {
    "auth.test": lambda s: s.web.auth_test(),
    "bots.info": lambda s: s.web.bots_info(),
    "team.info": lambda s: s.web.team_info(),
    "chat.postMessage": lambda s: s.web.chat_postMessage(channel=s.support.id, text="x", blocks=BLOCKS),
    "chat.postEphemeral": lambda s: s.web.chat_postEphemeral(channel=s.support.id, user=s.ada.id, text="x"),
    "chat.getPermalink": lambda s: s.web.chat_getPermalink(channel=s.support.id, message_ts=s.said.ts),
    "conversations.info": lambda s: s.web.conversations_info(channel=s.support.id),
    "conversations.list": lambda s: s.web.conversations_list(types="public_channel,private_channel"),
    "conversations.history": lambda s: s.web.conversations_history(channel=s.support.id, include_all_metadata=True),
    "conversations.replies": lambda s: s.web.conversations_replies(channel=s.support.id, ts=s.said.ts),
    "conversations.members": lambda s: s.web.conversations_members(channel=s.support.id),
    "conversations.open": lambda s: s.web.conversations_open(users=s.ada.id, return_im=True),
    "users.info": lambda s: s.web.users_info(user=s.ada.id, include_locale=True),
    "users.list": lambda s: s.web.users_list(),
    "users.conversations": lambda s: s.web.users_conversations(types="public_channel,private_channel,im"),
    "usergroups.list": lambda s: s.web.usergroups_list(include_users=True),
    "usergroups.users.list": lambda s: s.web.usergroups_users_list(usergroup="S0STAFF"),
    "views.publish": lambda s: s.web.views_publish(user_id=s.ada.id, view=HOME),
}


@pytest.mark.parametrize("method", CALLS)
async def test_an_answer_looks_like_slacks_own(stage: Stage, method: str) -> None:
    """Each method answers with keys that Slack's has, and the call itself is held against Slack's schemas."""
    stage.town.group("staff", "ada")
    await stage.answered()
    await CALLS[method](stage)
    call = stage.slack.journal.calls[-1]
    assert call.answer is not None
    assert call.answer["ok"], call.answer
    assert schemas.invented(schemas.sample(f"api/{method}"), call.answer) == []
    assert schemas.problems([call]) == []
