"""What is refused: foreign, broken and hostile files."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.exports import open_export
from bot.errors import ExportError
from tests.exports.making import (
    as_folder,
    as_zip,
    messages,
    said,
    slack_files,
    texts,
    two_days,
)

BROKEN: list[tuple[dict[str, bytes], str]] = [
    ({"general/2026-09-10.json": b'[{"ts": "1.0"'}, "general/2026-09-10.json: expected JSON, but"),
    ({"general/2026-09-10.json": b"\xff\xfe\xfa"}, "general/2026-09-10.json: expected JSON, but"),
    ({"general/2026-09-10.json": b"[" * 100_000}, "general/2026-09-10.json: expected JSON, found brackets without end"),
    ({"general/2026-09-10.json": b"[" + b"9" * 5000 + b"]"}, "general/2026-09-10.json: expected JSON, but"),
    (
        {"general/2026-09-10.json": b'{"ok": true}'},
        "general/2026-09-10.json: expected a list of messages, found an object",
    ),
    ({"users.json": b"null"}, "users.json: expected a list, found null"),
    ({"channels.json": b"7"}, "channels.json: expected a list, found a number"),
]


@pytest.mark.parametrize(("files", "why"), BROKEN)
def test_broken_slack(tmp_path: Path, files: dict[str, bytes], why: str) -> None:
    """A broken file is named, with the zip that it is in, and what was expected of it."""
    path = as_zip(tmp_path / "x.zip", slack_files({}) | files)
    with pytest.raises(ExportError) as refused, open_export(path) as export:
        list(export.events())
    assert str(refused.value).startswith(f"x.zip: {why}")


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day file that unpacks to more than any day can hold is refused before it fills the memory."""
    path = as_zip(tmp_path / "x.zip", slack_files({}) | {"general/2026-09-10.json": b" " * 3_000_000})
    monkeypatch.setattr("adapters.exports.files.LARGEST", 2 * 1024**2)
    with (
        open_export(path) as export,
        pytest.raises(ExportError, match=r"x\.zip: general/2026-09-10\.json: larger than 2 MB"),
    ):
        list(export.events())


def test_damaged_zip(tmp_path: Path) -> None:
    """A download cut short, flipped bits, a password: each told in words."""
    path = as_zip(tmp_path / "x.zip", slack_files(two_days()))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    with pytest.raises(ExportError, match=r"x\.zip: a broken zip"):
        open_export(path)
    with ZipFile(as_zip(path, slack_files(two_days()))) as archive:
        at = archive.getinfo("general/2026-09-10.json").header_offset
    flipped = bytearray(whole)
    flipped[at + 60 : at + 70] = bytes(byte ^ 0x55 for byte in flipped[at + 60 : at + 70])
    path.write_bytes(flipped)
    with open_export(path) as export, pytest.raises(ExportError, match=r"x\.zip: general/2026-09-10\.json: "):
        list(export.events())
    locked = bytearray(whole)
    entry = locked.find(b"PK\x01\x02")
    while entry >= 0:
        locked[entry + 8] |= 1
        entry = locked.find(b"PK\x01\x02", entry + 4)
    path.write_bytes(locked)
    with pytest.raises(ExportError, match="password"):
        open_export(path)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "no users.json and channels.json were found"),
        ({"notes.json": b"[1]", "users.json": b"[]"}, "no users.json and channels.json were found"),
        ({"a/b/c/users.json": b"[]", "a/b/c/channels.json": b"[]"}, "no users.json and channels.json were found"),
        ({"chat.json": b'{"guild": {}, "channel": {}, "messages": []}'}, "expected what it makes with --format Json"),
        ({"chat.html": b"<html>"}, "pages or tables cannot be read; export again with --format Json"),
    ],
)
def test_foreign(tmp_path: Path, files: dict[str, bytes], why: str) -> None:
    """What is no export at all: both kinds are named, with what was looked for."""
    for path in (as_folder(tmp_path / "notes", {".keep": b"", **files}), as_zip(tmp_path / "notes.zip", files)):
        with pytest.raises(ExportError) as refused:
            open_export(path)
        assert str(refused.value).startswith(f"{path.name} is not a chat export.")
        assert why in str(refused.value)


def test_nothing_there(tmp_path: Path) -> None:
    """A wrong path says so."""
    with pytest.raises(ExportError, match="there is no such file or folder"):
        open_export(tmp_path / "export.zip")


def test_paths_that_climb(tmp_path: Path) -> None:
    """Names that point outside of the zip are only names: nothing is written, nothing outside is read."""
    (tmp_path / "2026-09-10.json").write_text(json.dumps([said("1788998400.0", "outside")]))
    files = slack_files({"general/2026-09-10": [said("1788998400.0", "inside")]})
    files |= {"../2026-09-10.json": files["general/2026-09-10.json"], "/etc/2026-09-10.json": b"[]"}
    inner = tmp_path / "inner"
    inner.mkdir()
    with open_export(as_zip(inner / "x.zip", files)) as export:
        assert texts(export) == ["inside"]
    assert [path.name for path in inner.iterdir()] == ["x.zip"]


def test_a_file_without_a_name(tmp_path: Path) -> None:
    """It can be no file of an export, and is passed over: zipfile itself stumbles over it."""
    path = as_zip(tmp_path / "x.zip", slack_files(two_days()) | {"Q": b"x"})
    data = bytearray(path.read_bytes())
    # In both headers of the last file the name's one byte becomes part of what follows the name.
    for signature, offset in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
        struct.pack_into("<HH", data, data.rindex(signature) + offset, 0, 1)
    path.write_bytes(data)
    with open_export(path) as export:
        assert texts(export)


def test_names_beyond_ascii(tmp_path: Path) -> None:
    """A zip made by macOS decomposes accents and does not say that its names are UTF-8."""
    files = slack_files(
        {"cafe\u0301/2026-09-10": [said("1788998400.0", "x")]}, groups=[{"id": "C3", "name": "caf\xe9"}]
    )
    path = as_zip(tmp_path / "x.zip", files)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset + 1] &= 0xF7  # the flag that says UTF-8
            at = data.find(mark, at + 4)
    path.write_bytes(data)
    with open_export(path) as export:
        assert [message.ref.place.channel for message in messages(export)] == ["C3"]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_json(tmp_path: Path, data: object) -> None:
    """Whatever JSON stands in any file, it is an error in words, or problems, or events."""
    for name in ("general/2026-09-10.json", "users.json", "channels.json", "dms.json", "chat.json"):
        files = ({} if name == "chat.json" else slack_files({})) | {name: json.dumps(data).encode()}
        try:
            with open_export(as_zip(tmp_path / "x.zip", files)) as export:
                list(export.events())
        except ExportError as error:
            assert "x.zip" in str(error)  # noqa: PT017 - either outcome is right
