"""Every setting there is: its key, its type, its default and its meaning. The reference page is made from here.

The defaults of what a community may override are those of `bot.settings`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr, field_validator, model_validator

from bot import holidays as calendars
from bot.config import values
from bot.model import Community
from bot.settings import CHECK_MARKS, LADDER, OFFICE_HOURS, Mode, Outsiders, Target


@dataclass(frozen=True)
class Words:
    """A type as people call it."""

    text: str


class Language(StrEnum):
    EN = "en"
    FR = "fr"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SlackMode(StrEnum):
    SOCKET = "socket"
    HTTP = "http"


Text = Annotated[str, PlainValidator(values.text), Words("text")]
Host = Annotated[str, PlainValidator(values.host), Words("text")]
Id = Annotated[str | None, PlainValidator(values.identifier), Words("an id")]
Ids = Annotated[tuple[str, ...], PlainValidator(values.identifiers), Words("a list of ids")]
Keywords = Annotated[tuple[str, ...], PlainValidator(values.keywords), Words("a list of words")]
Reactions = Annotated[frozenset[str], PlainValidator(values.reactions), Words("a list of reactions")]
Zone = Annotated[ZoneInfo, PlainValidator(values.zone), Words("an IANA time zone")]
Hours = Annotated[tuple[str, ...], PlainValidator(values.hours), Words("working hours")]
Clock = Annotated[time, PlainValidator(values.clock), Words("a time of day")]
Days = Annotated[frozenset[int], PlainValidator(values.days), Words("days of the week")]
Duration = Annotated[timedelta, PlainValidator(values.duration), Words("a duration")]
SomeDuration = Annotated[timedelta, PlainValidator(values.some_duration), Words("a duration, not zero")]
Dates = Annotated[Mapping[date, str], PlainValidator(values.dates), Words("a list of dates, or dates with their names")]
Watch = Annotated[
    Mapping[str, Mode | None],
    PlainValidator(values.watch),
    Words("channels with their modes, or a list of channels"),
]
Command = Annotated[str, PlainValidator(values.command), Words("a command's name: 1 to 32 of `a-z 0-9 _ -`")]
FilePath = Annotated[Path | None, PlainValidator(values.path), Words("a path")]
Address = Annotated[str, PlainValidator(values.http_url), Words("an address (http or https)")]
DatabaseUrl = Annotated[SecretStr, PlainValidator(values.database_url), Words("a database address")]

InLanguage = Annotated[Language, PlainValidator(values.choice(Language))]
InMode = Annotated[Mode, PlainValidator(values.choice(Mode))]
ToOutsiders = Annotated[Outsiders, PlainValidator(values.choice(Outsiders))]
ToTarget = Annotated[Target, PlainValidator(values.choice(Target))]
ViaSlackMode = Annotated[SlackMode, PlainValidator(values.choice(SlackMode))]
AsLogFormat = Annotated[LogFormat, PlainValidator(values.choice(LogFormat))]
FromLogLevel = Annotated[LogLevel, PlainValidator(values.choice(LogLevel))]
AtOnce = Annotated[int, PlainValidator(values.whole_number(2, 1000)), Words("a whole number from 2 to 1000")]
DayCount = Annotated[int, PlainValidator(values.whole_number(1, 36_500)), Words("a whole number from 1 to 36500")]
Port = Annotated[int, PlainValidator(values.whole_number(0, 65_535)), Words("a whole number from 0 to 65535")]
SomeSocket = Annotated[str, PlainValidator(values.some_socket_url), Words("an address (ws or wss)")]
SomeAddress = Annotated[str, PlainValidator(values.some_http_url), Words("an address (http or https)")]


def _key(default: object, meaning: str, example: object = None) -> Any:
    return Field(
        default=default, description=meaning, examples=[] if example is None else [example], validate_default=True
    )


def _required(meaning: str, example: object) -> Any:
    return Field(description=meaning, examples=[example])


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)


class Holidays(Table):
    """Days on which nobody works: no tip goes out and no clock runs."""

    country: Text = _key("", "Whose public holidays count: an ISO 3166-1 code. Empty: none.", "FR")
    subdivision: Text = _key("", "A part of that country with holidays of its own: an ISO 3166-2 code or a name.", "57")
    dates: Dates = _key([], "Further days off, for all of the team.", {"2026-12-24": "Christmas Eve"})

    @model_validator(mode="after")
    def _exist(self) -> Self:
        self.calendar()
        return self

    def calendar(self) -> calendars.Holidays:
        """ValueError, whose text begins with the key, for an unknown country or subdivision."""
        return calendars.Holidays(self.country or None, self.subdivision or None, self.dates)


class Team(Table):
    """Who looks after the community. Whatever these people say can answer a mention; it never opens one."""

    members: Ids = _key([], "Members of the team, one by one.", ["U0123ABCD"])
    roles: Ids = _key([], "Discord roles or Slack user groups all of whose members are of the team.", ["S0123ABCD"])
    admins: Ids = _key([], "Members told in private when something needs mending.", ["U0123ABCD"])
    lead: Id = _key("", "The member told in private at the ladder's last step.", "U0123ABCD")
    on_duty: Id = _key("", "The role or user group pinged when nobody has reacted.", "S0456EFGH")


class Tips(Table):
    """The daily tip, for the team."""

    channel: Id = _key("", "The team's own channel. Empty: no daily tip.", "C0123ABCD")
    at: Clock = _key("09:00", "When it is posted, in the zone above.", "9h30")
    days: Days = _key(["mon", "tue", "wed", "thu", "fri"], "On which days, holidays excepted.", ["mon-thu"])
    catch_up: Duration = _key(
        "2h", "If the bot was down then, how late the tip may still come. `0s`: never late.", "4h"
    )


class Rung(Table):
    """One step of the ladder."""

    after: Duration = _required("How much working time without an answer; each step later than the one before.", "30m")
    to: ToTarget = _required(
        "`channel`: the moderators' channel, pinging nobody; `on_duty`: there, pinging `team.on_duty`; "
        "`lead`: `team.lead`, in private.",
        "channel",
    )


class Mentions(Table):
    """What is watched, what counts as an answer, and who is told when none comes."""

    channel: Id = _key("", "The moderators' channel, where nudges go. Needed as soon as a channel is watched.", "C0789")
    watch: Watch = _key(
        {}, "The channels that are watched, each with its mode, or a list of them.", {"C0123ABCD": "questions"}
    )
    mode: InMode = _key(
        "pings",
        "The mode of watched channels that have none of their own. `pings`: messages that address the team; "
        "`questions`: those and whatever asks something of nobody in particular; "
        "`everything`: those and any conversation that someone outside opens.",
        "questions",
    )
    keywords: Keywords = _key([], "Words that address the team like a ping, such as the brand's name.", ["Acme"])
    answer_reactions: Reactions = _key(
        CHECK_MARKS,
        "Reactions by the team that answer a message: Slack's names, Discord's characters. Skin tones do not matter.",
        ["white_check_mark", "✅"],
    )
    solved_reactions: Reactions = _key(
        CHECK_MARKS, "Reactions by the asker on their own message that say it is solved.", ["white_check_mark", "✅"]
    )
    outsiders: ToOutsiders = _key(
        "ignore",
        "What a reply by someone else outside the team does. `ignore`: nothing; `hold`: the clock stands still "
        "for `hold`; `count`: it is an answer.",
        "hold",
    )
    hold: SomeDuration = _key("4h", "How much working time the clock stands still then.", "8h")
    claim: SomeDuration = _key("2h", "How much working time a claim lasts if no answer follows.", "4h")
    digest: AtOnce = _key(4, "That many nudges due at once become one digest.", 10)
    ladder: tuple[Rung, ...] = _key(
        tuple({"after": values.spoken(step.after), "to": step.to.value} for step in LADDER),
        "Who is nudged, and when. Of the default ladder, steps whose target is not configured are left out; "
        "in one of your own they are errors. In a file, write a `[[mentions.ladder]]` table for each step.",
    )

    @field_validator("ladder", mode="after")
    @classmethod
    def _rises(cls, ladder: tuple[Rung, ...]) -> tuple[Rung, ...]:
        for number, (before, step) in enumerate(pairwise(ladder), start=2):
            if step.after <= before.after:
                late, early = values.spoken(before.after), values.spoken(step.after)
                raise ValueError(f"step {number} ({early}) must come later than step {number - 1} ({late})")
        return ladder


class Database(Table):
    """Where things are remembered. A SQLite file is enough for one process; several need one PostgreSQL."""

    url: DatabaseUrl = _key(
        "",
        "`sqlite:///FILE` (relative to this file) or `postgresql://USER@HOST/DATABASE`. Empty: a SQLite file in the "
        "user's data directory. An address with a password belongs in `VIGIE_DATABASE__URL` or in `url_file`.",
        "sqlite:///vigie.db",
    )
    url_file: FilePath = _key("", "A file that holds the address instead.", "/run/secrets/vigie-database-url")
    retention_days: DayCount = _key(365, "Closed mentions and figures are deleted after so many days.", 90)


class Log(Table):
    """What the bot tells its operator, on the standard error output. No message's text and no secret is ever in it."""

    format: AsLogFormat = _key("console", "For people, or one JSON object per line.", "json")
    level: FromLogLevel = _key("info", "The least important lines that are shown.", "debug")


