"""What Discord refused is one of the core's errors; what an admin can mend comes with how."""

from __future__ import annotations

import pytest

from adapters.discord.marks import Mark, digest, mark_of, marked, nonce
from adapters.discord.refusals import closed_by_gateway, limited, refusal
from bot.errors import ChatError, Forbidden, Gone, Rejected, Sent, Unauthorised, Unavailable


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 0, Unauthorised),
        (403, 0, Forbidden),
        (403, 50001, Forbidden),
        (403, 50013, Forbidden),
        (403, 50007, Forbidden),
        (403, 20026, Forbidden),
        (400, 50008, Forbidden),
        (400, 50083, Forbidden),
        (400, 160005, Forbidden),
        (400, 200000, Forbidden),
        (404, 10003, Gone),
        (404, 10008, Gone),
        (404, 10004, Unauthorised),
        (404, 0, Gone),
        (400, 50035, Rejected),
        (405, 0, Rejected),
        (413, 40005, Rejected),
        (500, 0, Unavailable),
        (503, 0, Unavailable),
    ],
)
def test_each_refusal_has_its_error(status: int, code: int, kind: type[ChatError]) -> None:
    """With Discord's own code as the reason; whatever an admin must do something about says what."""
    error = refusal(status, code, "Something")
    assert type(error) is kind
    assert error.reason == str(code or status)
    assert bool(error.fix) is (kind in (Forbidden, Unauthorised) or code == 10003)
    assert error.words or kind is not Forbidden or not code


def test_what_discord_was_too_busy_for_was_not_done() -> None:
    """So that it is sent again without a look-up; any other trouble may have happened after it was done."""
    busy, broken = refusal(503, 130000, "overloaded"), refusal(502, 0, "Bad Gateway")
    assert isinstance(busy, Unavailable)
    assert isinstance(broken, Unavailable)
    assert (busy.sent, broken.sent) == (Sent.NO, Sent.MAYBE)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
def test_a_close_code_after_which_nothing_helps(code: int) -> None:
    """Is an error, with its code."""
    error = closed_by_gateway(code, "1")
    assert error is not None
    assert error.reason == str(code)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 4000, 4007, 4008, 4009])
def test_any_other_close_code_is_a_new_connection(code: int) -> None:
    """Nothing that an admin could do anything about."""
    assert closed_by_gateway(code, "1") is None


def test_a_limit_without_a_time_is_a_minute() -> None:
    """Such as that of edits to old messages."""
    assert limited(30046, None, everywhere=False).retry_after == 60


@pytest.mark.parametrize(
    "body",
    [
        {"content": "Hello"},
        {"content": ""},
        {"content": "Hello", "embeds": [{"description": "Text"}]},
        {"content": "Hello", "embeds": [{"description": "x" * 4096}]},
        {"embeds": [{"description": "Text", "footer": {"text": "small print"}}]},
        {"components": [{"type": 1, "components": []}], "content": "Hello"},
        {"components": [{"type": 17, "components": []}], "flags": 1 << 15},
    ],
)
@pytest.mark.parametrize(
    "mark", [Mark(digest("a"), 0, 1), Mark(digest("b"), 7, 8), Mark(0, 0, 1), Mark((1 << 24) - 1, 3, 5)]
)
def test_a_message_carries_its_mark(body: dict[str, object], mark: Mark) -> None:
    """Whatever it is made of, and one that is put on later takes its place."""
    assert mark_of(marked(body, mark)) == mark
    assert mark_of(body) is None
    other = Mark(mark.of, 0, 2)
    assert mark_of(marked(body, other)) == other


@pytest.mark.parametrize(
    "body", [{"content": "Hello"}, {"embeds": [{"description": "Text"}], "components": [{"type": 1}]}]
)
def test_either_of_the_two_ways_is_enough(body: dict[str, object]) -> None:
    """A server that numbers components by itself leaves the text, one that trims texts leaves the number."""
    mark = Mark(digest("a"), 0, 1)
    whole = marked(body, mark)
    assert mark_of({**whole, "components": [{"type": 1, "id": 1}]}) == mark
    if "components" in body:
        assert mark_of({**whole, "embeds": body["embeds"]}) == mark


def test_a_nonce_is_the_keys_own() -> None:
    """As long as Discord allows, the same in every process, another one for each message of a post."""
    assert nonce("tip/1") == "MT2ZREIFRF6TTXYEORW3H2IAO"
    assert len(nonce("tip/1")) == 25
    assert len({nonce("tip/1"), nonce("tip/1", 1), nonce("tip/2")}) == 3
