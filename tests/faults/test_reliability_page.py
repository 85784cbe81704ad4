"""docs/reliability.md: each way in which such bots fail has a test that exists, or a reason why it has none."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAILURES = ROOT.parent / "shared/FAILURES.md"


def rows() -> list[list[str]]:
    """The cells of the table of failures."""
    page = (ROOT / "docs/reliability.md").read_text()
    table = page[page.index("| | what happens |") :].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table if line.startswith("|")]


def named(cell: str) -> list[tuple[str, str]]:
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cell)


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def test_every_row_is_shown_or_says_why_not() -> None:
    """Four cells, numbered; the last names tests or begins with `Not tested`."""
    for number, row in enumerate(rows(), start=1):
        assert len(row) == 4, row
        assert row[0].strip("| ") == str(number)
        assert named(row[3]) or row[3].startswith("Not tested"), row[3]


def test_every_named_test_exists() -> None:
    """By their names in the files, without running them."""
    missing = [
        f"{path}::{name}"
        for row in rows()
        for path, name in named(row[3])
        if not (ROOT / path).exists() or name not in functions_in(path)
    ]
    assert missing == []


@pytest.mark.skipif(not FAILURES.exists(), reason="the list of failures is not part of the repository")
def test_every_failure_has_its_row() -> None:
    """As many rows as there are failures collected."""
    collected = re.findall(r"^(?:\d+\.|-) ", FAILURES.read_text(), flags=re.MULTILINE)
    assert len(rows()) == len(collected)
