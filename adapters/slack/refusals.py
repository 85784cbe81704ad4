"""What Slack's error codes mean for us: the core's error, and what an admin should do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import ChatError, Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.texts import later

_TOKEN = later("Install the app in Slack again and give me the new bot token (it begins with xoxb-).")
_SWITCHED_ON = later("An admin of the Slack workspace has to allow the app again, under “Manage apps”.")
_INVITE = later("Invite me to the channel with /invite, or correct the channel’s id in the configuration.")
_UNARCHIVE = later("Unarchive the channel in Slack, or choose another one in the configuration.")
_POSTING = later("Let me write there: Slack’s channel settings say who may post. Or choose another channel.")
_SCOPE = later("Add the scope to the app (or update it from the manifest), then install it in the workspace again.")
_MEMBER = later("Correct the member’s id in the configuration: Slack knows nobody there who can be written to.")
_GROUP = later("Correct the user group’s id in the configuration: Slack does not know it, or it is disabled.")
_MESSAGES_TAB = later("Turn on the “Messages” tab of the app: api.slack.com/apps, “App Home”.")
_SUSPENDED = later(
    "An admin of the Slack organisation suspended access to it (encryption keys, EKM) and has to lift that."
)
_ADD = later("An admin of the organisation has to add the app to that workspace, under “Manage apps”.")
_NETWORK = later("Allow this machine’s address: api.slack.com/apps, “OAuth & Permissions”, “Restrict API Token Usage”.")
_TWO_FACTORS = later("Whoever installed the app has to set up two-factor sign-in in Slack.")
_PLAN = later("User groups need a paid plan of Slack: list the team’s members one by one in the configuration.")
_HOME_TAB = later("Turn on the “Home” tab of the app: api.slack.com/apps, “App Home”.")
_OTHER_KIND = later("Choose another channel in the configuration: that is a conversation in which no app can write.")
_NEWER = later("Install a newer version of Vigie: Slack took back what this one uses.")
_FILES = later("Let the app upload files in that workspace, or ask me for something without a picture.")
_APP_TOKEN = later("Make an app-level token with the scope connections:write (it begins with xapp-) and give it to me.")
_SOCKET_MODE = later("Turn on Socket Mode for the app: api.slack.com/apps, “Socket Mode”.")

UNKNOWN_METHOD = "unknown_method"
"""Never said by Slack of what we call; by servers that stand in for it, of what they do not know."""

_NOT_SLACK = later("What answers at `slack.api_url` is not all of Slack: what needs that method does not work there.")

_UNAUTHORISED = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "account_inactive": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "app_uninstalled": _TOKEN,
    "team_access_not_granted": _ADD,
    "enterprise_is_restricted": _SWITCHED_ON,
    "team_not_found": _TOKEN,
    "two_factor_setup_required": _TWO_FACTORS,
    "accesslimited": _NETWORK,
}

_FORBIDDEN = {
    "not_in_channel": _INVITE,
    "no_permission": _INVITE,  # so Slack explains it
    "is_archived": _UNARCHIVE,
    "is_inactive": _UNARCHIVE,
    "missing_scope": _SCOPE,
    "access_denied": _SWITCHED_ON,
    "ekm_access_denied": _SUSPENDED,
    "posting_to_general_channel_denied": _POSTING,
    "cannot_reply_to_message": "",
    "channel_type_not_supported": _OTHER_KIND,
    "method_not_supported_for_channel_type": _OTHER_KIND,
    "user_not_in_channel": "",
    "invalid_user_combination": _MEMBER,
    "user_disabled": _MEMBER,
    "user_not_visible": _MEMBER,
    "cannot_dm_bot": _MEMBER,
    "messages_tab_disabled": _MESSAGES_TAB,
    "cant_update_message": "",
    "edit_window_closed": "",
    "update_failed": "",
    "push_limit_reached": "",
    "file_uploads_disabled": _FILES,
    "slack_connect_file_upload_sharing_blocked": _FILES,
    "paid_teams_only": _PLAN,
    "plan_upgrade_required": _PLAN,
    "not_enabled": _HOME_TAB,
    "method_deprecated": _NEWER,
    "deprecated_endpoint": _NEWER,
}

_GONE = {
    "channel_not_found": _INVITE,
    "user_not_found": _MEMBER,
    "users_not_found": _MEMBER,
    "no_such_subteam": _GROUP,
    "subteam_not_found": _GROUP,
    "subteam_disabled": _GROUP,
    "message_not_found": "",
    "thread_not_found": "",
    "not_found": "",  # of views.update: somebody closed it
    "expired_trigger_id": "",
    "exchanged_trigger_id": "",
    "invalid_trigger_id": "",
    "view_expired": "",
}

# Slack says of these two that some of it may have happened: https://docs.slack.dev/reference/methods/chat.postMessage
_MAYBE_DONE = frozenset(("fatal_error", "internal_error"))
_NOT_DONE = frozenset(
    ("service_unavailable", "request_timeout", "team_added_to_org", "org_login_required", "external_channel_migrating")
)

_LIMITED = frozenset(("ratelimited", "rate_limited", "message_limit_exceeded"))
UNTOLD_WAIT = 30.0
"""Seconds to wait when Slack asks to without saying for how long."""


def refusal(method: str, answer: Mapping[str, Any], retry_after: str | None = None) -> ChatError:
    """The error for an answer that is not `ok`. What Slack's documents do not name is a request of ours gone wrong."""
    code = str(answer.get("error") or "unknown_error")
    said = f"Slack refused {method}: {code}"
    if code in _LIMITED:
        return limited(method, retry_after)
    if code in _MAYBE_DONE or code in _NOT_DONE:
        return Unavailable(said, sent=Sent.MAYBE if code in _MAYBE_DONE else Sent.NO, reason=code)
    if method == "apps.connections.open" and (error := _no_socket(said, code)):
        return error
    if code == "missing_scope" and (scope := str(answer.get("needed") or "")):
        return Forbidden(f"{said} ({scope})", reason=f"missing_scope: {scope}", fix=_SCOPE)
    if code == UNKNOWN_METHOD:
        return Forbidden(said, reason=f"{code}: {method}", fix=_NOT_SLACK)
    if error := _lasting(said, code):
        return error
    details = "; ".join(map(str, (answer.get("response_metadata") or {}).get("messages") or ()))
    return Rejected(f"{said} ({details})" if details else said, reason=code)


