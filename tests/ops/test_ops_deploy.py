"""What `deploy/` holds is true: each file is parsed, and each command in it that can be run here is run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from adapters.web.site import Probes, Site
from bot.health import Health
from bot.runner import CLOSING, GRACE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def unit() -> dict[str, list[str]]:
    """`Section.Key` with its values, as systemd reads them: a key may come more than once."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    section = ""
    for line in (DEPLOY / "vigie.service").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            found[f"{section}.{key}"].append(value)
    return found


def compose() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def run(arguments: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """`vigie` with these arguments, as installed in an environment of its own."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_unit_restarts_what_failed_and_gives_time_to_stop() -> None:
    """Longer than Vigie itself needs to stop; hardened; secrets come from a file that is not the unit."""
    found = unit()
    assert found["Service.Restart"] == ["on-failure"]
    assert int(found["Service.TimeoutStopSec"][0]) > (GRACE + CLOSING).total_seconds()
    assert found["Unit.StartLimitIntervalSec"] == ["0"]
    assert found["Service.EnvironmentFile"] == ["/etc/vigie/vigie.env"]
    for key in ("NoNewPrivileges", "DynamicUser", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
        assert found[f"Service.{key}"] == ["yes"], key
    assert found["Service.ProtectSystem"] == ["strict"]
    assert found["Service.CapabilityBoundingSet"] == [""]
    assert not re.search(r"xox[bp]-|TOKEN=.", (DEPLOY / "vigie.service").read_text("utf-8"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Not one warning of its own checker, with a program in place of the one that is not installed here."""
    program = shutil.which("true") or "/bin/true"
    copy = tmp_path / "vigie.service"
    copy.write_text((DEPLOY / "vigie.service").read_text("utf-8").replace("/opt/vigie/bin/vigie", program), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if "vigie" in line]
    assert (done.returncode, told) == (0, [])


def test_the_command_of_the_unit_runs(tmp_path: Path) -> None:
    """With its environment it reads that configuration, makes the database in its state folder, and wants tokens."""
    found = unit()
    (tmp_path / "config.toml").write_text("", "utf-8")
    state = tmp_path / "lib"
    environ = dict(value.split("=", 1) for value in found["Service.Environment"])
    here = {k: v.replace("/etc/vigie", str(tmp_path)).replace("/var/lib", str(state)) for k, v in environ.items()}
    program, *arguments = shlex.split(found["Service.ExecStart"][0].replace("/etc/vigie", str(tmp_path)))
    assert program == "/opt/vigie/bin/vigie"
    done = run(arguments, tmp_path, **here)
    assert done.returncode == 1
    assert "nothing to connect to" in done.stderr
    (directory,) = found["Service.StateDirectory"]
    assert found["Service.WorkingDirectory"] == [f"/var/lib/{directory}"]
    assert (state / directory / "vigie.db").exists()


def test_the_compose_file_is_two_copies_on_one_database() -> None:
    """Both of one image and one address; the schema is made once before; each gets the time that it needs to stop."""
    services = compose()["services"]
    assert set(services) == {"database", "schema", "vigie"}
    bot, schema = services["vigie"], services["schema"]
    assert bot["deploy"]["replicas"] == 2
    assert bot["environment"]["VIGIE_DATABASE__URL"] == schema["environment"]["VIGIE_DATABASE__URL"]
    assert "@database/vigie" in bot["environment"]["VIGIE_DATABASE__URL"]
    assert bot["depends_on"]["schema"] == {"condition": "service_completed_successfully"}
    assert int(bot["stop_grace_period"].rstrip("s")) > (GRACE + CLOSING).total_seconds()
    assert not {"container_name", "ports"} & set(bot), "either would keep a second copy from starting"
    for service in (bot, schema):
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_the_commands_of_the_compose_file_run(url: str, tmp_path: Path) -> None:
    """On a real PostgreSQL: the schema is made, making it again changes nothing, each copy starts and wants tokens."""
    services = compose()["services"]
    (tmp_path / "config.toml").write_text("", "utf-8")
    environ = {**services["vigie"]["environment"], "VIGIE_DATABASE__URL": url, "VIGIE_HTTP__PORT": "0"}
    for _ in range(2):
        made = run(services["schema"]["command"], tmp_path, **environ)
        assert (made.returncode, made.stderr) == (0, "")
    assert "up to date" in made.stdout
    for _ in range(services["vigie"]["deploy"]["replicas"]):
        done = run(services["vigie"]["command"], tmp_path, **environ)
        assert done.returncode == 1
        assert "nothing to connect to" in done.stderr


async def test_the_health_check_of_the_compose_file_works() -> None:
    """It is content with a bot that answers, and not with a port where nobody does."""

    async def problems() -> list[str]:
        return []

    async def metrics() -> tuple[bytes, str]:
        return b"", "text/plain"

    site = Site("127.0.0.1", 0, Probes(problems, metrics))
    port = await site.start()
    word, program, *arguments = compose()["services"]["vigie"]["healthcheck"]["test"]
    assert (word, program) == ("CMD", "python")
    asked = [argument.replace(":3000", f":{port}") for argument in arguments]
    assert asked != arguments

    async def code() -> int:
        process = await asyncio.create_subprocess_exec(sys.executable, *asked, stderr=asyncio.subprocess.DEVNULL)
        return await process.wait()

    assert await code() == 0
    await site.stop()
    assert await code() != 0


def test_the_image_is_built_of_files_that_are_there(tmp_path: Path) -> None:
    """Each file that is copied exists; what is left of the lock file pins one version each; it starts our program."""
    lines = (DEPLOY / "Dockerfile").read_text("utf-8")
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", lines, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name
    (strip,) = re.findall(r"^RUN (sed .+ > constraints\.txt) \\$", lines, re.MULTILINE)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    subprocess.run(["/bin/sh", "-e", "-c", strip], cwd=tmp_path, check=True)
    pins = (tmp_path / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [Requirement(line) for line in pins if line.strip() and not line.lstrip().startswith("#")]
    assert len(pinned) > 20
    assert all(str(pin.specifier).startswith("==") for pin in pinned)
    assert 'ENTRYPOINT ["vigie"]' in lines
    assert "STOPSIGNAL SIGTERM" in lines


def test_the_page_names_what_is_there() -> None:
    """Every file of `deploy/` that the page speaks of exists; every figure that it lists is one that we serve."""
    for name in set(re.findall(r"deploy/[\w.]+", PAGE)) - {"deploy/config.toml", "deploy/vigie.env"}:
        assert (ROOT / name).exists(), name

    class Nothing:
        pass

    health = Health(Nothing(), [])  # type: ignore[arg-type]
    served = {
        sample.removesuffix("_created")
        for family in health._registry.collect()
        for sample in ([f"{family.name}_total"] if family.type == "counter" else [family.name])
    }
    assert set(re.findall(r"`(vigie_\w+)`", PAGE)) == served
