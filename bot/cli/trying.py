"""Commands that need no token: the demonstration, the backtest, the schedule."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import AsJson, Language
from bot.terminal import log, say, say_json


def demo(
    lang: Language = "en",
    port: Annotated[str, typer.Option(metavar="N", help="Where the page is served, 0 to 65535.")] = "8420",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
    db: Annotated[str | None, typer.Option(metavar="URL", help="A database to use; else a temporary one.")] = None,
    replay: Annotated[Path | None, typer.Option(metavar="EXPORT", readable=False, help="Play an export back.")] = None,
    speed: Annotated[str, typer.Option(metavar="N", help="How many times as fast as life, 1 to 86400.")] = "600",
    team: Annotated[list[str] | None, typer.Option(metavar="ID,…", help="Of the export; else guessed.")] = None,
    story: Annotated[bool, typer.Option("--story", help="Tell it in the terminal instead.")] = False,
) -> None:
    """Try the real bot in the browser, without a token.

    With --story, the three jobs are told in the terminal, and a small chat is put to the test.
    """
    from bot import options

    speaking, number = options.language(lang), options.whole("--port", port, 0, 65_535)
    fast = options.times("--speed", speed, 86_400)
    log()
    if story:
        from bot.wiring.demo import demonstrate

        demonstrate(speaking)
        return
    from bot.wiring.demo import serve_sandbox

    who = options.team(team, None) if team else []
    serve_sandbox(speaking, port=number, browser=not no_browser, database=db, replay=replay, speed=fast, team=who)


def backtest(
    export: Annotated[
        Path,
        typer.Argument(
            metavar="EXPORT", readable=False, help="A Slack export (zip or folder) or DiscordChatExporter JSON."
        ),
    ],
    team: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,…", help="Members of the team by id or name, and its roles or user groups by id."),
    ] = None,
    team_file: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="The same from a file, one on each line.")
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
    from bot.wiring.backtest import backtest_export

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


def schedule(
    at: Annotated[str, typer.Option(metavar="HH:MM", help="The time of day, such as 09:00.")],
    zone: Annotated[str, typer.Option(metavar="ZONE", help="An IANA zone, such as Europe/Paris.")] = "UTC",
    days: Annotated[
        str, typer.Option(metavar="DAYS", help="Such as mon,tue or mon-fri; every day if left out.")
    ] = "mon-sun",
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first local date, such as 2026-03-01.")
    ] = None,
    count: Annotated[str, typer.Option(metavar="N", help="How many, 1 to 100000.")] = "10",
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
    found = options.coming(plan, first, options.whole("--count", count, 1, 100_000))
    if as_json:
        say_json([{"local_date": o.local_date.isoformat(), "instant": o.instant.isoformat()} for o in found])
        return
    for occurrence in found:
        local = occurrence.instant.astimezone(where)
        utc = occurrence.instant.replace(tzinfo=None).isoformat(timespec="minutes")
        say(f"{occurrence.local_date:%a} {occurrence.local_date}  {local:%H:%M %Z}  {utc}Z")
