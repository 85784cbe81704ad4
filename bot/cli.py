"""The command line. Heavy imports wait inside the commands, so that `--help` and error messages come at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import __version__
from bot.errors import VigieError
from bot.terminal import enough, log, say, say_json, warn

if TYPE_CHECKING:
    from bot.tips.library import Problem

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

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Language = Annotated[str, typer.Option("--lang", metavar="LANG", help="en or fr.")]
OwnTips = Annotated[Path | None, typer.Option("--own", metavar="FOLDER", help="A folder with tips of your own.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration file (default: config.toml).")
]


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line: 0 done, 1 could not be done, 2 wrong use, 130 interrupted."""
    try:
        result = app(args=list(arguments), prog_name="vigie", standalone_mode=False)
        sys.stdout.flush()
    except VigieError as error:
        return _fail(str(error), 1)
    except typer.TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted", 130)
    except (BrokenPipeError, SystemExit):  # the second is how rich takes a broken pipe
        enough()
        return 0
    except Exception as error:  # the last door: a person must not see a traceback
        if os.environ.get("VIGIE_DEBUG"):
            raise
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _fail(f"unexpected error, please report it ({told}). VIGIE_DEBUG=1 shows where it happened.", 1)
    return result if isinstance(result, int) else 0


def _fail(message: str, code: int) -> int:
    warn(message)
    return code


def _misused(error: typer.TyperException) -> int:
    """A command line that means nothing: what is wrong with it, and which help tells more."""
    told = error.format_message()
    if told.startswith("Usage:"):
        say(told)
        return error.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "vigie"
    end = "" if told.endswith((".", "?")) else "."
    return _fail(f"{told}{end} Try '{command} --help'.", error.exit_code)


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        say(__version__)
        raise typer.Exit


@app.command()
def demo(
    lang: Language = "en",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Where the page is served.")] = 8420,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
    db: Annotated[str | None, typer.Option(metavar="URL", help="A database to use; else a temporary one.")] = None,
    replay: Annotated[Path | None, typer.Option(metavar="EXPORT", help="Play an export back.")] = None,
    speed: Annotated[float, typer.Option(metavar="N", min=1, max=86_400, help="How many times as fast as life.")] = 600,
    team: Annotated[list[str] | None, typer.Option(metavar="ID,…", help="Of the export; else guessed.")] = None,
    story: Annotated[bool, typer.Option("--story", help="Tell it in the terminal instead.")] = False,
) -> None:
    """Try the real bot in the browser, without a token.

    With --story, the three jobs are told in the terminal, and a small chat is put to the test.
    """
    from bot import options

    speaking = options.language(lang)
    log()
    if story:
        from bot.wiring import demonstrate

        demonstrate(speaking)
        return
    from bot.wiring import serve_sandbox

    who = options.team(team, None) if team else []
    serve_sandbox(speaking, port=port, browser=not no_browser, database=db, replay=replay, speed=speed, team=who)


@app.command()
def backtest(
    export: Annotated[
        Path, typer.Argument(metavar="EXPORT", help="A Slack export (zip or folder) or DiscordChatExporter JSON.")
    ],
    team: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,…", help="Members of the team by id or name, and its roles or user groups by id."),
    ] = None,
    team_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same from a file, one on each line.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this channel (name or id); may be repeated.")
    ] = None,
    mode: Annotated[str, typer.Option(metavar="MODE", help="pings, questions or everything.")] = "questions",
    outsiders: Annotated[
        str, typer.Option(metavar="RULE", help="Replies by others outside the team: ignore, hold or count them.")
    ] = "ignore",
    after: Annotated[
        str | None, typer.Option(metavar="TIME", help="Nudge after this long, such as 10m. [default: 30m]")
    ] = None,
    hours: Annotated[
        str, typer.Option(metavar="HOURS", help='Working hours: always, or such as "mon-fri 09:00-18:00".')
    ] = "always",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="The zone of the hours, such as Europe/Paris.")] = "UTC",
    lang: Language = "en",
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write JSON to this file, or to the output with -.")
    ] = None,
) -> None:
    """Tell what Vigie would have done in a real chat.

    Who waited, who was answered, and which nudges were due, from an export of your own Slack or Discord. Nothing
    leaves your machine.
    """
    from bot import options
    from bot.backtest import Question
    from bot.mentions.worktime import WorkingHours
    from bot.schedule import parse_zone
    from bot.settings import Mode, Outsiders
    from bot.wiring import backtest_export

    where = options.parsed("--zone", lambda: parse_zone(zone))
    question = Question(
        mode=Mode(options.one_of("--mode", mode, list(Mode))),
        hours=options.parsed("--hours", lambda: WorkingHours.parse(hours, where)),
        zone=where,
        after=options.ladder_step("--after", after) if after is not None else None,
        outsiders=Outsiders(options.one_of("--outsiders", outsiders, list(Outsiders))),
        channels=tuple(channel) if channel else None,
        language=options.language(lang),
    )
    people = options.team(team or [], team_file)
    log()
    with ExitStack() as stack:
        file = None
        if json_to not in (None, "-"):
            file = stack.enter_context(options.WholeFile("--json", Path(json_to or "")))
        answer = backtest_export(export, people, question, progress=json_to != "-")
        if file is not None:
            file.write(answer.as_json() + "\n")
    if json_to == "-":
        say(answer.as_json())
    else:
        answer.show()


