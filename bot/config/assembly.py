"""From values to a Config: every check that takes more than one key, every file that a key names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import platformdirs
from pydantic import SecretStr, ValidationError

from bot.config import schema
from bot.config.communities import OVERRIDABLE, contradictions, merged, settings_of
from bot.config.problems import Loc, Problem, problems_of
from bot.config.secrets import APP, BOT, CLIENT, DISCORD, KEYS, SIGNING, Secret, fetch, read_secret_file
from bot.config.values import database_url
from bot.errors import VigieError
from bot.model import Community
from bot.paths import is_folder
from bot.settings import Settings

_Model = TypeVar("_Model", bound=schema.CommunityKeys)


@dataclass(frozen=True)
class DatabaseConfig:
    """A SQLite `url` names an absolute path, whose directory may not exist yet."""

    url: SecretStr
    retention: timedelta


@dataclass(frozen=True)
class AddToSlack:
    """What other workspaces need to install the app by themselves; the first key encrypts, all decrypt."""

    client_id: str
    client_secret: SecretStr
    keys: tuple[SecretStr, ...]


@dataclass(frozen=True)
class SlackConfig:
    """Complete for its mode: `app_token` is set for `socket`, `signing_secret` for `http`.

    There is a bot token, unless workspaces install the app by themselves.
    """

    mode: schema.SlackMode
    api_url: str
    bot_tokens: tuple[SecretStr, ...]
    app_token: SecretStr | None
    signing_secret: SecretStr | None
    public_url: str
    add_to_slack: AddToSlack | None


@dataclass(frozen=True)
class DiscordConfig:
    """`api_url` is empty for Discord's own, `gateway_url` for the one that the API names."""

    token: SecretStr
    api_url: str
    gateway_url: str


@dataclass(frozen=True)
class Config:
    """Everything configured. `warnings` are for the operator and stop nothing.

    A platform without its token is None; `slack_table` is what `[slack]` says all the same, for an app to be made.
    """

    path: Path
    database: DatabaseConfig
    log: schema.Log
    commands: schema.Commands
    own_tips: Path | None
    http: schema.Http
    slack_table: schema.Slack
    slack: SlackConfig | None
    discord: DiscordConfig | None
    warnings: tuple[str, ...]
    default: Settings
    overrides: Mapping[Community, Settings]

    def settings(self, community: Community) -> Settings:
        """What holds there: its own `[[communities]]` table, else that of its organisation, else what holds for all.

        A workspace in an Enterprise Grid organisation is `E…:T…`, the organisation `E…`.
        """
        of_all = Community(community.platform, community.id.partition(":")[0])
        return self.overrides.get(community) or self.overrides.get(of_all) or self.default


def _validated(model: type[_Model], data: Mapping[str, Any]) -> tuple[_Model, list[Problem]]:
    """Values that have a problem are as if they had been left out."""
    inner = model is schema.CommunityTable
    above, beside = ("communities.", ()) if inner else ("", ("communities",))
    kept = deepcopy(dict(data))
    found: list[Problem] = []
    while True:
        try:
            return model.model_validate(kept), found
        except ValidationError as error:
            found += problems_of(error, model, above, beside)
            places = {_names(wrong["loc"]) for wrong in error.errors(include_input=False, include_context=False)}
        for place in places:
            _take_out(kept, place)


def _names(where: Loc) -> tuple[str, ...]:
    """Down to the first list, whose items go together: an index means nothing any more once one of them is out."""
    return tuple(str(part) for part in takewhile(lambda part: isinstance(part, str), where))


def _take_out(data: dict[str, Any], where: tuple[str, ...]) -> None:
    """The value at that place, or, where there is none, the table that lacks it."""
    inside: Any = data
    for part in where[:-1]:
        if not isinstance(inside.get(part), dict):
            break
        data, inside = inside, inside[part]
    if where[-1] in inside:
        del inside[where[-1]]
    else:
        del data[where[-2]]


