"""Messages as they are made, shown, changed and removed, and the app being told of it, of its own ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.server import payloads
from tests.slack.server.journal import Accepted
from tests.slack.server.model import Channel, Json, Said, Workspace

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack


class Talk:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def says(self, workspace: Workspace, channel: Channel, text: str, **more: Any) -> Said:
        """A message of the app, not yet shown to anybody."""
        return Said(
            self._slack.stamps.next(),
            workspace.bot.id,
            text,
            workspace.id,
            bot_id=workspace.bot_id,
            app_id=self._slack.app.id,
            **more,
        )

    async def post(self, workspace: Workspace, channel: Channel, said: Said, via: str) -> None:
        """Show it to everybody, the app itself included."""
        channel.messages[said.ts] = said
        self.note(workspace, channel, said, via)
        await self._slack.tell(workspace, channel, payloads.posted(self._slack.app, workspace, channel, said))

    def whisper(self, workspace: Workspace, channel: Channel, user: str, said: Said, via: str) -> None:
        """Show it to one person only."""
        channel.ephemeral[said.ts] = said
        self.note(workspace, channel, said, via, to=user)

    def note(self, workspace: Workspace, channel: Channel, said: Said, via: str, to: str = "") -> None:
        accepted = Accepted(
            self._slack.now(),
            via,
            workspace.id,
            channel.id,
            said.ts,
            said.text,
            said.blocks,
            said.metadata,
            said.thread_ts,
            to,
        )
        self._slack.journal.accepted.append(accepted)

    async def change(
        self,
        workspace: Workspace,
        channel: Channel,
        said: Said,
        text: str,
        blocks: list[Json],
        attachments: list[Json],
        by: str = "",
    ) -> None:
        """An edit, by the app or by a person."""
        before = payloads.message(self._slack.app, workspace, channel, said)
        said.text, said.blocks, said.attachments = text, blocks, attachments
        said.edited = {"user": by or workspace.bot.id, "ts": self._slack.stamps.next()}
        after = payloads.message(self._slack.app, workspace, channel, said)
        await self._slack.tell(workspace, channel, payloads.changed(before, after, channel, self._slack.stamps.next()))

    async def remove(self, workspace: Workspace, channel: Channel, said: Said) -> None:
        """A deletion. The root of a thread leaves a tombstone behind."""
        before = payloads.message(self._slack.app, workspace, channel, said)
        if not channel.thread(said.ts):
            del channel.messages[said.ts]
            await self._slack.tell(workspace, channel, payloads.deleted(before, channel, self._slack.stamps.next()))
            return
        grave = Said(
            said.ts,
            "USLACKBOT",
            "This message was deleted.",
            "",
            thread_ts=said.ts,
            subtype="tombstone",
            more={"hidden": True},
        )
        channel.messages[said.ts] = grave
        after = payloads.message(self._slack.app, workspace, channel, grave)
        await self._slack.tell(workspace, channel, payloads.changed(before, after, channel, self._slack.stamps.next()))
