from __future__ import annotations

from pathlib import Path

import pytest
from reading import Read, Refused

from bot.config import Config, load
from bot.errors import ConfigError


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Load a file with this content, in `tmp_path`; keywords are environment variables."""

    def read(text: str, **environ: str) -> Config:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ)

    return read


@pytest.fixture
def refused(read: Read) -> Refused:
    """The text of the ConfigError that this content is answered with."""

    def refused(text: str, **environ: str) -> str:
        with pytest.raises(ConfigError) as caught:
            read(text, **environ)
        return str(caught.value)

    return refused
