"""`vigie check` for Slack: tokens, scopes, Socket Mode, channels, user groups, clocks; each failure with its fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from adapters.slack.admission import Admission
from adapters.slack.app import SlackApp
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.refusals import is_unknown
from adapters.slack.web import Line, Web, date_of
from adapters.slack.workspaces import Office, Workspaces
from bot.errors import ChatError, Gone, VigieError
from bot.model import Community, Finding, Severity
from bot.ports import Clock
from bot.settings import Settings
from bot.texts import Texts, later

SKEW = timedelta(seconds=30)
"""How far our clock may be off before it matters: nudges come at the wrong time."""

REFUSED_SKEW = timedelta(minutes=5)
"""From here on no request that Slack signed is believed.
https://docs.slack.dev/authentication/verifying-requests-from-slack/"""

INVITE = later("Invite me there: write /invite and my name in the channel.")
REINSTALL = later("Update the app from `vigie manifest slack`, then install it in the workspace again.")
SET_CLOCK = later("Set this machine’s clock, best by NTP.")
GROUP = later("Correct the user group’s id in the configuration, or enable the group in Slack.")
NOT_TOLD = later("Slack itself tells it with every answer; what else answers at `slack.api_url` may not.")
TRY_AGAIN = later("Try again; if it stays so, see https://status.slack.com and this machine’s network.")


