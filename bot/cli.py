"""The command line. Heavy imports wait inside the commands, so that `--help` and error messages come at once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot import __version__
from bot.errors import ConfigError, VigieError

if TYPE_CHECKING:
    from bot.tips.library import Problem

T = TypeVar("T")

app = typer.Typer(
    name="vigie",
    help="A lookout for online communities: a daily tip, advice on demand, and no mention left unanswered.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
tips_app = typer.Typer(help="The tip library.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(tips_app, name="tips")
app.add_typer(db_app, name="db")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Language = Annotated[str, typer.Option("--lang", help="fr or en.")]
OwnTips = Annotated[Path | None, typer.Option("--own", help="A folder with tips of your own.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="The configuration file (default: config.toml).")]


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line: 0 done, 1 could not be done, 2 wrong use, 130 interrupted."""
    try:
        result = app(args=list(arguments), prog_name="vigie", standalone_mode=False)
    except VigieError as error:
        return _fail(str(error), 1)
    except typer.TyperException as error:
        told = error.format_message()
        if told.startswith("Usage:"):
            _say(told)
            return error.exit_code
        return _fail(f"{told} Try 'vigie --help'.", error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; without this, Python complains again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last door: a person must not see a traceback
        if os.environ.get("VIGIE_DEBUG"):
            raise
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _fail(f"unexpected error, please report it ({told}). VIGIE_DEBUG=1 shows where it happened.", 1)
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int) -> int:
    print(f"vigie: {message}", file=sys.stderr)  # noqa: T201  # the command line speaks
    return code


def _say(text: str) -> None:
    print(text)  # noqa: T201  # the command line speaks


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        _say(__version__)
        raise typer.Exit