class Commands(Table):
    """The names under which people call the commands."""

    tip: Command = _key("tip", "Advice on a topic.", "advice")
    mentions: Command = _key("mentions", "Open mentions, figures, and the rest.", "inbox")
    vigie: Command = _key("vigie", "Help, and whether everything is set up well.", "lookout")
    privacy: Command = _key("privacy", "What is kept about whoever asks, and deleting it.", "my-data")

    @model_validator(mode="after")
    def _differ(self) -> Self:
        taken: dict[str, str] = {}
        for key in type(self).model_fields:
            name = getattr(self, key)
            if name in taken:
                raise ValueError(f'{key}: is "{name}", as is commands.{taken[name]}; two commands need two names')
            taken[name] = key
        return self


class Http(Table):
    """What the bot answers over HTTP: `/healthz`, `/readyz`, `/metrics`; for `slack.mode = "http"`, also Slack."""

    host: Host = _key("127.0.0.1", "The address that it listens on; in a container, `0.0.0.0`.", "0.0.0.0")  # noqa: S104 (an example)
    port: Port = _key(3000, "The port that it listens on; 0: it does not listen.", 8080)


class Slack(Table):
    """The Slack app. Its secrets come from the environment, or from the files named here."""

    mode: ViaSlackMode = _key(
        "socket", "`socket`: the bot calls Slack and needs no public address; `http`: Slack calls the bot.", "http"
    )
    api_url: Address = _key("https://slack.com/api/", "Where Slack's Web API is.", "https://slack-gov.com/api/")
    bot_token_file: FilePath = _key(
        "",
        "A file that holds the bot token (`xoxb-…`); several workspaces: one on each line.",
        "/run/secrets/slack-bot-token",
    )
    app_token_file: FilePath = _key(
        "", "A file that holds the app-level token (`xapp-…`), for `socket`.", "/run/secrets/slack-app-token"
    )
    signing_secret_file: FilePath = _key(
        "", "A file that holds the signing secret, for `http`.", "/run/secrets/slack-signing-secret"
    )
    client_id: Text = _key(
        "",
        "The app's client id, for *Add to Slack*: workspaces install the app by themselves (`http` only). Empty: no.",
        "123456789.987654321",
    )
    public_url: SomeAddress = _key(
        "", "Where the world reaches the bot, for *Add to Slack* and the manifest.", "https://vigie.example.org"
    )
    client_secret_file: FilePath = _key(
        "", "A file that holds the app's client secret, for *Add to Slack*.", "/run/secrets/slack-client-secret"
    )
    encryption_keys_file: FilePath = _key(
        "",
        "A file with the keys, one on each line, under which the tokens of *Add to Slack* are stored: the first "
        "encrypts, all decrypt.",
        "/run/secrets/vigie-encryption-keys",
    )


