"""Who is let in, and what is handed out: only pages of this machine's own browser, and nothing but the page's files."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from visiting import House

from adapters.sandbox.server import HEADERS, LARGEST_FRAME, PAGE, TYPES


async def status(house: House, path: str, **headers: str) -> int:
    async with house.session.get(f"{house.address}{path}", headers=headers) as response:
        return response.status


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"]
)
async def test_a_foreign_host_is_refused(house: House, host: str) -> None:
    """A name that somebody else pointed at this machine opens nothing: neither a file nor the WebSocket."""
    host = host.format(port=house.address.rpartition(":")[2])
    assert await status(house, "/", Host=host) == 403
    assert await status(house, "/ws", Host=host, Origin=house.address) == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_every_name_of_this_machine_will_do(house: House, name: str) -> None:
    port = house.address.rpartition(":")[2]
    own = f"{name}:{port}"
    headers = {"Host": own, "Origin": f"http://{own}"}
    async with house.session.ws_connect(f"{house.address}/ws", headers=headers) as connection:
        assert json.loads((await connection.receive()).data)["type"] == "hello"


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1"]
)
async def test_a_foreign_or_missing_origin_gets_no_websocket(house: House, origin: str | None) -> None:
    """A page of another site cannot speak to the sandbox."""
    port = house.address.rpartition(":")[2]
    headers = {"Origin": origin.format(port=port)} if origin else {}
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.session.ws_connect(f"{house.address}/ws", headers=headers)
    assert refused.value.status == 403


async def test_the_page_comes_with_a_strict_policy(house: House) -> None:
    """Nothing from elsewhere, nothing inline, nothing framed, nothing kept."""
    async with house.session.get(f"{house.address}/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        for name, value in HEADERS.items():
            assert response.headers[name] == value
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")


async def test_every_file_of_the_page_is_served_as_what_it_is(house: House) -> None:
    for path in sorted(PAGE.rglob("*")):
        if path.is_file():
            async with house.session.get(f"{house.address}/{path.relative_to(PAGE).as_posix()}") as response:
                assert (response.status, response.content_type) == (200, TYPES[path.suffix])
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert await response.read() == path.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.js",
        "/../server.py",
        "/%2e%2e/server.py",
        "/..%2fserver.py",
        "//etc/passwd",
        "/.hidden.js",
        "/page/",
        "/%00.js",
    ],
)
async def test_no_other_file_can_be_named(house: House, path: str) -> None:
    """Written as it is, since every client would tidy it up first."""
    own = house.address.removeprefix("http://")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(own.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n".encode())
    line = await reader.readline()
    writer.close()
    assert int(line.split()[1]) in (400, 404)


async def test_other_methods_do_nothing(house: House) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        async with house.session.request(method, f"{house.address}/") as response:
            assert response.status == 405


MALFORMED = [
    "",
    "{",
    "[]",
    "null",
    '"say"',
    "[" * 5000,
    '{"type":"request","kind":"restart"}',
    '{"type":"request","id":7,"kind":"restart"}',
    '{"type":"request","id":"","kind":"restart"}',
    json.dumps({"type": "request", "id": "x" * 300, "kind": "restart"}),
    '{"type":"hello","id":"a","kind":"restart"}',
    '{"type":"request","id":"b","kind":"explode"}',
    '{"type":"request","id":"c","kind":["say"]}',
    '{"type":"request","id":"d","kind":"say"}',
    '{"type":"request","id":"e","kind":"say","person":"ada","channel":"general","text":null}',
    '{"type":"request","id":"f","kind":"say","person":"ada","channel":"general","text":{"a":1}}',
    '{"type":"request","id":"g","kind":"say","person":"nobody","channel":"general","text":"hi"}',
    '{"type":"request","id":"h","kind":"say","person":"vigie","channel":"general","text":"hi"}',
    '{"type":"request","id":"i","kind":"say","person":"ada","channel":"nowhere","text":"hi"}',
    '{"type":"request","id":"j","kind":"say","person":"ada","channel":"@ines","text":"hi"}',
    '{"type":"request","id":"k","kind":"say","person":"ada","channel":"general","text":"hi","thread":"1.1"}',
    '{"type":"request","id":"l","kind":"say","person":"ada","channel":"general","text":"   "}',
    json.dumps(
        {"type": "request", "id": "m", "kind": "say", "person": "ada", "channel": "general", "text": "a" * 4001}
    ),
    '{"type":"request","id":"n","kind":"edit","person":"ada","message":"1.1","text":"x"}',
    '{"type":"request","id":"o","kind":"delete","person":"ada","message":"1.1"}',
    '{"type":"request","id":"p","kind":"react","person":"ada","message":"1.1","emoji":"","on":true}',
    '{"type":"request","id":"q","kind":"react","person":"ada","message":"1.1","emoji":"x","on":"yes"}',
    '{"type":"request","id":"r","kind":"press","person":"ada","channel":"team","action":"a","value":"b"}',
    '{"type":"request","id":"s","kind":"press","person":"ada","channel":"team","action":"a","value":"b","private_id":"p"}',
    '{"type":"request","id":"t","kind":"submit","person":"ada","channel":"team","form":"f","value":"v","values":[]}',
    '{"type":"request","id":"u","kind":"submit","person":"ada","channel":"team","form":"f","value":"v","values":{"a":1}}',
    '{"type":"request","id":"v","kind":"clock"}',
    '{"type":"request","id":"w","kind":"clock","move":"1y"}',
    '{"type":"request","id":"x","kind":"clock","running":"on"}',
    '{"type":"request","id":"y","kind":"older","channel":"nowhere","before":"1"}',
    '{"type":"request","id":"z","kind":"language","language":"de"}',
    '{"type":"request","id":"A","kind":"replay","playing":true}',
    '{"type":"request","id":"B","kind":"replay","speed":1e999}',
    '{"type":"request","id":"C","kind":"replay","speed":true}',
]


async def test_whatever_makes_no_sense_is_answered_with_a_sentence(house: House) -> None:
    """Never a crash, never silence, never anything done; the connection goes on."""
    page = await house.page()
    before = page.seq
    for frame in MALFORMED:
        await page.connection.send_str(frame)
        ack = await page.receive()
        assert ack["type"] == "ack", (frame, ack)
        assert ack["error"], frame
        assert "Traceback" not in ack["error"]
    await page.connection.send_bytes(b"\xff\x00")
    assert (await page.receive())["error"]
    assert page.seq == before
    assert not page.messages
    await page.says("ada", "general", "still here")


async def test_a_frame_that_is_too_large_ends_the_connection_and_nothing_else(house: House) -> None:
    page, other = await house.page(), await house.page()
    await page.connection.send_str("x" * (LARGEST_FRAME + 1))
    assert (await page.connection.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR)
    await other.says("ada", "general", "still here")


async def test_halves_of_characters_and_control_characters_are_taken_out(house: House) -> None:
    """What is no text reaches neither the store nor another page."""
    page = await house.page()
    message = await page.says("ada", "general", "a\ud800b\x00c\x1b[31md\r\ne")
    assert page.messages[message]["text"] == "a\ufffdbc[31md\ne"
