"""oauth.v2.*: a code from the browser becomes a workspace's token."""

from __future__ import annotations

import base64

from aiohttp import web

from tests.slack.server.calls import Refused, Request, method
from tests.slack.server.model import Json, Token, Workspace


@method("oauth.v2.access", required=("code",))
async def access(asked: Request) -> Json:
    app = asked.slack.app
    given = (asked.text("client_id"), asked.text("client_secret"))
    if authorization := asked.text("authorization"):
        id_, _, secret = base64.b64decode(authorization).decode().partition(":")
        given = (id_, secret)
    if given[0] != app.client_id:
        raise Refused("invalid_client_id")
    if given[1] != app.client_secret:
        raise Refused("bad_client_secret")
    team = asked.slack.codes.pop(asked.text("code"), None)
    if team is None:
        raise Refused("invalid_code")
    workspace = asked.slack.workspaces[team]
    token = _whole(asked, workspace) if workspace.whole else asked.slack.install(workspace)
    return {
        "app_id": app.id,
        "authed_user": {"id": "U0OWNER"},
        "scope": ",".join(sorted(token.scopes)),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": workspace.bot.id,
        "team": None if workspace.whole else {"id": workspace.id, "name": workspace.domain.title()},
        "enterprise": {"id": workspace.enterprise, "name": "Enterprise"} if workspace.enterprise else None,
        "is_enterprise_install": workspace.whole,
    }


def _whole(asked: Request, workspace: Workspace) -> Token:
    """The one token of an organisation that installs the app as a whole."""
    return next(token for token in asked.slack.tokens.values() if token.team == workspace.enterprise)


def redirect(request: web.Request, code: str) -> web.HTTPFound:
    """Where the browser goes after the admin pressed *Allow*."""
    target = request.query["redirect_uri"]
    separator = "&" if "?" in target else "?"
    return web.HTTPFound(f"{target}{separator}code={code}&state={request.query.get('state', '')}")
