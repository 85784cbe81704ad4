"""Slack's error codes as the core's errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from adapters.slack.refusals import refusal
from bot.errors import ChatError, Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable

POSTING = "chat.postMessage"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("invalid_auth", Unauthorised),
        ("not_authed", Unauthorised),
        ("account_inactive", Unauthorised),
        ("token_revoked", Unauthorised),
        ("token_expired", Unauthorised),
        ("team_access_not_granted", Unauthorised),
        ("not_in_channel", Forbidden),
        ("is_archived", Forbidden),
        ("missing_scope", Forbidden),
        ("restricted_action", Forbidden),
        ("restricted_action_thread_only_channel", Forbidden),
        ("messages_tab_disabled", Forbidden),
        ("user_disabled", Forbidden),
        ("channel_not_found", Gone),
        ("user_not_found", Gone),
        ("message_not_found", Gone),
        ("thread_not_found", Gone),
        ("expired_trigger_id", Gone),
        ("ratelimited", RateLimited),
        ("message_limit_exceeded", RateLimited),
        ("service_unavailable", Unavailable),
        ("internal_error", Unavailable),
        ("fatal_error", Unavailable),
        ("team_added_to_org", Unavailable),
        ("external_channel_migrating", Unavailable),
        ("accesslimited", Unauthorised),
        ("ekm_access_denied", Forbidden),
        ("subteam_disabled", Gone),
        ("invalid_blocks", Rejected),
        ("msg_too_long", Rejected),
        ("something_new", Rejected),
    ],
)
def test_a_code_is_one_of_the_cores_errors(code: str, error: type[ChatError]) -> None:
    """Each code has its meaning, and stands in the error's reason."""
    found = refusal(POSTING, {"ok": False, "error": code})
    assert type(found) is error
    assert found.reason == ("rate_limited" if error is RateLimited else code)


@pytest.mark.parametrize(
    "code",
    ["channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "account_inactive", "missing_scope",
     "restricted_action_read_only_channel", "user_not_found", "messages_tab_disabled", "no_such_subteam",
     "ekm_access_denied", "team_access_not_granted", "restricted_action", "accesslimited", "no_permission",
     "two_factor_setup_required", "plan_upgrade_required", "not_enabled", "method_deprecated", "is_inactive",
     "method_not_supported_for_channel_type", "subteam_disabled", "unknown_method"],
)  # fmt: skip
def test_what_an_admin_can_mend_says_how(code: str) -> None:
    """A lasting refusal tells what to do."""
    assert refusal(POSTING, {"ok": False, "error": code, "needed": "chat:write"}).fix


@pytest.mark.parametrize(("code", "sent"), [("fatal_error", Sent.MAYBE), ("service_unavailable", Sent.NO)])
def test_whether_it_may_have_got_out(code: str, sent: Sent) -> None:
    """Where Slack says that some of it may have happened, it is looked up before it is said again."""
    found = refusal(POSTING, {"ok": False, "error": code})
    assert isinstance(found, Unavailable)
    assert found.sent is sent


def test_a_missing_scope_is_named_in_the_reason() -> None:
    """The scope varies, so it is no part of the translated fix."""
    found = refusal(POSTING, {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"})
    assert found.reason == "missing_scope: chat:write"
    assert "chat:write" not in found.fix


@pytest.mark.parametrize("told", [None, "", "soon"])
def test_a_limit_that_names_no_time_waits_half_a_minute(told: str | None) -> None:
    """`Retry-After` may be missing or nonsense."""
    found = refusal(POSTING, {"ok": False, "error": "ratelimited"}, told)
    assert isinstance(found, RateLimited)
    assert found.retry_after == 30


@pytest.mark.parametrize("code", ["invalid_auth", "missing_scope", "not_allowed_token_type"])
def test_a_socket_that_cannot_be_opened_is_about_the_app_level_token(code: str) -> None:
    """The fix names the token with xapp-, not the bot's."""
    found = refusal("apps.connections.open", {"ok": False, "error": code, "needed": "connections:write"})
    assert isinstance(found, Unauthorised)
    assert "xapp-" in found.fix


SAMPLES = Path(__file__).parents[3] / "shared" / "specs" / "slack-samples" / "api"


@pytest.mark.skipif(not SAMPLES.exists(), reason="Slack's sample payloads are not beside this repository")
def test_an_answer_of_any_method_makes_an_error() -> None:
    """Whatever Slack's answers hold besides a code, an error comes of it and nothing breaks."""
    for path in SAMPLES.glob("*.json"):
        answer = json.loads(path.read_text())
        assert isinstance(refusal(path.stem, answer), ChatError)


DOCS = (Path(__file__).parents[2] / "docs" / "slack.md").read_text()
TABLE = DOCS.partition("| code | what to do |\n|---|---|\n")[2].partition("\n\n")[0]


@pytest.mark.parametrize("line", TABLE.splitlines())
def test_the_page_says_what_an_admin_is_told(line: str) -> None:
    """Each code of the table in docs/slack.md has the fix that stands beside it."""
    codes, fix = (cell.strip() for cell in line.strip("|").split("|"))
    for code in re.findall("`([a-z_]+)`", codes):
        assert refusal(POSTING, {"ok": False, "error": code}).fix == fix