class Checking:
    """Looks at everything once. Works before the first start."""

    def __init__(
        self,
        app: SlackApp,
        line: Line,
        workspaces: Workspaces,
        admission: Admission,
        settings: Callable[[Community], Settings],
        clock: Clock,
    ) -> None:
        self._app = app
        self._line = line
        self._workspaces = workspaces
        self._admission = admission
        self._settings = settings
        self._clock = clock

    async def run(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        """Of one workspace or of all; whatever cannot be found out is a finding."""
        findings: list[Finding] = []
        if community is None:
            findings += await self._app_level(speak)
        try:
            await self._admission.enter()
        except VigieError as error:
            if not self._admission.refused:
                findings.append(_failed("Slack", error, speak))
        if community is None:
            findings += [_failed(speak.t("Slack: bot token"), error, speak) for error in self._admission.refused]
        offices = [office for office in self._workspaces if community in (None, office.community)]
        if community is not None and not offices:
            findings.append(
                Finding(
                    str(community),
                    Severity.ERROR,
                    speak.t("I am not installed there"),
                    speak.t("Install the app in that workspace, or take the workspace out of the configuration."),
                )
            )
        for office in offices:
            findings += await self._workspace(office, speak)
        return findings

    async def _app_level(self, speak: Texts) -> list[Finding]:
        if self._app.mode != "socket":
            return []
        subject = speak.t("Slack: Socket Mode")
        try:
            await Web(self._line, self._app.app_token).write("apps.connections.open")
        except ChatError as error:
            return [_failed(subject, error, speak)]
        return [Finding(subject, Severity.OK, speak.t("a connection can be made"))]

    async def _workspace(self, office: Office, speak: Texts) -> list[Finding]:
        name = f"Slack {office.community.id}"
        try:
            me, headers = await office.web.ask("auth.test")
        except ChatError as error:
            return [_failed(name, error, speak)]
        who = speak.t("{bot} in {workspace}", bot=f"@{me.get('user', '')}", workspace=str(me.get("team", "")))
        findings = [Finding(name, Severity.OK, who)]
        findings += self._scopes(name, headers, speak)
        findings += self._time(name, headers, speak)
        settings = self._settings(office.community)
        for channel in _channels(settings):
            findings.append(await self._channel(office, channel, speak))
        findings += await self._history(office, settings, speak)
        findings += await self._groups(office, settings, speak)
        for member in dict.fromkeys(filter(None, (settings.team.lead, *settings.team.admins))):
            findings += await self._member(office, member, speak)
        return findings

    def _scopes(self, name: str, headers: Mapping[str, str], speak: Texts) -> list[Finding]:
        subject = speak.t("{name}: scopes", name=name)
        told = headers.get("x-oauth-scopes")
        if told is None:
            return [
                Finding(subject, Severity.WARNING, speak.t("which ones were granted is not told"), speak.t(NOT_TOLD))
            ]
        granted = {scope.strip() for scope in told.split(",")}
        missing = [scope for scope in BOT_SCOPES if scope not in granted]
        if not missing:
            return [Finding(subject, Severity.OK, speak.t("all that I need were granted"))]
        needed = "; ".join(f"{scope} ({speak.t(BOT_SCOPES[scope])})" for scope in missing)
        return [Finding(subject, Severity.ERROR, speak.t("missing: {scopes}", scopes=needed), speak.t(REINSTALL))]

    def _time(self, name: str, headers: Mapping[str, str], speak: Texts) -> list[Finding]:
        theirs = date_of(headers)
        if theirs is None:
            return []
        off = abs(self._clock.now() - theirs)
        subject = speak.t("{name}: clock", name=name)
        if off <= SKEW:
            return [Finding(subject, Severity.OK, speak.t("as Slack’s"))]
        fatal = self._app.mode == "http" and off > REFUSED_SKEW
        severity = Severity.ERROR if fatal else Severity.WARNING
        return [Finding(subject, severity, speak.t("{off} off", off=speak.duration(off)), speak.t(SET_CLOCK))]

    async def _channel(self, office: Office, channel: str, speak: Texts) -> Finding:
        subject = speak.t("Slack: channel {channel}", channel=channel)
        try:
            answer = await office.web.read("conversations.info", channel=channel)
        except ChatError as error:
            return _failed(subject, error, speak)
        about: Mapping[str, Any] = answer.get("channel") or {}
        subject = speak.t("Slack: channel {channel}", channel=f"#{about.get('name') or channel}")
        if about.get("is_archived"):
            fix = speak.t("Unarchive the channel in Slack, or choose another one in the configuration.")
            return Finding(subject, Severity.ERROR, speak.t("it is archived"), fix)
        if not about.get("is_member", True):
            return Finding(subject, Severity.ERROR, speak.t("I am not in it"), speak.t(INVITE))
        return Finding(subject, Severity.OK, speak.t("I am in it"))

    async def _history(self, office: Office, settings: Settings, speak: Texts) -> list[Finding]:
        """Whether what was missed can be read; nothing is said where it can, or where another finding tells why not."""
        channel = next(iter(settings.mentions.watch), None)
        if channel is None:
            return []
        try:
            answer = await office.web.read("conversations.history", channel=channel, limit=1)
            for latest in answer.get("messages") or ():
                await office.web.read("conversations.replies", channel=channel, ts=latest.get("ts"), limit=1)
        except ChatError as error:
            return [_failed(speak.t("Slack: what was said"), error, speak)] if is_unknown(error) else []
        return []

    async def _groups(self, office: Office, settings: Settings, speak: Texts) -> list[Finding]:
        on_duty = settings.team.on_duty
        wanted = sorted(settings.team.roles | ({on_duty} if on_duty and on_duty.startswith("S") else set()))
        if not wanted:
            return []
        try:
            answer = await office.web.read("usergroups.list", include_disabled=True)
        except ChatError as error:
            return [_failed(speak.t("Slack: user groups"), error, speak)]
        known = {group["id"]: group for group in answer.get("usergroups") or ()}
        findings = []
        for id_ in wanted:
            group = known.get(id_)
            subject = speak.t("Slack: user group {group}", group=f"@{group['handle']}" if group else id_)
            if group is None:
                findings.append(Finding(subject, Severity.ERROR, speak.t("Slack does not know it"), speak.t(GROUP)))
            elif group.get("date_delete"):
                findings.append(Finding(subject, Severity.ERROR, speak.t("it is disabled"), speak.t(GROUP)))
            else:
                findings.append(Finding(subject, Severity.OK, speak.t("it exists")))
        return findings

    async def _member(self, office: Office, member: str, speak: Texts) -> list[Finding]:
        """Whom we write to in private; nothing is said of those who are there."""
        subject = speak.t("Slack: member {member}", member=member)
        try:
            answer = await office.web.read("users.info", user=member)
        except ChatError as error:
            return [_failed(subject, error, speak)]
        if (answer.get("user") or {}).get("deleted"):
            gone = Gone("deactivated", reason="user_disabled", fix=later("Name somebody else in the configuration."))
            return [_failed(subject, gone, speak)]
        return []


def _channels(settings: Settings) -> list[str]:
    """Every channel that is watched or spoken in."""
    targets = (settings.tips.channel, settings.mentions.channel)
    return list(dict.fromkeys([*settings.mentions.watch, *filter(None, targets)]))


def _failed(subject: str, error: VigieError, speak: Texts) -> Finding:
    reason = (error.reason if isinstance(error, ChatError) else "") or str(error)
    fix = (error.fix if isinstance(error, ChatError) else "") or TRY_AGAIN
    severity = Severity.WARNING if isinstance(error, ChatError) and is_unknown(error) else Severity.ERROR
    return Finding(subject, severity, reason, speak.t(fix))
