"""The files of an export, whether they lie in a folder or in a zip.

Nothing is ever unpacked to disk: a name inside a zip is only a key to look up, so no name can point outside of it.
"""

from __future__ import annotations

import json
import os
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from bot.errors import ExportError

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read whole. A very busy channel writes some 10 MB a day; what is larger is a trap."""

CHUNK = 256 * 1024
DEPTH = 4  # DiscordChatExporter can be told to make a folder per guild and per category

_UTF8_NAME = 0x800  # bit of a zip entry, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.4.4
_ENCRYPTED = 0x1


class Files(Protocol):
    """`names` are relative and with slashes, and tell the size in bytes. Hidden files are left out."""

    names: dict[str, int]

    def label(self, name: str) -> str:
        """How a person would call this file: `export.zip: general/2024-01-02.json`."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Its bytes, `CHUNK` at a time. `ExportError` when it cannot be read."""

    def close(self) -> None: ...


def open_files(path: Path) -> Files:
    """The files under a folder, those in a zip, or the one file itself. `ExportError` when there is nothing to read."""
    try:
        if path.is_dir():
            return Folder(path)
        with path.open("rb") as file:
            packed = file.read(2) == b"PK"
    except FileNotFoundError:
        raise ExportError(f"{printable(path)}: there is no such file or folder") from None
    except OSError as error:
        raise ExportError(f"{printable(path)}: cannot be read: {error.strerror}") from None
    return Archive(path) if packed else Folder(path.parent, only=path.name)


def read_json(files: Files, name: str) -> object:
    """The whole file, parsed. `ExportError` when it is larger than `LARGEST`, unreadable, or not JSON."""
    parts: list[bytes] = []
    size = 0
    for chunk in files.chunks(name):
        size += len(chunk)
        if size > LARGEST:
            raise ExportError(f"{files.label(name)}: larger than {LARGEST // 1024**2} MB, too large for one file")
        parts.append(chunk)
    try:
        return json.loads(b"".join(parts))
    except RecursionError:
        raise ExportError(f"{files.label(name)}: expected JSON, found brackets without end") from None
    except ValueError as error:  # also bytes that are not UTF-8 and numbers of thousands of digits
        raise ExportError(f"{files.label(name)}: expected JSON, but {error}") from None


class Folder:
    def __init__(self, path: Path, only: str | None = None) -> None:
        self._path = path
        found = [path / only] if only is not None else sorted(_walk(path, DEPTH))
        self._paths = {_composed(file.relative_to(path).as_posix()): file for file in found}
        self.names: dict[str, int] = {name: file.stat().st_size for name, file in self._paths.items()}

    def label(self, name: str) -> str:
        return printable(self._paths.get(name, self._path / name))

    def chunks(self, name: str) -> Iterator[bytes]:
        position = 0
        try:
            while True:
                # Opened anew for each chunk: an export of a guild can be thousands of threads, each a file that is
                # read side by side with the others, and a process may only have so many open.
                with self._paths[name].open("rb") as file:
                    file.seek(position)
                    chunk = file.read(CHUNK)
                if not chunk:
                    return
                position += len(chunk)
                yield chunk
        except OSError as error:
            raise ExportError(f"{self.label(name)}: cannot be read: {error.strerror}") from None

    def close(self) -> None:
        pass


class Archive:
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = ZipFile(path)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ExportError(f"{printable(path.name)}: a broken zip: {error}") from None
        # `ZipInfo.is_dir` raises for an entry without a name.
        files = [entry for entry in self._zip.infolist() if entry.filename and not entry.is_dir()]
        self._entries = {_entry_name(entry): entry for entry in files}
        self._entries = {name: entry for name, entry in sorted(self._entries.items()) if not _hidden(name)}
        self.names: dict[str, int] = {name: entry.file_size for name, entry in self._entries.items()}

    def label(self, name: str) -> str:
        return f"{printable(self._path.name)}: {printable(name)}"

    def chunks(self, name: str) -> Iterator[bytes]:
        entry = self._entries[name]
        if entry.flag_bits & _ENCRYPTED:
            raise ExportError(f"{self.label(name)}: protected by a password; unpack the zip and give its folder")
        try:
            with self._zip.open(entry) as file:
                yield from _chunks(file)
        except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as error:
            raise ExportError(f"{self.label(name)}: a broken zip: {error}") from None

    def close(self) -> None:
        self._zip.close()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for child in folder.iterdir():
        if _hidden(child.name):
            continue
        if child.is_dir():
            if depth > 1:
                yield from _walk(child, depth - 1)
        elif child.is_file():
            yield child


def _entry_name(entry: ZipInfo) -> str:
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        # macOS writes UTF-8 names and does not say so; zipfile then takes them for code page 437.
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            name = entry.filename
    return _composed(name)


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)  # macOS decomposes: `é` as two characters, unlike channels.json


def printable(name: str | Path) -> str:
    """A file's name as text that can be written anywhere, even where its bytes are no text."""
    return os.fsencode(name).decode(errors="replace")