@app.command()
def schedule(
    at: Annotated[str, typer.Option(metavar="HH:MM", help="The time of day, such as 09:00.")],
    zone: Annotated[str, typer.Option(metavar="ZONE", help="An IANA zone, such as Europe/Paris.")] = "UTC",
    days: Annotated[
        str, typer.Option(metavar="DAYS", help="Such as mon,tue or mon-fri; every day if left out.")
    ] = "mon-sun",
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first local date, such as 2026-03-01.")
    ] = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help="How many.")] = 10,
    country: Annotated[
        str | None, typer.Option(metavar="CODE", help="Leave out the public holidays of a country, such as FR.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the coming occurrences of a schedule.

    Exactly one for each local date, whatever the clocks do.
    """
    from datetime import datetime

    from bot import options
    from bot.holidays import Holidays
    from bot.schedule import Schedule, parse_days, parse_time, parse_zone

    where = options.parsed("--zone", lambda: parse_zone(zone))
    plan = Schedule(
        "schedule",
        where,
        options.parsed("--at", lambda: parse_time(at)),
        options.parsed("--days", lambda: parse_days(days)),
        options.parsed("--country", lambda: Holidays(country)),
    )
    first = datetime.now(where).date() if from_ is None else options.day("--from", from_)
    found = options.coming(plan, first, count)
    if as_json:
        say_json([{"local_date": o.local_date.isoformat(), "instant": o.instant.isoformat()} for o in found])
        return
    for occurrence in found:
        local = occurrence.instant.astimezone(where)
        utc = occurrence.instant.replace(tzinfo=None).isoformat(timespec="minutes")
        say(f"{occurrence.local_date:%a} {occurrence.local_date}  {local:%H:%M %Z}  {utc}Z")


@tips_app.command("search")
def tips_search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="A topic, some words, or a question.")],
    lang: Language = "en",
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="How many at most.")] = 5,
    own: OwnTips = None,
    as_json: AsJson = False,
) -> None:
    """Find advice, best first."""
    from bot import options
    from bot.tips.library import Level, load
    from bot.tips.search import Index

    speaking = options.language(lang)
    library, problems = load(options.own_tips(own))
    for problem in problems:
        if problem.level is Level.ERROR:
            warn(str(problem))
    hits = Index(library).search(" ".join(query), speaking, limit)
    if as_json:
        found = [(hit.tip, hit.tip.text(speaking).title, round(hit.score, 4)) for hit in hits]
        say_json([{"number": t.number, "slug": t.slug, "title": title, "score": s} for t, title, s in found])
        return
    for hit in hits:
        say(f"{hit.score:6.2f}  {hit.tip.text(speaking).title}  ({hit.tip.slug})")
    if not hits:
        from bot.texts import texts

        say(texts(speaking).t("Nothing found"))


@tips_app.command("lint")
def tips_lint(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A folder with tips of your own; without one, only ours.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check tips, by file and line; exit code 1 if any is wrong."""
    from bot import options
    from bot.tips.library import Level, lint, load

    own = folder or options.own_tips(None)
    problems = lint(own)
    if as_json:
        say_json([_problem(problem) for problem in problems])
    else:
        for problem in problems:
            say(str(problem))
        library, _ = load(own)
        say(f"{len(library.tips)} tips, {len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    return 1 if any(problem.level is Level.ERROR for problem in problems) else 0


@db_app.command("upgrade")
def db_upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this version's schema.

    A SQLite database is copied first.
    """
    from bot.wiring import upgrade_database

    log()
    say(upgrade_database(config, os.environ))


@db_app.command("check")
def db_check(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """See whether the database is sound; exit code 1 if not."""
    from dataclasses import asdict

    from bot.model import Severity
    from bot.wiring import check_database

    log()
    findings = check_database(config, os.environ)
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for found in findings:
            say(f"{found.severity:8}{found.subject}: {found.message}" + (f" → {found.fix}" if found.fix else ""))
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


@db_app.command("backup")
def db_backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist.")],
    config: ConfigFile = None,
) -> None:
    """Copy a SQLite database to a file, even in use."""
    from bot.wiring import backup_database

    log()
    say(f"backup written to {backup_database(config, os.environ, target)}")


app.add_typer(tips_app, name="tips")
app.add_typer(db_app, name="db")


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": str(problem.path),
        "line": problem.line,
        "level": str(problem.level),
        "message": problem.message,
        "fix": problem.fix,
    }