def is_unknown(error: ChatError) -> bool:
    """Whether the server does not know what it was asked for."""
    return error.reason.startswith(UNKNOWN_METHOD)


def _lasting(said: str, code: str) -> ChatError | None:
    """What stays so until somebody changes something."""
    if code in _UNAUTHORISED:
        return Unauthorised(said, reason=code, fix=_UNAUTHORISED[code])
    if code in _GONE:
        return Gone(said, reason=code, fix=_GONE[code])
    if code in _FORBIDDEN:
        return Forbidden(said, reason=code, fix=_FORBIDDEN[code])
    if code.startswith("restricted_action"):
        return Forbidden(said, reason=code, fix=_POSTING)
    return None


def limited(method: str, retry_after: str | None) -> RateLimited:
    """Too much at once. Messages are limited for each channel, everything else for the whole workspace.

    https://docs.slack.dev/apis/web-api/rate-limits/
    """
    try:
        wait = max(float(retry_after or ""), 0.0)
    except ValueError:
        wait = UNTOLD_WAIT
    return RateLimited(f"Slack limits {method}", retry_after=wait, everywhere=not method.startswith("chat.post"))


def _no_socket(said: str, code: str) -> ChatError | None:
    """What keeps a socket from being opened lies with the app, whose token is another one."""
    if code in _UNAUTHORISED or code == "missing_scope":
        return Unauthorised(said, reason=code, fix=_APP_TOKEN)
    if code in ("forbidden_team", "socket_mode_not_enabled", "access_denied", "no_permission"):
        return Unauthorised(said, reason=code, fix=_SOCKET_MODE)
    return None
