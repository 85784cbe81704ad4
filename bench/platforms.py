"""What one message costs from its payload to its acknowledgement: Vigie's whole path beside bare libraries and bots.

Every contender is a process of its own and is given the same messages: the given real chats as Slack and as Discord
would tell them, else the demo's chat. They run in turns, a lap each, round after round; the figures are medians, in
processor time, and `x` is the median of each round's ratio to the bare library, from the lowest to the highest round
in brackets. PostgreSQL's own process is not counted, its round trips are not waited for in processor time.

*Bare slack-bolt* has one `app.event("message")` listener that does nothing, *bare discord.py* an `on_message` that does
nothing. opsdroid and Red have one pattern each, in environments made for this run. Vigie watches every channel in the
mode `questions`, but where a row says otherwise; *nothing changed* are the messages of such a run that needed no
transaction. In *memory* there is no database. *The database alone* is what no work above it can save: as many mentions
are opened as messages changed something, by its driver and nothing else, and nothing else is done with any message.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from shutil import which
from statistics import median
from typing import IO, Any

from bench.platforms_stream import ROOT, stream
from tests.postgres import running_postgres

MESSAGES = 4000
ROUNDS = 7
PATIENCE = 600
"""Seconds for an environment to be filled."""

OTHERS = {
    "opsdroid": ("opsdroid[connector_slack]", "setuptools<81"),  # it wants pkg_resources, and does not say so
    "Red-DiscordBot": ("Red-DiscordBot", "pip", "setuptools<81"),
}


class Racer:
    """A contender's process."""

    def __init__(self, python: str, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", f"bench.{module}", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.laps: list[dict[str, float]] = []

    def ready(self) -> bool:
        return bool(self._told())

    def lap(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self.laps.append(self._told())

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _told(self) -> dict[str, Any]:
        output: IO[str] | None = self._process.stdout
        line = output.readline() if output is not None else ""
        if not line:
            raise RuntimeError(f"{self._process.args} ended")
        return dict(json.loads(line))


def run(messages: int = MESSAGES, rounds: int = ROUNDS) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-bench-")))
        server = stack.enter_context(running_postgres())
        told, file = stream(messages), folder / "stream.json"
        told.save(file)

        def vigie(module: str) -> dict[str, Racer]:
            urls = {
                "in memory": "memory",
                "SQLite": f"sqlite:///{folder / module}.db",
                "PostgreSQL": server.url(stack.enter_context(server.database())),
            }
            found = {
                f"Vigie, {name}": Racer(sys.executable, module, str(file), "vigie", url, "questions")
                for name, url in urls.items()
            }
            return found | {
                "Vigie, not watched": Racer(sys.executable, module, str(file), "vigie", "memory", "unwatched")
            }

        slack = {"bare slack-bolt": Racer(sys.executable, "platforms_slack", str(file), "bare")}
        discord = {"bare discord.py": Racer(sys.executable, "platforms_discord", str(file), "bare")}
        slack |= vigie("platforms_slack")
        discord |= vigie("platforms_discord")
        alone = {
            f"{name} alone": Racer(sys.executable, "platforms_database", str(file), url)
            for name, url in (
                ("sqlite3", f"sqlite:///{folder / 'alone'}.db"),
                ("psycopg", server.url(stack.enter_context(server.database()))),
            )
        }
        missing = {}
        for name, module, racers in (
            ("opsdroid", "platforms_opsdroid", slack),
            ("Red-DiscordBot", "platforms_red", discord),
        ):
            try:
                racers[name] = Racer(_environment(folder / name, OTHERS[name]), module, str(file))
            except (subprocess.SubprocessError, OSError) as error:
                missing[name] = f"not measured: its environment could not be made ({type(error).__name__})"
        for racers in (slack, discord, alone):
            for racer in racers.values():
                stack.callback(racer.stop)
        for racers in (slack, discord, alone):
            for name in [name for name, racer in racers.items() if not _is_ready(racer)]:
                missing[name] = "not measured: it did not start"
                del racers[name]
        for _ in range(rounds + 1):
            for racers in (slack, discord, alone):
                for racer in racers.values():
                    racer.lap()
        return {
            "messages": {"source": told.source, "number": len(told.said), "rounds": rounds} | missing,
            "Slack": _figures(slack, "bare slack-bolt", alone),
            "Discord": _figures(discord, "bare discord.py", alone),
        }


def _is_ready(racer: Racer) -> bool:
    try:
        return racer.ready()
    except RuntimeError:
        return False


def _figures(racers: dict[str, Racer], bare: str, alone: dict[str, Racer]) -> dict[str, dict[str, Any]]:
    """The first lap of each was to warm up."""
    base = [lap["cpu"] for lap in racers[bare].laps[1:]]
    costs = {name: [lap["cpu"] for lap in racer.laps[1:]] for name, racer in racers.items()}
    memory = racers["Vigie, in memory"].laps[1:]
    costs["Vigie, watched and nothing changed"] = [lap["quiet"] for lap in memory]
    changed = [lap["changes"] for lap in memory]
    for name, racer in alone.items():
        costs[name] = [lap["cpu"] * part for lap, part in zip(racer.laps[1:], changed, strict=True)]
    rows = {}
    for name, values in costs.items():
        ratios = [value / bare_value for value, bare_value in zip(values, base, strict=True)]
        rows[name] = {
            "µs of processor": round(median(values), 1),
            "x": round(median(ratios), 2),
            "from": round(min(ratios), 2),
            "to": round(max(ratios), 2),
            "transactions a message": round(median(changed), 3) if _writes(name) or name in alone else 0,
        }
    return rows


def _writes(name: str) -> bool:
    return name in ("Vigie, in memory", "Vigie, SQLite", "Vigie, PostgreSQL")


def _environment(folder: Path, packages: tuple[str, ...]) -> str:
    """A new environment with these packages in it; its interpreter. Raises what a registry out of reach makes."""
    uv = which("uv") or which("uv", path=str(Path(sys.executable).parent))
    python = str(folder / "bin" / "python")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if uv is not None:
        commands = [[uv, "venv", "-q", str(folder), "-p", version], [uv, "pip", "install", "-q", "-p", python]]
    else:
        commands = [[sys.executable, "-m", "venv", str(folder)], [python, "-m", "pip", "install", "-q"]]
    commands[1] += packages
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return python


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1))
