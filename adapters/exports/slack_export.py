"""Reading a Slack workspace export, one day at a time.

Its layout: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.exports.export import Export, Progress
from adapters.exports.files import Files, read_json
from adapters.exports.shapes import Malformed, as_dict, as_list, clean, is_id, kind_of
from adapters.exports.slack import NOTICES, translate
from adapters.exports.workspace import read_workspace
from bot.errors import ExportError
from bot.events import Event, MessagePosted
from bot.model import Member, MessageKind, Place

_USERS = ("users.json", "org_users.json")  # the second in an export of a whole Enterprise organisation
_CHANNELS = ("channels.json", "groups.json", "mpims.json", "dms.json")
_DAY = re.compile(r"([^/]+)/(\d{4}-\d\d-\d\d)\.json")


def slack_root(files: Files) -> str | None:
    """Where the lists lie: at the top (an empty text) or in its one folder (`NAME/`); `None` for another export."""
    roots = {name[: -len(tail)] for tail in _USERS for name in files.names if name == tail or name.endswith("/" + tail)}
    found = [root for root in roots if root.count("/") <= 1 and any(root + tail in files.names for tail in _CHANNELS)]
    return min(found, key=len, default=None)


class SlackExport(Export):
    platform_name = "slack"

    def __init__(self, files: Files, root: str, label: str) -> None:
        super().__init__(files, label)
        self._root = root
        users = [user for name in _USERS for user in self._list(name)]
        folders, self.channels = self._read_channels({str(as_dict(user).get("id")): user for user in users})
        self._workspace = read_workspace(users, self.channels)
        self.community = self._workspace.community
        self._days: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in files.names:
            match = _DAY.fullmatch(name, len(root)) if name.startswith(root) else None
            if match is not None:
                channel = folders.get(match[1], match[1])
                self.channels.setdefault(channel, match[1])  # shared by another workspace, so that no list names it
                self._days[match[2]].append((channel, name))
        if not self._days and (other := next(filter(self._is_in_a_channel, files.names), None)):
            text = "is not read, nor is any other: a channel's files are named by the day, such as 2024-01-31.json"
            self._problems.note(f"{files.label(other)} {text}")
        self.size = sum(files.names[name] for day in self._days.values() for _, name in day)
        self._opening = self._problems.count

    @property
    def members(self) -> Mapping[str, Member]:
        return self._workspace.members

    def _events(self, chosen: frozenset[str], progress: Progress) -> Iterator[Event]:
        """Day by day, one day behind: a message that Slack filed under the day after still comes in its turn."""
        self._problems.forget_after(self._opening)
        places = {channel: Place(self.community, channel) for channel in chosen}
        strange: set[str] = set()
        waiting: list[Event] = []
        told: datetime | None = None
        done = 0
        for day in sorted(self._days):
            read: list[Event] = []
            for channel, name in self._days[day]:
                if channel in places:
                    read += self._day(name, places[channel], strange)
                done += self._files.names[name]
                progress(done)
            if not read:
                continue
            read.sort(key=_at)
            if told is not None and _at(read[0]) < told:
                self._problems.note(f"{self._label}: {day}: a message of {_at(read[0])} is filed days too late")
            ready = bisect_right(waiting, _at(read[0]), key=_at)
            yield from waiting[:ready]
            told = _at(waiting[ready - 1]) if ready else told
            read += waiting[ready:]
            waiting = sorted(read, key=_at) if ready < len(waiting) else read
        yield from waiting

    def _day(self, name: str, place: Place, strange: set[str]) -> list[Event]:
        """The events of one file; what is no message is noted. `strange` holds the unknown subtypes already noted."""
        payloads = read_json(self._files, name)
        if not isinstance(payloads, list):
            raise ExportError(f"{self._files.label(name)}: expected a list of messages, found {kind_of(payloads)}")
        events: list[Event] = []
        for number, payload in enumerate(payloads, 1):
            try:
                event = translate(payload, place, self._workspace)
            except Malformed as problem:
                self._problems.note(f"{self._files.label(name)}: message {number} is skipped: {problem}")
                continue
            if event is None:
                continue
            events.append(event)
            if type(event) is MessagePosted and event.message.kind is MessageKind.SYSTEM:
                subtype = str(payload["subtype"])
                if subtype not in NOTICES and subtype not in strange:
                    strange.add(subtype)
                    text = f"message {number} has the unknown subtype {subtype!r}: taken for a notice by Slack"
                    self._problems.note(f"{self._files.label(name)}: {text}")
        return events

    def _is_in_a_channel(self, name: str) -> bool:
        return name.startswith(self._root) and name.count("/", len(self._root)) == 1 and name.endswith(".json")

    def _list(self, name: str) -> list[Any]:
        if self._root + name not in self._files.names:
            return []
        found = read_json(self._files, self._root + name)
        if not isinstance(found, list):
            label = self._files.label(self._root + name)
            raise ExportError(f"{label}: expected a list, found {kind_of(found)}")
        return found

    def _read_channels(self, users: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
        """Folders to ids, and ids to names. A private talk has no name, only members; its folder is its id."""
        folders: dict[str, str] = {}
        names: dict[str, str] = {}
        for file in _CHANNELS:
            for channel in map(as_dict, self._list(file)):
                id_, name = channel.get("id"), channel.get("name")
                if not is_id(id_):
                    self._problems.note(f"{self._files.label(self._root + file)}: a channel without an id is skipped")
                    continue
                if not isinstance(name, str) or not name:
                    logins = [as_dict(users.get(str(one))).get("name", one) for one in as_list(channel.get("members"))]
                    name = ", ".join(map(str, logins)) or id_
                    folders[id_] = id_
                else:
                    folders[name] = id_
                names[id_] = clean(name)
        return folders, names


def _at(event: Event) -> datetime:
    return event.message.at if type(event) is MessagePosted else event.at  # type: ignore[union-attr]  # a reader makes no others
