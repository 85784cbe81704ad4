"""PNG files of screenshots made smaller without changing a pixel.

A browser writes them fast, with filters that suit photographs; flat surfaces and text pack best with none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
"""By colour type: RGB, and RGB with transparency."""


def smaller(png: bytes) -> bytes:
    """The same picture. `KeyError` for one that is no RGB of 8 bits."""
    parts = list(_parts(png))
    header = parts[0][1]
    width, height, kind = struct.unpack(">IIxB", header[:10])
    packed = zlib.decompress(b"".join(data for name, data in parts if name == b"IDAT"))
    pixels = _pixels(packed, width * CHANNELS[kind], height, CHANNELS[kind])
    repacked = zlib.compress(b"".join(b"\0" + line for line in pixels), 9)
    slim = SIGNATURE + _part(b"IHDR", header) + _part(b"IDAT", repacked) + _part(b"IEND", b"")
    return min(png, slim, key=len)


def _parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + size]
        at += size + 12


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _pixels(packed: bytes, width: int, height: int, step: int) -> Iterator[bytes]:
    """The lines, their filters undone; `width` and `step` in bytes."""
    above = bytearray(width)
    for row in range(height):
        start = row * (width + 1)
        line = bytearray(packed[start + 1 : start + 1 + width])
        kind = packed[start]
        for i in range(width) if kind else ():
            left, over = line[i - step] if i >= step else 0, above[i]
            corner = above[i - step] if i >= step else 0
            line[i] = (line[i] + (left, over, (left + over) // 2, _paeth(left, over, corner))[kind - 1]) & 255
        yield bytes(line)
        above = line


def _paeth(left: int, over: int, corner: int) -> int:
    guess = left + over - corner
    return min((left, over, corner), key=lambda value: abs(guess - value))
