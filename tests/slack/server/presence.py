"""Who is in which channel, and the app being told of comings and goings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.slack.server.model import Channel, Json, User, Workspace

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack


class Presence:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def enter(self, workspace: Workspace, channel: Channel, user: User, inviter: str = "") -> None:
        channel.members.add(user.id)
        event: Json = {
            "type": "member_joined_channel",
            "user": user.id,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "channel" else "G",
            "team": user.team,
            "event_ts": self._slack.stamps.next(),
        }
        await self._slack.tell(workspace, channel, event | ({"inviter": inviter} if inviter else {}))

    async def part(self, workspace: Workspace, channel: Channel, user: User, actor: str = "") -> None:
        """Leave or be removed. The app is told by `channel_left` when it is itself who is gone."""
        itself = user.id == workspace.bot.id
        kind = "channel_left" if channel.kind == "channel" else "group_left"
        event: Json = (
            {"type": kind, "channel": channel.id, "actor_id": actor or user.id}
            if itself
            else {
                "type": "member_left_channel",
                "user": user.id,
                "channel": channel.id,
                "channel_type": "C" if channel.kind == "channel" else "G",
                "team": user.team,
            }
        )
        channel.members.discard(user.id)
        await self._slack.tell(workspace, None if itself else channel, event | {"event_ts": self._slack.stamps.next()})
