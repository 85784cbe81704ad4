"""`vigie check` for Slack: every failure is found and names its fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.slack.chat import SlackChat
from adapters.slack.manifest import BOT_SCOPES
from bot.app import Names
from bot.clock import SystemClock
from bot.model import Community, Finding, Severity
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from bot.texts import texts
from tests.fakes import FakeClock
from tests.slack.connecting import SLACK, FakeKeeper, app, chat_of, community, resting
from tests.slack.server import faults
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

ENGLISH = texts("en")
SETTINGS = Settings(
    team=TeamSettings(roles=frozenset({"S0STAFF"}), on_duty="S0DUTY", lead="U0LEA", admins=("U0ADAM",)),
    tips=TipSettings(channel="C0TIPS"),
    mentions=MentionSettings(channel="C0MODS", watch={"C0SUPPORT": Mode.PINGS, "G0SECRET": Mode.PINGS}),
)


def furnished(acme: Town) -> None:
    """All is as it should be."""
    for name in ("support", "mods", "tips"):
        acme.channel(name)
    acme.channel("secret", kind="group")
    acme.group("staff", "tess")
    acme.group("duty", "tim")
    acme.person("lea")
    acme.person("adam")
    acme.granted.scopes |= frozenset(BOT_SCOPES)


async def found(slack: Slack, *towns: Town, only: Community | None = None) -> list[Finding]:
    async with resting(slack, *towns, settings=SETTINGS) as chat:
        return await chat.check(ENGLISH, only)


def failures(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.OK]


async def test_a_workspace_in_order_has_nothing_but_good_news(slack: Slack, acme: Town) -> None:
    """Socket, token, scopes, clock, channels and groups are each told as well."""
    furnished(acme)
    findings = await found(slack, acme)
    assert failures(findings) == []
    told = " ".join(finding.subject for finding in findings)
    for word in ("Socket Mode", acme.id, "scopes", "clock", "#support", "#secret", "#mods", "#tips", "@staff", "@duty"):
        assert word in told


BREAKS: list[tuple[str, Callable[[Slack, Town], object], str]] = [
    ("#support", lambda _, acme: acme.channel("support").members.discard(acme.me), "/invite"),
    ("#mods", lambda _, acme: setattr(acme.channel("mods"), "archived", True), "Unarchive"),
    ("C0TIPS", lambda _, acme: setattr(acme.channel("tips"), "deleted", True), "/invite"),
    ("G0SECRET", lambda _, acme: acme.channel("secret", kind="group").members.discard(acme.me), "/invite"),
    ("@duty", lambda _, acme: setattr(acme.group("duty"), "disabled", True), "user group"),
    ("S0STAFF", lambda _, acme: acme.workspace.groups.pop("S0STAFF"), "user group"),
    ("U0LEA", lambda _, acme: acme.workspace.users.pop("U0LEA"), "member"),
    ("U0ADAM", lambda _, acme: setattr(acme.person("adam").user, "deleted", True), "somebody else"),
    ("Socket Mode", lambda slack, _: slack.tokens.pop(slack.app.app_token), "xapp-"),
    ("bot token", lambda _, acme: setattr(acme.granted, "state", "token_revoked"), "xoxb-"),
]


@pytest.mark.parametrize(("subject", "breaks", "fix"), BREAKS, ids=[case[0] for case in BREAKS])
async def test_what_is_wrong_is_found_and_names_its_fix(
    slack: Slack, acme: Town, subject: str, breaks: Callable[[Slack, Town], object], fix: str
) -> None:
    """One thing is broken, one finding tells of it."""
    furnished(acme)
    breaks(slack, acme)
    [failure] = failures(await found(slack, acme))
    assert subject in failure.subject
    assert failure.severity is Severity.ERROR
    assert fix in failure.fix


async def test_a_missing_scope_is_named_with_its_reason(slack: Slack, acme: Town) -> None:
    """The admin reads which scope is missing and what it is for."""
    furnished(acme)
    acme.granted.scopes -= {"reactions:read"}
    [failure] = [one for one in failures(await found(slack, acme)) if "scopes" in one.subject]
    assert f"reactions:read ({BOT_SCOPES['reactions:read']})" in failure.message
    assert "vigie manifest slack" in failure.fix


async def test_a_clock_that_is_off_is_found(slack: Slack, acme: Town) -> None:
    """Slack dates its answers; ours differs by more than half a minute."""
    furnished(acme)
    late = FakeClock(SystemClock().now() - timedelta(minutes=3))
    chat = SlackChat(app(slack, acme), lambda _: SETTINGS, Names(), FakeKeeper(), late)
    [failure] = failures(await chat.check(ENGLISH))
    await chat.close()
    assert "clock" in failure.subject
    assert failure.severity is Severity.WARNING


async def test_slack_out_of_reach_is_a_finding(slack: Slack, acme: Town) -> None:
    """No error comes out of a check, whatever happens."""
    furnished(acme)
    slack.faults.always("*", faults.BROKEN)
    assert failures(await found(slack, acme))
    nowhere = chat_of(replace(app(slack, acme), api_url="http://127.0.0.1:1/api/"), SETTINGS)
    assert failures(await nowhere.check(ENGLISH))
    await nowhere.close()


async def test_one_workspace_is_checked_alone(slack: Slack, acme: Town) -> None:
    """Asked about one, nothing is said of another or of the app."""
    furnished(acme)
    other = slack.workspace("other")
    findings = await found(slack, acme, other, only=community(acme))
    assert failures(findings) == []
    assert other.id not in " ".join(finding.subject for finding in findings)
    assert "Socket Mode" not in " ".join(finding.subject for finding in findings)


async def test_a_workspace_without_us_is_found(slack: Slack, acme: Town) -> None:
    """A community of the configuration in which the app is not installed."""
    furnished(acme)
    [failure] = await found(slack, acme, only=Community(SLACK, "T0NOWHERE"))
    assert failure.severity is Severity.ERROR
    assert "Install" in failure.fix


async def test_a_dead_token_does_not_hide_the_living(slack: Slack, acme: Town) -> None:
    """With several workspaces, the others are looked at all the same."""
    furnished(acme)
    other = slack.workspace("other")
    other.granted.state = "account_inactive"
    findings = await found(slack, acme, other)
    assert [failure.message for failure in failures(findings)] == ["account_inactive"]
    assert any("#support" in finding.subject for finding in findings)
