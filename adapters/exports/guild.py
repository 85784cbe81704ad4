"""The accounts and roles of a DiscordChatExporter file, learnt from its messages. Pure: no file is read here.

No list of them exists: each message repeats its author, those it mentions and those who reacted, as written by
`WriteUserAsync` in DiscordChatExporter's `JsonMessageWriter.cs`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.exports.shapes import Malformed, as_dict, as_list, clean, is_id
from bot.model import Community, Member


@dataclass(slots=True)
class Guild:
    """`roles` are names to ids, `channels` ids to names."""

    community: Community
    channels: Mapping[str, str]
    members: dict[str, Member] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    _role_names: re.Pattern[str] | None = None

    def learn(self, payload: Mapping[str, Any]) -> None:
        """Remember whom a message names: its author, those it mentions, and those who reacted, if old versions tell."""
        reacting = (
            user for reaction in as_list(payload.get("reactions")) for user in as_list(as_dict(reaction).get("users"))
        )
        for user in (payload.get("author"), *as_list(payload.get("mentions")), *reacting):
            self.meet(user)

    def author(self, user: object) -> Member:
        """One object for all messages of an account. `Malformed` when it is none, `TypeError` for an absurd id."""
        if not isinstance(user, dict):
            raise Malformed("it has no author")
        member = self.members.get(user.get("id"))  # type: ignore[arg-type]  # what is no str is not found
        if member is None or (user.get("roles") and not member.roles):
            member = self.meet(user)
        if member is None:
            raise Malformed("its author has no id")
        return member

    def role_at(self, text: str, at: int) -> tuple[str, str] | None:
        """Name and id of the role whose `@name` stands there: the exporter leaves no id of a pinged role."""
        if not self.roles:
            return None
        if self._role_names is None:
            names = "|".join(re.escape(name) for name in sorted(self.roles, key=len, reverse=True))
            self._role_names = re.compile(rf"@({names})(?!\w)")
        match = self._role_names.match(text, at)
        return (match[1], self.roles[match[1]]) if match is not None else None

    def meet(self, user: object) -> Member | None:
        """The account, with its roles: those who react come without, so that the first entry with roles wins."""
        user = as_dict(user)
        id_ = user.get("id")
        if not is_id(id_):
            return None
        known = self.members.get(id_)
        if known is not None and (known.roles or not user.get("roles")):
            return known
        roles = [role for role in as_list(user.get("roles")) if is_id(as_dict(role).get("id"))]
        for role in roles:
            name = role.get("name")
            if isinstance(name, str) and name and name not in self.roles:
                self.roles[name] = role["id"]
                self._role_names = None
        member = self.members[id_] = Member(
            self.community,
            id_,
            next((clean(name) for name in names_of(user)), ""),
            bot=user.get("isBot") is True,
            roles=frozenset(role["id"] for role in roles),
        )
        return member


def names_of(user: Mapping[str, Any]) -> list[str]:
    """What people see, then the account's own name."""
    return [name for name in (user.get("nickname"), user.get("name")) if isinstance(name, str) and name]
