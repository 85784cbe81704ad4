"""`python -m bench`: runs every bench, each in a process of its own, and writes docs/benchmarks.md.

`python -m bench NAME…` runs those, and leaves the rest of the page as it was.
"""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from bench.wanted import held

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
CALL = """
import asyncio, inspect, json
from bench.{name} import run
found = run()
print(json.dumps(asyncio.run(found) if inspect.iscoroutine(found) else found))
"""
HEAD = """\
# Benchmarks

Made by `python -m bench`, which runs everything again; nothing here is typed by hand. Absolute figures are this
machine's, the ratios travel. Each part tells how many programs wanted a core when it began: processor time is up to
twice as long where two of them share one.
"""


def main(names: list[str]) -> int:
    """Run the benches named, or all, and write the page; 1 when one of them failed."""
    sections = _sections(PAGE.read_text("utf-8")) if PAGE.exists() else {}
    known, failed = [], []
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if not _has_run(tree):
            continue
        known.append(path.stem)
        if names and path.stem not in names:
            continue
        print(f"{path.stem} …", file=sys.stderr, flush=True)
        when = f"\n{datetime.now(UTC).date()}, {os.getloadavg()[0]:.1f} programs at work."
        done = subprocess.run(
            [sys.executable, "-c", CALL.format(name=path.stem)], capture_output=True, text=True, check=False, cwd=ROOT
        )
        parts = [ast.get_docstring(tree) or "", when]
        if done.returncode:
            failed.append(path.stem)
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"{path.stem} failed: {why}", file=sys.stderr)
            parts.append("\nIt failed in this run.")
        else:
            figures = json.loads(done.stdout.splitlines()[-1])
            if rows := held(path.stem, figures):
                parts += _table(["wanted", "", "found", ""], rows)
            parts += _tables(figures)
        sections[path.stem] = "\n".join(parts)
        print(sections[path.stem])
    if unknown := set(names) - set(known):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    told = [f"\n## {name}\n\n{sections[name]}" for name in known if name in sections]
    PAGE.write_text("\n".join([HEAD, *_machine(), *told]) + "\n", "utf-8")
    return 1 if failed else 0


def _sections(page: str) -> dict[str, str]:
    """What stands under each heading of the page."""
    parts = re.split(r"^## (.+)\n+", page, flags=re.MULTILINE)
    return {name: text.rstrip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _has_run(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "run" for node in tree.body)


def _machine() -> Iterator[str]:
    rows = {
        "date": f"{datetime.now(UTC).date()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": f"{os.cpu_count()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    yield "| machine | |\n|---|---|"
    yield from (f"| {name} | {value} |" for name, value in rows.items())
    yield "\n| library | version |\n|---|---|"
    for name in sorted({re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0] for need in requires("vigie") or ()}):
        try:
            yield f"| {name} | {version(name)} |"
        except PackageNotFoundError:
            continue  # an extra that is not installed here


def _tables(figures: Mapping[str, Any], title: str = "") -> Iterator[str]:
    """Figures as tables: those side by side that have the same columns, then what lies deeper."""
    single = {name: value for name, value in figures.items() if not isinstance(value, Mapping)}
    rows: dict[str, Mapping[str, Any]] = {
        name: value for name, value in figures.items() if isinstance(value, Mapping) and _is_row(value)
    }
    if single:
        yield from _table([title or "figure", ""], [[name, value] for name, value in single.items()])
    for columns in dict.fromkeys(tuple(row) for row in rows.values()):
        alike = [[name, *row.values()] for name, row in rows.items() if tuple(row) == columns]
        yield from _table([title, *columns], alike)
    for name, value in figures.items():
        if isinstance(value, Mapping) and not _is_row(value):
            yield from _tables(value, f"{title} {name}".strip())


def _is_row(figures: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, Mapping) for value in figures.values())


def _table(heading: list[str], rows: list[list[Any]]) -> Iterator[str]:
    yield f"\n| {' | '.join(_said(cell) for cell in heading)} |"
    yield "|".join(["", "---", *["--:"] * (len(heading) - 1), ""])
    for row in rows:
        yield f"| {' | '.join(_said(cell) for cell in row)} |"


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).replace("_", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