@tips_app.command("lint")
def tips_lint(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with tips of your own; without one, only ours.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check the library, and a folder of tips, by file and line."""
    from bot.tips.library import Level, lint, load

    own = folder or _own_tips(None)
    problems = lint(own)
    if as_json:
        _say(json.dumps([_problem(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            _say(str(problem))
        library, _ = load(own)
        _say(f"{len(library.tips)} tips, {len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    return 1 if any(problem.level is Level.ERROR for problem in problems) else 0


@tips_app.command("search")
def tips_search(
    query: Annotated[list[str], typer.Argument(help="What to look for: a topic, some words, a question.")],
    lang: Language = "en",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 5,
    own: OwnTips = None,
    as_json: AsJson = False,
) -> None:
    """Find advice, best first."""
    from bot.shelf import Shelf

    language = _language(lang)
    hits = Shelf(_own_tips(own)).index.search(" ".join(query), language, limit)
    if as_json:
        found = [
            {
                "number": hit.tip.number,
                "slug": hit.tip.slug,
                "title": hit.tip.text(language).title,
                "score": round(hit.score, 4),
            }
            for hit in hits
        ]
        _say(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for hit in hits:
        _say(f"{hit.score:6.2f}  {hit.tip.text(language).title}  ({hit.tip.slug})")
    if not hits:
        _say("nothing found")


@app.command()
def schedule(
    at: Annotated[str, typer.Option(help="The time of day, such as 09:00.")],
    zone: Annotated[str, typer.Option(help="An IANA zone, such as Europe/Paris.")] = "UTC",
    days: Annotated[str, typer.Option(help="Such as mon,tue or mon-fri; every day if left out.")] = "mon-sun",
    from_: Annotated[str | None, typer.Option("--from", help="The first local date, such as 2026-03-01.")] = None,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 10,
    country: Annotated[str | None, typer.Option(help="Leave out the public holidays of a country, such as FR.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print coming occurrences: exactly one for each local date, whatever the clocks do."""
    from itertools import islice

    from bot.holidays import Holidays
    from bot.schedule import Schedule, occurrences, parse_days, parse_time, parse_zone

    where = _parsed("--zone", lambda: parse_zone(zone))
    off = _parsed("--country", lambda: Holidays(country))
    plan = Schedule(
        "schedule", where, _parsed("--at", lambda: parse_time(at)), _parsed("--days", lambda: parse_days(days)), off
    )
    first = _parsed("--from", lambda: date.fromisoformat(from_)) if from_ else datetime.now(where).date()
    for_json = []
    try:
        for occurrence in islice(occurrences(plan, first), count):
            if as_json:
                for_json.append(
                    {"local_date": occurrence.local_date.isoformat(), "instant": occurrence.instant.isoformat()}
                )
            else:
                local = occurrence.instant.astimezone(where)
                utc = f"{occurrence.instant:%Y-%m-%dT%H:%MZ}"
                _say(f"{occurrence.local_date:%a} {occurrence.local_date}  {local:%H:%M %Z}  {utc}")
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if as_json:
        _say(json.dumps(for_json, indent=2))


@app.command()
def backtest(
    export: Annotated[Path, typer.Argument(help="A Slack export (zip or folder) or DiscordChatExporter JSON.")],
    team: Annotated[str | None, typer.Option(help="Ids or names of the team, separated by commas.")] = None,
    team_file: Annotated[Path | None, typer.Option(help="A file with one id or name on each line.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only this channel; may be repeated.")] = None,
    mode: Annotated[str, typer.Option(help="pings, questions or everything.")] = "questions",
    after: Annotated[
        str | None, typer.Option(help="Nudge once after this long, instead of the default ladder.")
    ] = None,
    hours: Annotated[str, typer.Option(help='always, or such as "mon-fri 09:00-18:00".')] = "always",
    zone: Annotated[str, typer.Option(help="The zone of the hours, such as Europe/Paris.")] = "UTC",
    lang: Language = "en",
    json_to: Annotated[str | None, typer.Option("--json", help="Write JSON to this file, or - for here.")] = None,
) -> None:
    """Tell what Vigie would have done in a real chat: who waited, who was answered, which nudges were due."""
    from bot.backtest import Question
    from bot.mentions.worktime import WorkingHours
    from bot.schedule import parse_duration, parse_zone
    from bot.settings import Mode
    from bot.wiring import backtest_export

    where = _parsed("--zone", lambda: parse_zone(zone))
    if mode not in list(Mode):
        raise ConfigError(f"--mode: {mode!r} is not a mode: choose one of {', '.join(Mode)}")
    question = Question(
        mode=Mode(mode),
        hours=_parsed("--hours", lambda: WorkingHours.parse(hours, where)),
        zone=where,
        after=_positive("--after", _parsed("--after", lambda: parse_duration(after))) if after else None,
        channels=tuple(channel) if channel else None,
        language=_language(lang),
    )
    answer = backtest_export(export, _team(team, team_file), question, progress=json_to != "-")
    if json_to is None:
        answer.show()
    elif json_to == "-":
        _say(answer.as_json())
    else:
        _write(Path(json_to), answer.as_json())


@app.command()
def demo(lang: Language = "en") -> None:
    """See the three jobs at work, with no token and no server: a short story, then a backtest of a small chat."""
    from bot.wiring import demonstrate

    demonstrate(_language(lang))


@db_app.command("upgrade")
def db_upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this version's schema, after a backup (SQLite)."""
    from bot.wiring import upgrade_database

    _say(upgrade_database(config, os.environ))


@db_app.command("check")
def db_check(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """Look whether the database can be used as it is; exit code 1 if not."""
    from bot.model import Severity
    from bot.wiring import check_database

    findings = check_database(config, os.environ)
    if as_json:
        _say(json.dumps([vars_of(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            _say(
                f"{finding.severity:8}{finding.subject}: {finding.message}"
                + (f" → {finding.fix}" if finding.fix else "")
            )
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


@db_app.command("backup")
def db_backup(target: Annotated[Path, typer.Argument(help="The file to write.")], config: ConfigFile = None) -> None:
    """Copy the database to a file, also while the bot runs (SQLite)."""
    from bot.wiring import backup_database

    _say(f"backup written to {backup_database(config, os.environ, target)}")


def vars_of(finding: object) -> dict[str, object]:
    """A finding as JSON sees it."""
    from dataclasses import asdict, is_dataclass

    return asdict(finding) if is_dataclass(finding) and not isinstance(finding, type) else {}


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "file": str(problem.path),
        "line": problem.line,
        "level": str(problem.level),
        "message": problem.message,
        "fix": problem.fix,
    }


def _language(text: str) -> str:
    from bot.texts import LANGUAGES

    if text not in LANGUAGES:
        raise ConfigError(f"--lang: {text!r} is not a language of ours: choose one of {', '.join(LANGUAGES)}")
    return text


def _own_tips(own: Path | None) -> Path | None:
    """A team's own tips: the folder given, else that of the configuration, if there is one."""
    if own is not None or not (os.environ.get("VIGIE_CONFIG") or Path("config.toml").exists()):
        return own
    from bot.config import load

    return load(None, os.environ).own_tips


def _team(team: str | None, team_file: Path | None) -> list[str]:
    if (team is None) == (team_file is None):
        raise ConfigError("say who is on the team: --team ID,ID,… or --team-file FILE (one id or name on each line)")
    if team is not None:
        names = team.replace("\n", ",").split(",")
    else:
        try:
            names = Path(team_file or "").read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a text file"
            raise ConfigError(f"--team-file: {team_file} cannot be read: {why}") from None
    found = [name.partition("#")[0].strip().strip(",").removeprefix("@") for name in names]
    if not any(found):
        raise ConfigError("--team: nobody is named; give at least one id or name")
    return [name for name in found if name]


def _parsed(option: str, parse: Callable[[], T]) -> T:
    """What an option means; its parser's own words, with the option's name, where it means nothing."""
    try:
        return parse()
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def _positive(option: str, duration: timedelta) -> timedelta:
    if duration <= timedelta(0):
        raise ConfigError(f"{option}: must be longer than nothing, such as 10m")
    return duration


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"--json: {path} cannot be written: {error.strerror}") from None