class Discord(Table):
    """The Discord application. Its token comes from the environment, or from the file named here."""

    token_file: FilePath = _key("", "A file that holds the bot's token.", "/run/secrets/discord-token")
    api_url: SomeAddress = _key(
        "",
        "Where the API of another server is that speaks like Discord's. Empty: Discord's own.",
        "https://chat.example.org/api/v10",
    )
    gateway_url: SomeSocket = _key("", "Where its gateway is. Empty: where the API says.", "wss://gateway.example.org")


class CommunityKeys(Table):
    """What every community may decide for itself."""

    language: InLanguage = _key("en", "The language in which the bot speaks.", "fr")
    zone: Zone = _key("UTC", "The zone of every time of day in this file.", "Europe/Paris")
    hours: Hours = _key(
        OFFICE_HOURS,
        "Working time: several intervals a day are fine. Only then does a clock run and a nudge go out. "
        "`always`: around the clock, holidays too.",
        ["mon-fri 09:00-12:30", "mon-fri 13:30-18:00", "sat 10:00-12:00"],
    )
    holidays: Holidays = Field(default_factory=Holidays)
    team: Team = Field(default_factory=Team)
    tips: Tips = Field(default_factory=Tips)
    mentions: Mentions = Field(default_factory=Mentions)


class Root(CommunityKeys):
    """The whole file, without its `[[communities]]`."""

    own_tips: FilePath = _key(
        "", "A directory with [tips of your own](tips.md), relative to this file. Empty: none.", "tips/"
    )
    commands: Commands = Field(default_factory=Commands)
    http: Http = Field(default_factory=Http)
    slack: Slack = Field(default_factory=Slack)
    discord: Discord = Field(default_factory=Discord)
    database: Database = Field(default_factory=Database)
    log: Log = Field(default_factory=Log)


class CommunityTable(CommunityKeys):
    """One community that differs from the rest.

    It may repeat any of `language`, `zone`, `hours`, `[holidays]`, `[team]`, `[tips]` and `[mentions]`; what it leaves
    out is as above. Tables are merged key by key, lists are replaced.
    """

    id: Annotated[Community | None, PlainValidator(values.community), Words("a platform and an id")] = Field(
        default=None, description="The Slack workspace or the Discord server.", examples=["slack:T0123ABCD"]
    )
