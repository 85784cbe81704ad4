"""The library: the shipped tips and a team's own, read once and read again when files change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.tips.files import read_tip, read_topics
from bot.tips.model import LANGUAGES, Level, Problem, Source, Tip, TipText, Topic

__all__ = ["LANGUAGES", "Level", "Library", "Problem", "Source", "Tip", "TipText", "Topic", "lint", "load"]

SHIPPED = Path(__file__).parent / "content"
TOPICS_FILE = "topics.toml"

Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Library:
    """Tips by slug, in the order of their numbers and then of their slugs, and topics by id, the most asked first."""

    tips: Mapping[str, Tip]
    topics: Mapping[str, Topic]
    fingerprint: Fingerprint = field(default=(), compare=False)

    @classmethod
    def of(cls, tips: Iterable[Tip], topics: Iterable[Topic], fingerprint: Fingerprint = ()) -> Library:
        """A library of these tips, put in order."""
        ordered = sorted(tips, key=lambda tip: tip.place)
        return cls({tip.slug: tip for tip in ordered}, {topic.id: topic for topic in topics}, fingerprint)

    def text(self, slug: str, language: str) -> TipText:
        """The text of a tip in `language`, or in the other one where it has only that. KeyError for an unknown slug."""
        return self.tips[slug].text(language)

    def numbered(self, number: int) -> Tip | None:
        """The tip with this number, if there is one."""
        return next((tip for tip in self.tips.values() if tip.number == number), None)

    def about(self, topic: str) -> list[Tip]:
        """The tips that declare this topic, in the library's order."""
        return [tip for tip in self.tips.values() if topic in tip.topics]

    def changed(self, own: Path | None) -> bool:
        """Whether files were added, removed or written since this library was loaded. Reads names and dates only."""
        return fingerprint(own) != self.fingerprint


def load(own: Path | None = None) -> tuple[Library, list[Problem]]:
    """The shipped tips and those of the team's own folder, with what was wrong; what is wrong is left out.

    Never raises for what a file or folder holds: a missing folder is a problem like any other.
    """
    before = fingerprint(own)
    topics, problems = read_topics(SHIPPED / TOPICS_FILE)
    tips = _Collector()
    for path in _tip_files(SHIPPED):
        tips.add(path, Source.SHIPPED, topics)
    if own is not None:
        problems += _own(own, topics, tips)
    return Library.of(tips.by_slug.values(), topics.values(), before), problems + tips.problems


def lint(own: Path | None = None) -> list[Problem]:
    """Everything wrong in the shipped library and in a team's own folder, by file and line."""
    _, problems = load(own)
    return sorted(problems, key=lambda problem: (str(problem.path), problem.line or 0, problem.message))


def fingerprint(own: Path | None) -> Fingerprint:
    """Names, dates (ns) and sizes (bytes) of a team's own files: cheap to take, and different after any change."""
    found = []
    for path in _tip_files(own, topics=True) if own is not None else ():
        try:
            status = path.stat()
        except OSError:
            continue  # removed in between, or a dangling link: loading will name it
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)


class _Collector:
    """Gathers tips, refusing a slug or a number that is taken."""

    def __init__(self) -> None:
        self.by_slug: dict[str, Tip] = {}
        self.problems: list[Problem] = []
        self._paths: dict[str | int, Path] = {}

    def add(self, path: Path, source: Source, topics: Mapping[str, Topic]) -> None:
        tip, problems = read_tip(path, source, topics)
        self.problems += problems
        if tip is None:
            return
        clashes = [
            Problem(path, _line_of(path, key), f"{key} {value} is already used by {self._paths[value]}", fix)
            for key, value, fix in (("slug", tip.slug, "choose another slug"), ("number", tip.number, self._free()))
            if value is not None and value in self._paths
        ]
        self.problems += clashes
        if not clashes:
            self.by_slug[tip.slug] = tip
            self._paths[tip.slug] = path
            if tip.number is not None:
                self._paths[tip.number] = path

    def _free(self) -> str:
        taken = [tip.number for tip in self.by_slug.values() if tip.number is not None]
        return f"leave the number out, or use {max(taken, default=0) + 1} or more"


def _own(own: Path, topics: dict[str, Topic], tips: _Collector) -> list[Problem]:
    """Adds a team's own topics and tips to what is shipped."""
    try:
        next(own.iterdir(), None)
    except FileNotFoundError:
        return [Problem(own, None, "is not a folder of tips", "create it, or correct its path")]
    except NotADirectoryError:
        return [Problem(own, None, "is not a folder of tips", "give the folder that this file lies in")]
    except OSError as error:
        return [Problem(own, None, f"cannot be read: {error.strerror or error}")]
    problems: list[Problem] = []
    declared = own / TOPICS_FILE
    listed = _tip_files(own, topics=True)
    if declared in listed:
        found, problems = read_topics(declared)
        for topic in found.values():
            if topic.id in topics:
                message = f"topic {topic.id} is already in the shipped library"
                problems.append(Problem(declared, _line_of(declared, topic.id), message, "choose another id"))
            else:
                topics[topic.id] = topic
    for path in listed:
        if path != declared:
            tips.add(path, Source.OWN, topics)
    if not listed:
        # Said aloud, because tips under another ending, or in a folder further down, would be missed in silence.
        fix = "a tip is a file that ends in .toml, right in this folder"
        problems.append(Problem(own, None, "holds no tips", fix, Level.WARNING))
    return problems


def _tip_files(folder: Path, topics: bool = False) -> list[Path]:
    """The TOML files of a folder by name; none where the folder cannot be listed."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    except OSError:
        return []
    return [path for path in paths if topics or path.name != TOPICS_FILE]


def _line_of(path: Path, key: str) -> int | None:
    """The first line that sets `key`, as `key = …` or `[key]`."""
    with suppress(OSError, ValueError):  # gone, or written again, since it was read
        for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
            if line.replace(" ", "").startswith((f"{key}=", f"[{key}]")):
                return number
    return None