@dataclass
class Assembly:
    """One pass over the values, which goes on after a problem so that all of them are told at once."""

    path: Path
    environ: Mapping[str, str]
    problems: list[Problem]
    warnings: list[str] = field(default_factory=list)

    def config(self, data: Mapping[str, Any], tables: Any) -> Config | None:
        """None if there is any problem."""
        root, default = self._settings(schema.Root, data, alone=not tables)
        overrides = self._communities(data, tables)
        made = Config(
            path=self.path,
            database=DatabaseConfig(self._database(root.database), timedelta(days=root.database.retention_days)),
            log=root.log,
            commands=root.commands,
            own_tips=self._own_tips(root.own_tips),
            http=root.http,
            slack_table=root.slack,
            slack=self._slack(root.slack, root.http),
            discord=self._discord(root.discord),
            warnings=tuple(dict.fromkeys(self.warnings)),
            default=default,
            overrides=MappingProxyType(overrides),
        )
        return None if self.problems else made

    def _settings(
        self,
        model: type[_Model],
        data: Mapping[str, Any],
        at: Loc = (),
        told: Iterable[Problem] = (),
        *,
        alone: bool = True,
    ) -> tuple[_Model, Settings]:
        """The values, without those that have a problem, so that the rest is looked at too.

        `alone` unless they are only what communities start from: then each may complete them.
        """
        keys, found = _validated(model, data)
        if alone and not any(problem.where[:1] in (("team",), ("mentions",)) for problem in found):
            found += contradictions(keys)
        self.problems += [replace(problem, where=(*at, *problem.where)) for problem in found if problem not in told]
        return keys, settings_of(keys)

    def _communities(self, data: Mapping[str, Any], tables: Any) -> dict[Community, Settings]:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append(Problem(("communities",), "is a list of tables; write [[communities]] above each"))
            return {}
        shared = {key: value for key, value in data.items() if key in OVERRIDABLE}
        # What is wrong above is wrong again in every community: told once is enough.
        told = list(self.problems)
        made: dict[Community, Settings] = {}
        for index, table in enumerate(tables):
            at: Loc = ("communities", index)
            own = {key: value for key, value in table.items() if not self._misplaced(key, at)}
            keys, settings = self._settings(schema.CommunityTable, merged(shared, own), at, told)
            if keys.id is None:
                if "id" not in own:
                    self.problems.append(Problem((*at, "id"), 'is missing; write for example id = "slack:T0123ABCD"'))
                continue
            if keys.id in made:
                self.problems.append(Problem((*at, "id"), f'"{keys.id}" has a table already; join the two'))
            made[keys.id] = settings
        return made

    def _misplaced(self, key: str, at: Loc) -> bool:
        whole = key in schema.Root.model_fields and key not in OVERRIDABLE
        if whole:
            text = "belongs to the whole bot, not to one community; move it above [[communities]]"
            self.problems.append(Problem((*at, key), text))
        return whole

    def _path(self, path: Path) -> Path:
        """Relative to the file that names it: whoever starts the bot may stand anywhere."""
        return self.path.parent.absolute() / path.expanduser()

    def _own_tips(self, path: Path | None) -> Path | None:
        if path is None:
            return None
        found, text = self._path(path), ""
        try:
            if not is_folder(found):
                text = f"there is no directory {found}"
        except VigieError as error:
            text = str(error)
        if text:
            self.problems.append(Problem(("own_tips",), text))
        return found

    def _database(self, said: schema.Database) -> SecretStr:
        url = said.url.get_secret_value()
        if said.url_file is not None:
            if url:
                text = "is set beside database.url; take one of the two out"
                self.problems.append(Problem(("database", "url_file"), text))
            else:
                url = self._database_url_in(self._path(said.url_file))
        scheme, separator, rest = url.partition(":///")
        if not url:
            return SecretStr(f"sqlite:///{platformdirs.user_data_path('vigie') / 'vigie.db'}")
        if separator and scheme.startswith("sqlite") and not rest.startswith((":memory:", "file:")):
            file, query, options = rest.partition("?")
            return SecretStr(f"{scheme}:///{self._path(Path(file))}{query}{options}")
        return SecretStr(url)

    def _database_url_in(self, file: Path) -> str:
        where = ("database", "url_file")
        content, problem, warnings = read_secret_file(file)
        self.warnings += warnings
        if problem:
            self.problems.append(Problem(where, problem))
            return ""
        try:
            return database_url(content).get_secret_value()
        except ValueError as error:
            self.problems.append(Problem(where, f"what {file} holds {error}"))
            return ""

    def _secrets(self, secret: Secret, file: Path | None) -> tuple[SecretStr, ...]:
        values, problems, warnings = fetch(secret, file and self._path(file), self.environ)
        self.problems += problems
        self.warnings += warnings
        return values

    def _secret(self, secret: Secret, file: Path | None) -> SecretStr | None:
        return next(iter(self._secrets(secret, file)), None)

    def _slack(self, said: schema.Slack, http: schema.Http) -> SlackConfig | None:
        bots = self._secrets(BOT, said.bot_token_file)
        app = self._secret(APP, said.app_token_file)
        signing = self._secret(SIGNING, said.signing_secret_file)
        client = self._secret(CLIENT, said.client_secret_file)
        keys = self._secrets(KEYS, said.encryption_keys_file)
        held: dict[Secret, object] = {BOT: bots, APP: app, SIGNING: signing, CLIENT: client, KEYS: keys}
        if not (said.client_id or any(held.values())):
            return None
        over_http = said.mode is schema.SlackMode.HTTP
        needed = {SIGNING if over_http else APP: f'slack.mode = "{said.mode}"'}
        needed |= dict.fromkeys((CLIENT, KEYS), "slack.client_id") if said.client_id else {BOT: "Slack"}
        if not any(problem.where[:1] == ("slack",) for problem in self.problems):
            self.problems += self._missing(needed, held)
            self.problems += self._unreachable(said, http)
        add = AddToSlack(said.client_id, client, keys) if said.client_id and client and keys else None
        return SlackConfig(said.mode, said.api_url, bots, app, signing, said.public_url, add)

    def _missing(self, needed: Mapping[Secret, str], held: Mapping[Secret, object]) -> Iterator[Problem]:
        for secret, why in needed.items():
            if not held[secret]:
                yield Problem(("slack",), f"{secret.what} is needed for {why}, and missing: {secret.advice}")

    def _unreachable(self, said: schema.Slack, http: schema.Http) -> Iterator[Problem]:
        """What Slack must reach, and could not."""
        over_http = said.mode is schema.SlackMode.HTTP
        if said.client_id and not over_http:
            yield Problem(("slack", "client_id"), 'needs slack.mode = "http": Slack sends people back to the bot')
        if said.client_id and not said.public_url:
            yield Problem(("slack", "public_url"), "is needed for slack.client_id: where Slack sends people back to")
        if over_http and not http.port:
            yield Problem(("http", "port"), 'is 0, and slack.mode = "http" needs one that Slack can reach')

    def _discord(self, said: schema.Discord) -> DiscordConfig | None:
        token = self._secret(DISCORD, said.token_file)
        return DiscordConfig(token, said.api_url, said.gateway_url) if token else None
