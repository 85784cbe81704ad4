"""What people do in a workspace: they talk, react, press buttons, fill in forms and type commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.slack.server import payloads
from tests.slack.server.journal import Told
from tests.slack.server.model import Channel, Json, Said, User

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack
    from tests.slack.server.town import Town


@dataclass
class Person:
    slack: Slack
    town: Town
    user: User

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def mention(self) -> str:
        """How others write their name so that it calls them."""
        return f"<@{self.user.id}>"

    @property
    def dm(self) -> Channel:
        """Their private channel with the bot."""
        return self.slack.direct(self.town.workspace, self.id)

    # messages

    async def says(
        self, channel: Channel, text: str, *, thread: Said | None = None, broadcast: bool = False, **more: Any
    ) -> Said:
        """A new message, in a thread or not; a broadcast reply is shown in the channel too."""
        said = self.wrote(channel, text, thread=thread, broadcast=broadcast, **more)
        event = payloads.posted(self.slack.app, self.town.workspace, channel, said)
        await self.slack.tell(self.town.workspace, channel, event, team=self.user.team)
        if f"<@{self.town.me}" in text and channel.kind != "im":
            await self.slack.tell(self.town.workspace, channel, payloads.mentioned(event), team=self.user.team)
        return said

    def wrote(
        self, channel: Channel, text: str, *, thread: Said | None = None, broadcast: bool = False, **more: Any
    ) -> Said:
        """The same, of which the app was not told: it is in the channel's history only."""
        said = Said(
            self.slack.stamps.next(),
            self.id,
            text,
            self.user.team,
            client_msg_id=str(uuid4()),
            thread_ts=(thread.thread_ts or thread.ts) if thread else "",
            subtype="thread_broadcast" if broadcast else "",
            blocks=payloads.rich_text(text),
        )
        for name, value in more.items():
            setattr(said, name, value)
        channel.members.add(self.id)
        channel.messages[said.ts] = said
        return said

    async def shares_file(self, channel: Channel, text: str = "", name: str = "picture.png") -> Said:
        file = {"id": next(self.slack.file_ids), "name": name, "mimetype": "image/png", "filetype": "png"}
        return await self.says(channel, text, subtype="file_share", files=[file], client_msg_id="")

    async def edits(self, channel: Channel, said: Said, text: str) -> None:
        blocks = payloads.rich_text(text)
        await self.slack.talk.change(self.town.workspace, channel, said, text, blocks, said.attachments, by=self.id)

    async def unfurls(self, channel: Channel, said: Said, url: str) -> None:
        """Slack adds a preview to a link; the text stays as it is and nobody edited it."""
        before = payloads.message(self.slack.app, self.town.workspace, channel, said)
        said.attachments = [{"id": 1, "from_url": url, "original_url": url, "title": "A page", "fallback": "A page"}]
        after = payloads.message(self.slack.app, self.town.workspace, channel, said)
        event = payloads.changed(before, after, channel, self.slack.stamps.next())
        await self.slack.tell(self.town.workspace, channel, event)

    async def deletes(self, channel: Channel, said: Said) -> None:
        await self.slack.talk.remove(self.town.workspace, channel, said)

    # reactions

    async def reacts(self, channel: Channel, said: Said, name: str = "white_check_mark") -> None:
        said.reactions.setdefault(name, []).append(self.id)
        await self._reaction("reaction_added", channel, said, name)

    async def unreacts(self, channel: Channel, said: Said, name: str = "white_check_mark") -> None:
        said.reactions[name].remove(self.id)
        if not said.reactions[name]:
            del said.reactions[name]
        await self._reaction("reaction_removed", channel, said, name)

    async def _reaction(self, kind: str, channel: Channel, said: Said, name: str) -> None:
        event = payloads.reaction(kind, self.id, channel, said, name, self.slack.stamps.next())
        await self.slack.tell(self.town.workspace, channel, event, team=self.user.team)

    # coming and going

    async def joins(self, channel: Channel) -> None:
        await self.slack.presence.enter(self.town.workspace, channel, self.user)

    async def leaves(self, channel: Channel) -> None:
        await self.slack.presence.part(self.town.workspace, channel, self.user)

    # commands, buttons, forms, shortcuts

    async def types(self, channel: Channel, command: str, text: str = "") -> Told:
        """A slash command."""
        workspace = self.town.workspace
        url = self.slack.responses.new(workspace, channel, self.id, None, ephemeral=True)
        payload: Json = {
            "token": self.slack.app.verification,
            "team_id": workspace.id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.kind == "im" else channel.name,
            "user_id": self.id,
            "user_name": self.user.name,
            "command": command,
            "text": text,
            "api_app_id": self.slack.app.id,
            "is_enterprise_install": "true" if workspace.whole else "false",
            "response_url": url,
            "trigger_id": self.slack.triggers.new(self.id),
        }
        if workspace.enterprise:
            payload |= {"enterprise_id": workspace.enterprise, "enterprise_name": "Enterprise"}
        told = Told("slash_commands", payload, workspace.id)
        self.slack.responses.belongs(url, told)
        return await self.slack.telling.tell(told)

    async def presses(self, channel: Channel, ts: str, label: str) -> Told:
        """A button of a message, found by what stands on it. Ephemeral messages have buttons too."""
        workspace = self.town.workspace
        ephemeral = ts in channel.ephemeral
        said = self.town.shown(channel, ts)
        url = self.slack.responses.new(workspace, channel, self.id, said, ephemeral=ephemeral)
        container: Json = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        }
        if said.is_reply:
            container["thread_ts"] = said.thread_ts
        payload = self._acting("block_actions") | {
            "container": container,
            "trigger_id": self.slack.triggers.new(self.id),
            "channel": {"id": channel.id, "name": channel.name},
            "response_url": url,
            "actions": [self._pressed(said.blocks, label)],
        }
        if not ephemeral:
            shown = payloads.message(self.slack.app, workspace, channel, said)
            for key in ("metadata", "reactions", "reply_users"):
                shown.pop(key, None)
            payload["message"] = shown
        told = Told("interactive", payload, workspace.id)
        self.slack.responses.belongs(url, told)
        return await self.slack.telling.tell(told)

    async def presses_in_view(self, view: Json, label: str) -> Told:
        """A button of a modal or of the home tab."""
        payload = self._acting("block_actions") | {
            "container": {"type": "view", "view_id": view["id"]},
            "trigger_id": self.slack.triggers.new(self.id),
            "view": view,
            "actions": [self._pressed(view["blocks"], label)],
        }
        return await self.slack.telling.tell(Told("interactive", payload, self.town.id))

    def _pressed(self, blocks: list[Json], label: str) -> Json:
        pressable = payloads.buttons(blocks)
        for block, element in pressable:
            if element.get("text", {}).get("text") == label:
                keys = ("type", "action_id", "text", "value", "style", "url")
                pressed = {key: element[key] for key in keys if key in element}
                return pressed | {"block_id": block["block_id"], "action_ts": self.slack.stamps.next()}
        labels = [element.get("text", {}).get("text") for _, element in pressable]
        raise AssertionError(f"no button {label!r} among {labels}")

    @property
    def modal(self) -> Json | None:
        """The modal in front of them."""
        stack = self.town.workspace.modals.get(self.id)
        return stack[-1] if stack else None

    async def submits(self, **values: str) -> Told:
        """Fill in the modal in front of them and send it off: what to enter, or which option, by the block's id.

        What is not given keeps its initial value.
        """
        view = self.modal
        assert view is not None, "no modal is open"
        state = {
            block["block_id"]: {block["element"]["action_id"]: _entered(block, values.get(block["block_id"]))}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        unknown = values.keys() - state.keys()
        assert not unknown, f"no input {sorted(unknown)} among {sorted(state)}"
        self.town.workspace.modals[self.id].pop()
        payload = self._acting("view_submission") | {
            "trigger_id": self.slack.triggers.new(self.id),
            "view": view | {"state": {"values": state}},
        }
        return await self.slack.telling.tell(Told("interactive", payload, self.town.id))

    async def closes(self) -> Told | None:
        """Cancel the modal; the app is told only when it asked for that."""
        view = self.modal
        assert view is not None, "no modal is open"
        self.town.workspace.modals[self.id].pop()
        if not view["notify_on_close"]:
            return None
        payload = self._acting("view_closed") | {"view": view, "is_cleared": False}
        return await self.slack.telling.tell(Told("interactive", payload, self.town.id))

    async def uses_shortcut_on(self, channel: Channel, said: Said, callback: str) -> Told:
        """An entry of a message's menu."""
        workspace = self.town.workspace
        url = self.slack.responses.new(workspace, channel, self.id, said, ephemeral=False)
        shown = payloads.message(self.slack.app, workspace, channel, said)
        for key in ("metadata", "reactions", "reply_users"):
            shown.pop(key, None)
        acting = self._acting("message_action")
        # Of all interactions this one alone does not name the app, and names its user in short.
        del acting["api_app_id"], acting["user"]["username"]
        payload = acting | {
            "callback_id": callback,
            "trigger_id": self.slack.triggers.new(self.id),
            "message_ts": said.ts,
            "response_url": url,
            "message": shown,
            "channel": {"id": channel.id, "name": channel.name},
            "action_ts": self.slack.stamps.next(),
        }
        told = Told("interactive", payload, workspace.id)
        self.slack.responses.belongs(url, told)
        return await self.slack.telling.tell(told)

    async def uses_shortcut(self, callback: str) -> Told:
        """An entry of the app's own menu: it belongs to no channel."""
        payload = self._acting("shortcut") | {
            "callback_id": callback,
            "trigger_id": self.slack.triggers.new(self.id),
            "action_ts": self.slack.stamps.next(),
        }
        return await self.slack.telling.tell(Told("interactive", payload, self.town.id))

    async def opens_home(self, tab: str = "home") -> Told | None:
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.dm.id,
            "tab": tab,
            "event_ts": self.slack.stamps.next(),
        }
        home = self.town.workspace.homes.get(self.id)
        return await self.slack.tell(self.town.workspace, None, event | ({"view": home} if home else {}))

    def _acting(self, kind: str) -> Json:
        return {"type": kind, **payloads.acting(self.slack.app, self.town.workspace, self.user)}


def _entered(block: Json, value: str | None) -> Json:
    """The state of one input as Slack tells it."""
    element = block["element"]
    kind = element["type"]
    if kind in ("static_select", "radio_buttons"):
        chosen = element.get("initial_option")
        if value is not None:
            matching = [option for option in element["options"] if value in (option["value"], option["text"]["text"])]
            assert matching, f"no option {value!r}"
            chosen = matching[0]
        return {"type": kind, "selected_option": chosen}
    text = value if value is not None else element.get("initial_value")
    return {"type": kind, "value": text or None}
