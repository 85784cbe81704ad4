"""What is built to be handed on holds what its own instructions need."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_a_wheel_can_begin(built: Path, tmp_path: Path) -> None:
    """Whoever has only the wheel gets the example, and `vigie check` reads what came of it."""
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")

    environ = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    environ["VIGIE_DATABASE__URL"] = f"sqlite:///{tmp_path}/vigie.db"
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); from bot.__main__ import main; main()"

    def vigie(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-c", code, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, check=False, capture_output=True, text=True)

    assert "To begin: vigie example > config.toml" in vigie("db", "check", "--config", "config.toml").stderr
    example = vigie("example")
    assert (example.returncode, example.stderr) == (0, "")
    assert example.stdout == (ROOT / "config.example.toml").read_text("utf-8")
    (tmp_path / "config.toml").write_text(example.stdout, "utf-8")
    checked = vigie("db", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "there is no database" in checked.stdout


def test_a_source_archive_can_be_built_and_run(built: Path) -> None:
    """What the Makefile and the documents name is in it."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    for needed in ("Makefile", "requirements.lock", "config.example.toml", "deploy/vigie.service", "CONTRIBUTING.md"):
        assert needed in names
