"""The command line. Heavy imports wait inside the commands, so that `--help` and error messages come at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bot import __version__
from bot.cli import database, library, live, privacy, trying
from bot.errors import VigieError
from bot.options import Misuse
from bot.paths import told
from bot.terminal import OutputError, enough, say, warn

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
app.command()(trying.demo)
app.command()(trying.backtest)
app.command()(trying.schedule)
app.command()(live.example)
app.command()(live.manifest)
app.command()(live.check)
app.command()(live.run)
app.command()(live.key)
app.command()(privacy.forget)
app.command()(privacy.export)
tips_app.command()(library.search)
tips_app.command("lint")(library.lint_tips)
db_app.command()(database.upgrade)
db_app.command()(database.check)
db_app.command()(database.backup)
app.add_typer(tips_app, name="tips")
app.add_typer(db_app, name="db")


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line: 0 done, 1 could not be done, 2 wrong use, 130 interrupted."""
    try:
        result = app(args=list(arguments), prog_name="vigie", standalone_mode=False)
        sys.stdout.flush()
    except OutputError as error:
        enough()
        return _fail(str(error), 1)
    except Misuse as error:
        return _fail(str(error), 2)
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
        return _fail(_unforeseen(error), 1)
    return result if isinstance(result, int) else 0


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and isinstance(error.filename, str):
        return told(error.filename, error)
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"unexpected error, please report it ({words}). VIGIE_DEBUG=1 shows where it happened."


def _fail(message: str, code: int) -> int:
    warn(message)
    return code


def _misused(error: typer.TyperException) -> int:
    """A command line that means nothing: what is wrong with it, and which help tells more."""
    words = error.format_message()
    if words.startswith("Usage:"):
        say(words)
        return error.exit_code
    end = "" if words.endswith((".", "?")) else "."
    context = getattr(error, "ctx", None)
    hint = f" Try '{context.command_path} --help'." if context else ""
    return _fail(f"{words}{end}{hint}", error.exit_code)


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        say(__version__)
        raise typer.Exit
