"""What happens in a chat, as an adapter tells it, and what the core answers to the one who acted.

An event carries no connection and no platform object. `locale` is the acting member's own, where the platform tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.making import value
from bot.model import Community, Member, Message, MessageRef, Place
from bot.post import Form, Post


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection to this community was made or made anew: what was missed is to be read from history."""

    community: Community


@value(frozen=True, slots=True)
class MessagePosted:
    message: Message


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """`message` is as it is now, `at` the instant of the edit. Link unfurls are no edits: an adapter drops them."""

    message: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    ref: MessageRef
    at: datetime


@dataclass(frozen=True, slots=True)
class ReactionAdded:
    ref: MessageRef
    member: Member
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReactionRemoved:
    ref: MessageRef
    member: Member
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CommandInvoked:
    """`name` is the command's in `bot.commands`, whatever it is called in the chat; `text` is what followed it.

    `private`: no channel of the community's own, but a conversation between a few.
    """

    place: Place
    member: Member
    name: str
    text: str
    at: datetime
    private: bool = False


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """A button was pressed. `ref` is the message that carries it, absent on a private reply.

    `private` as in CommandInvoked; a button that stands in no channel at all has a place without one.
    """

    place: Place
    member: Member
    action: str
    value: str
    at: datetime
    ref: MessageRef | None = None
    private: bool = False


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """`value` is what the form carried along since it was shown.

    `updates`: the message whose button showed the form can be given a new look in answer.
    """

    place: Place
    member: Member
    form: str
    value: str
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    updates: bool = False


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """The member looks at the page that the platform gives the bot for each of them; answered by `Home`."""

    member: Member
    at: datetime


@dataclass(frozen=True, slots=True)
class Addressed:
    """Somebody speaks to the bot itself: in the private channel with it, or in a message that begins with its name.

    `text` is what follows the name, `private` tells that nobody else reads along. In a watched channel the same message
    is told as `MessagePosted` besides, which alone may open a mention.
    """

    place: Place
    member: Member
    text: str
    at: datetime
    private: bool = False


@dataclass(frozen=True, slots=True)
class ShortcutUsed:
    """Something was chosen from a menu: `name` is the key in `bot.commands.SHORTCUTS`, `message` what it was chosen on.

    `message` is absent for a shortcut that belongs to no message.
    """

    place: Place
    member: Member
    name: str
    at: datetime
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Completing:
    """A member is typing the option `option` of the command `name`, as far as `text`; answered by `Choices`."""

    place: Place
    member: Member
    name: str
    option: str
    text: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """This process looks after the community no longer, because another one does or will.

    What is in memory about it is dropped, and nothing is judged or said there before the next `Connected`. A connection
    that merely broke and will be made again is none.
    """

    community: Community


@dataclass(frozen=True, slots=True)
class TeamChanged:
    """Roles or user groups changed: whoever is remembered as the team must be asked for again."""

    community: Community


@dataclass(frozen=True, slots=True)
class ChannelLost:
    """Archived, deleted, locked, or we were removed from it. `words` and `fix` as in `ChatError`."""

    place: Place
    reason: str
    at: datetime
    words: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ChannelFound:
    """We were (re)admitted to a channel, or it was opened again: it may be read and written from now on."""

    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class CommunityLost:
    """We were uninstalled or removed: what we hold about it is to be deleted."""

    community: Community
    reason: str
    at: datetime


Event = (
    Connected
    | Disconnected
    | MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionAdded
    | ReactionRemoved
    | CommandInvoked
    | ActionTaken
    | FormSubmitted
    | HomeOpened
    | Addressed
    | ShortcutUsed
    | Completing
    | TeamChanged
    | ChannelLost
    | ChannelFound
    | CommunityLost
)


@dataclass(frozen=True, slots=True)
class Private:
    """Shown to the one who acted and to nobody else, by whatever means the platform has at that spot."""

    post: Post


@dataclass(frozen=True, slots=True)
class ShowForm:
    form: Form


@dataclass(frozen=True, slots=True)
class NewLook:
    """The message acted upon shall look like this from now on."""

    post: Post


@dataclass(frozen=True, slots=True)
class Home:
    """The member's page from now on: these posts, one beneath the other."""

    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What to offer while somebody types, best first: what is filled in, and how it is shown."""

    offered: tuple[tuple[str, str], ...]


Reply = Private | ShowForm | NewLook | Home | Choices
