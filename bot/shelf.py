"""The tip library in use and its index: built when first searched, and again when a team's own files changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.logger import get_logger
from bot.tips.library import Level, Library, Problem, fingerprint, load

if TYPE_CHECKING:
    from bot.tips.search import Index

log = get_logger(__name__)


class Shelf:
    """Tips and search for all communities. A broken file is logged by name and line, and the rest still works."""

    def __init__(self, own: Path | None = None) -> None:
        self._own = own
        self._index: Index | None = None
        self.problems: list[Problem] = []

    @cached_property
    def library(self) -> Library:
        """All tips; read when first asked for, since much of what the bot does needs none."""
        return self._load()

    @property
    def index(self) -> Index:
        """The search index; importing and building it costs, so only whoever searches pays."""
        if self._index is None:
            from bot.tips.search import Index

            self._index = Index(self.library)
        return self._index

    def refresh(self) -> bool:
        """Read a team's own tips again if any file changed; true when something did."""
        if self._own is None or not self.library.changed(self._own):
            return False
        self.library = self._load()
        self._index = None
        return True

    def _load(self) -> Library:
        """What can be read, always: whatever lies in a team's folder, mentions are looked after and tips are told."""
        try:
            library, self.problems = load(self._own)
        except Exception as error:  # noqa: BLE001 (as said)
            library, self.problems = load()
            library = replace(library, fingerprint=fingerprint(self._own))
            log.warning("own tips left out", folder=str(self._own), error=type(error).__name__)
        for problem in self.problems:
            told = "tip left out" if problem.level is Level.ERROR else "tip kept, with a flaw"
            log.warning(told, problem=str(problem))
        return library
