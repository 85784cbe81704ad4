"""auth.*, users.*, usergroups.*, team.*, bots.*: who is who."""

from __future__ import annotations

from tests.slack.server import payloads
from tests.slack.server.calls import Refused, Request, method
from tests.slack.server.model import Json, page


@method("api.test")
async def api_test(asked: Request) -> Json:
    if "error" in asked.args:
        raise Refused(asked.text("error"), args=asked.args)
    return {"args": asked.args}


@method("auth.test", kinds=("bot", "user", "app"))
async def auth_test(asked: Request) -> Json:
    if asked.token.kind == "app":
        return {"app_name": asked.slack.app.name, "app_id": asked.slack.app.id}
    workspace = asked.workspace
    if workspace.whole and "team_id" not in asked.args:
        return {
            "url": "https://globex.enterprise.slack.com/",
            "team": "Enterprise",
            "user": workspace.bot.name,
            "team_id": workspace.enterprise,
            "user_id": workspace.bot.id,
            "bot_id": workspace.bot_id,
            "enterprise_id": workspace.enterprise,
            "is_enterprise_install": True,
        }
    answer: Json = {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.domain.title(),
        "user": workspace.bot.name,
        "team_id": workspace.id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": workspace.whole,
    }
    return answer | ({"enterprise_id": workspace.enterprise} if workspace.enterprise else {})


@method("auth.teams.list")
async def auth_teams_list(asked: Request) -> Json:
    if asked.workspace.whole:
        inside = [one for one in asked.slack.workspaces.values() if one.whole and one.enterprise == asked.token.team]
    else:
        inside = [asked.workspace]
    limit = min(asked.number("limit", 100, 1000), asked.slack.page_size)
    some, cursor = page(inside, asked.text("cursor"), limit)
    teams = [{"id": one.id, "name": one.domain.title()} for one in some]
    return {"teams": teams, "response_metadata": {"next_cursor": cursor}}


@method("auth.revoke")
async def auth_revoke(asked: Request) -> Json:
    if asked.flag("test"):
        return {"revoked": False}
    asked.token.state = "token_revoked"
    return {"revoked": True}


@method("apps.connections.open", "connections:write", kinds=("app",))
async def connections_open(asked: Request) -> Json:
    ticket = asked.slack.sockets.ticket()
    return {"url": f"ws://{asked.slack.host}/link/?ticket={ticket}&app_id={asked.slack.app.id}"}


@method("users.info", "users:read", required=("user",))
async def users_info(asked: Request) -> Json:
    user = asked.workspace.users.get(asked.text("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": payloads.user(user, asked.workspace, locale=asked.flag("include_locale"))}


@method("users.list", "users:read")
async def users_list(asked: Request) -> Json:
    locale = asked.flag("include_locale")
    limit = min(asked.number("limit", 1000, 1000), asked.slack.page_size)
    some, cursor = page(list(asked.workspace.users.values()), asked.text("cursor"), limit)
    members = [payloads.user(user, asked.workspace, locale=locale) for user in some]
    return {"members": members, "cache_ts": 1, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", "usergroups:read")
async def groups_list(asked: Request) -> Json:
    with_users, with_count = asked.flag("include_users"), asked.flag("include_count")
    shown = []
    for group in asked.workspace.groups.values():
        if group.disabled and not asked.flag("include_disabled"):
            continue
        one = payloads.group(asked.workspace, group, int(asked.slack.now().timestamp()))
        if not with_users:
            del one["users"]
        if not with_count:
            del one["user_count"]
        shown.append(one)
    return {"usergroups": shown}


@method("usergroups.users.list", "usergroups:read", required=("usergroup",))
async def groups_users(asked: Request) -> Json:
    group = asked.workspace.groups.get(asked.text("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    if group.disabled and not asked.flag("include_disabled"):
        raise Refused("subteam_disabled")
    return {"users": list(group.users)}


@method("team.info", "team:read")
async def team_info(asked: Request) -> Json:
    workspace = asked.workspace
    team: Json = {
        "id": workspace.id,
        "name": workspace.domain.title(),
        "domain": workspace.domain,
        "email_domain": "",
        "url": f"https://{workspace.domain}.slack.com/",
    }
    if workspace.enterprise:
        team |= {"enterprise_id": workspace.enterprise, "enterprise_name": "Enterprise"}
    return {"team": team}


@method("bots.info", "users:read")
async def bots_info(asked: Request) -> Json:
    if asked.text("bot", asked.workspace.bot_id) != asked.workspace.bot_id:
        raise Refused("bot_not_found")
    shown = payloads.bot_profile(asked.slack.app, asked.workspace)
    del shown["team_id"]
    return {"bot": shown | {"user_id": asked.workspace.bot.id}}
