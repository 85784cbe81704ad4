"""A command run by somebody whom the modes of files bind, also where the tests are run by root."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def weakly() -> list[str]:
    """What to put before a command. Skips the test where root cannot lay down its rights."""
    if os.geteuid():
        return []
    rights = "-dac_override,-dac_read_search"
    weak = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
    try:
        subprocess.run([*weak, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("root may read everything, and setpriv is not there to take that right away")
    return weak


def run_weakly(code: str, *arguments: object) -> None:
    """Run Python that imports from here; its assertions are the test's."""
    command = [*weakly(), sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
