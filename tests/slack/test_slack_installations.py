""" "Add to Slack": state, installation, encryption at rest, rotation of keys, and what an uninstall leaves behind."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientResponse, ClientSession
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import text

from adapters.slack.chat import SlackApp
from adapters.slack.installations import Installations
from adapters.slack.manifest import BOT_SCOPES
from bot.errors import ConfigError, StoreUnavailable, Unauthorised
from bot.events import CommandInvoked, CommunityLost, Connected, MessagePosted, Private
from bot.post import Post
from bot.settings import MentionSettings, Mode, Settings
from tests.postgres import Postgres
from tests.slack.connecting import Ear, FakeKeeper, app, chat_of, community, place, running, serving
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until

# slack_sdk 3.47 asks for the token with a class that aiohttp 3.14 wants replaced before its version 4.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

KEY, OLD_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SETTINGS = Settings(mentions=MentionSettings(watch={"C0SUPPORT": Mode.PINGS}))
PUBLIC = "https://vigie.example.org"


def everything_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/vigie.db"


def oauth(slack: Slack, tmp_path: Path, *keys: str) -> SlackApp:
    """The app as configured for "Add to Slack", with no token of its own."""
    return app(
        slack,
        mode="http",
        client_id=slack.app.client_id,
        client_secret=slack.app.client_secret,
        public_url=PUBLIC,
        database_url=database(tmp_path),
        encryption_keys=keys or (KEY,),
    )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield database(tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.url(name)


async def tokens_in(url: str) -> list[str]:
    """What stands in the database as the token of each installation."""
    store = Installations(url, "client", (KEY,))
    async with store.engine.connect() as connection:
        found = (await connection.execute(text("select bot_token from slack_bots"))).scalars().all()
    await store.close()
    return list(found)


@dataclass
class Admin:
    """A browser before our pages. `cookies` are sent as the browser would over https."""

    url: str
    http: ClientSession
    cookie: str = ""
    state: str = ""
    authorize: str = ""

    async def opens_install(self) -> ClientResponse:
        answer = await self.http.get(f"{self.url}/slack/install")
        if answer.status == 200:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
            page = unescape(await answer.text())
            [self.authorize] = re.findall(r'href="([^"]*/oauth/v2/authorize[^"]*)"', page)
            self.state = parse_qs(urlsplit(self.authorize).query)["state"][0]
        return answer

    async def comes_back(self, **query: str) -> ClientResponse:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        return await self.http.get(f"{self.url}/slack/oauth_redirect", params=query, headers=headers)


@asynccontextmanager
async def at_the_door(slack: Slack, configured: SlackApp) -> AsyncIterator[tuple[Admin, Ear]]:
    keeper = FakeKeeper()
    chat = chat_of(configured, SETTINGS, keeper)
    async with serving(chat, slack) as url, running(chat, connected=0) as line, ClientSession() as http:
        await until(lambda: keeper.held, "the lease")
        yield Admin(url, http), line.ear


async def add(slack: Slack, admin: Admin, town: Town) -> ClientResponse:
    """An admin of that workspace adds the app."""
    await admin.opens_install()
    return await admin.comes_back(code=slack.code(town.workspace), state=admin.state)


async def test_an_admin_adds_the_app_and_is_served_at_once(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """From the button to the first event without a restart."""
    support = acme.channel("support")
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        answer = await add(slack, admin, acme)
        assert answer.status == 200
        assert (await ear.hears(Connected)).community == community(acme)
        await acme.person("ada").says(support, "hello")
        assert (await ear.hears(MessagePosted)).message.text == "hello"


async def test_the_page_asks_for_what_we_need_and_leads_back_to_us(slack: Slack, tmp_path: Path) -> None:
    """The address of Slack's page names our scopes and our own address, and a state."""
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, _):
        await admin.opens_install()
    asked = parse_qs(urlsplit(admin.authorize).query)
    assert admin.authorize.startswith(f"{slack.address}/oauth/v2/authorize?")
    assert set(asked["scope"][0].split(",")) == set(BOT_SCOPES)
    assert asked["redirect_uri"] == [f"{PUBLIC}/slack/oauth_redirect"]
    assert asked["state"] == [admin.state]


async def test_nobody_is_added_by_a_link_from_somebody_else(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """Without the state of this very browser, used for the first time, nothing is installed."""
    code = slack.code(acme.workspace)
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        await admin.opens_install()
        cookie, state = admin.cookie, admin.state
        admin.cookie = ""
        assert (await admin.comes_back(code=code, state=state)).status >= 400
        admin.cookie = cookie
        assert (await admin.comes_back(code=code, state="made-up")).status >= 400
        await admin.comes_back(error="access_denied", state=state)
        assert ear.of(Connected) == []
        assert (await admin.comes_back(code=code, state=state)).status == 200
        assert (await admin.comes_back(code=code, state=state)).status >= 400


async def test_a_code_that_slack_does_not_know_installs_nothing(slack: Slack, tmp_path: Path) -> None:
    """The browser is told so, and nothing is kept."""
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        await admin.opens_install()
        assert (await admin.comes_back(code="made-up", state=admin.state)).status >= 400
        assert ear.of(Connected) == []


async def test_an_installation_outlives_the_process(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """After a restart the workspace is served without anybody doing anything."""
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, _):
        await add(slack, admin, acme)
    chat = chat_of(oauth(slack, tmp_path), SETTINGS)
    async with running(chat) as line:
        assert (await line.ear.hears(Connected)).community == community(acme)
        await chat.post(place(acme, acme.channel("support")), Post("hello"), "k")


async def test_another_process_serves_what_it_did_not_let_in(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """A copy that was running already finds the workspace in the database."""
    support = acme.channel("support")
    async with at_the_door(slack, oauth(slack, tmp_path)) as (_, holder):
        url = slack.telling.events_url
        async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, _):
            await add(slack, admin, acme)
        slack.telling.events_url = url
        assert (await holder.hears(Connected)).community == community(acme)
        await acme.person("ada").says(support, "hello")
        assert (await holder.hears(MessagePosted)).message.text == "hello"


async def test_several_workspaces_and_organisations(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """Each is a community of its own, one of an Enterprise Grid under its organisation."""
    grid = slack.workspace("grid", enterprise="E0BIG")
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        for town in (acme, grid):
            await add(slack, admin, town)
        await ear.hears(Connected, 2)
    assert [event.community.id for event in ear.of(Connected)] == ["T0ACME", "E0BIG:T0GRID"]


async def test_an_organisation_adds_the_app_as_a_whole(slack: Slack, tmp_path: Path) -> None:
    """Each of its workspaces is served, now and after a restart; the organisation itself is no community."""
    north, south = slack.organisation("E0GLOBEX", "north", "south")
    support = south.channel("support")
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        assert (await add(slack, admin, north)).status == 200
        await ear.hears(Connected, 2)
        await south.person("ada").says(support, "hello")
        assert (await ear.hears(MessagePosted)).message.ref.place == place(south, support)
    assert {event.community for event in ear.of(Connected)} == {community(north), community(south)}
    async with running(chat_of(oauth(slack, tmp_path), SETTINGS), connected=2) as line:
        assert {event.community for event in line.ear.of(Connected)} == {community(north), community(south)}


async def test_no_token_can_be_read_in_the_database(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """Neither in the file nor beside it."""
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, _):
        await add(slack, admin, acme)
    tokens = [token.value.encode() for token in slack.tokens.values()]
    files = everything_in(tmp_path)
    assert any(b"slack_bots" in content for content in files)
    assert not any(token in content for token in tokens for content in files)


async def test_an_uninstall_leaves_nothing(slack: Slack, acme: Town, tmp_path: Path) -> None:
    """The core is told, and the installation is gone from the database."""
    async with at_the_door(slack, oauth(slack, tmp_path)) as (admin, ear):
        await add(slack, admin, acme)
        await ear.hears(Connected)
        acme.granted = max(slack.tokens.values(), key=lambda token: token.value if token.team == acme.id else "")
        await acme.uninstalls()
        assert (await ear.hears(CommunityLost)).community == community(acme)
        await slack.quiet()
    with closing(sqlite3.connect(tmp_path / "vigie.db")) as connection:
        for table in ("slack_bots", "slack_installations"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    chat = chat_of(oauth(slack, tmp_path), SETTINGS)
    with pytest.raises(Unauthorised):
        await chat.post(place(acme, acme.channel("support")), Post("hello"), "k")
    await chat.close()


async def test_from_the_button_to_the_uninstall(slack: Slack, acme: Town, url: str, tmp_path: Path) -> None:
    """On either database: added, served, kept unreadable, served on after a change of keys, and gone when removed."""
    support, new = acme.channel("support"), Fernet.generate_key().decode()
    configured = replace(oauth(slack, tmp_path), database_url=url)
    async with at_the_door(slack, configured) as (admin, ear):
        ear.answers[CommandInvoked] = Private(Post("Here you are"))
        assert (await add(slack, admin, acme)).status == 200
        await ear.hears(Connected)
        told = await acme.person("ada").types(support, "/tip")
        assert (await until(lambda: told.responses, "an answer"))[0]["response_type"] == "ephemeral"
    [kept] = await tokens_in(url)
    assert "xoxb" not in kept
    for keys in ((new, KEY), (new,)):
        async with at_the_door(slack, replace(configured, encryption_keys=keys)) as (_, ear):
            assert (await ear.hears(Connected)).community == community(acme)
            if keys == (new,):
                acme.granted = max(
                    slack.tokens.values(), key=lambda token: token.value if token.team == acme.id else ""
                )
                await acme.uninstalls()
                await ear.hears(CommunityLost)
                await slack.quiet()
    assert await tokens_in(url) == []


async def test_two_copies_begin_at_the_same_moment(url: str) -> None:
    """Both make the tables of an empty database, neither stumbles over the other, and both can use them."""
    stores = [Installations(url, "client", (KEY,)) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    await stores[0].async_save(made())
    assert [[bot.bot_token for bot in await store.all()] for store in stores] == [["xoxb-secret"]] * 4
    for store in stores:
        await store.close()


def made(**changes: str) -> Installation:
    about = {"app_id": "A0VIGIE", "team_id": "T0ACME", "user_id": "U0OWNER", "bot_token": "xoxb-secret", "bot_id": "B1"}
    return Installation(**{**about, **changes})  # type: ignore[arg-type]  # names and texts


async def test_keys_rotate(tmp_path: Path) -> None:
    """A new key first: what the old one encrypted is read, and encrypted anew, so that the old key can go."""
    for keys in ((OLD_KEY,), (KEY, OLD_KEY), (KEY,)):
        store = Installations(database(tmp_path), "client", keys)
        await store.open()
        if keys == (OLD_KEY,):
            await store.async_save(made())
        assert [bot.bot_token for bot in await store.all()] == ["xoxb-secret"]
        await store.close()


async def test_a_token_that_no_key_opens_is_no_installation(tmp_path: Path) -> None:
    """A lost key costs those workspaces their installation, and stops nothing else."""
    store = Installations(database(tmp_path), "client", (OLD_KEY,))
    await store.open()
    await store.async_save(made())
    await store.close()
    store = Installations(database(tmp_path), "client", (KEY,))
    await store.open()
    await store.async_save(made(team_id="T0OTHER", bot_token="xoxb-other"))
    assert [bot.bot_token for bot in await store.all()] == ["xoxb-other"]
    await store.close()


async def test_a_long_token_fits(tmp_path: Path) -> None:
    """A token that Slack rotates is three times as long, and half as long again when encrypted."""
    store = Installations(database(tmp_path), "client", (KEY,))
    await store.open()
    await store.async_save(made(bot_token="xoxe.xoxb-1-" + "x" * 400))
    found = await store.async_find_installation(enterprise_id=None, team_id="T0ACME")
    assert found is not None
    assert len(found.bot_token or "") == 412
    await store.close()


def test_a_key_that_is_none_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """The error says how to make one."""
    with pytest.raises(ConfigError, match="generate_key"):
        Installations(database(tmp_path), "client", ("secret",))


async def test_a_database_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    """The core's own error."""
    store = Installations(f"sqlite:///{tmp_path}/nowhere/vigie.db", "client", (KEY,))
    with pytest.raises(StoreUnavailable):
        await store.open()
    await store.close()
    # aiosqlite's thread has a last word for the event loop, which must still be there to hear it.
    await until(lambda: not any("_connection_worker" in thread.name for thread in threading.enumerate()), "its end")


def test_nothing_of_the_app_is_shown() -> None:
    """A log or a traceback that shows the configuration shows no secret."""
    shown = repr(
        SlackApp(
            bot_tokens=("xoxb-1",),
            app_token="xapp-1",
            signing_secret="sign-1",
            client_secret="client-1",
            database_url="postgresql://vigie:pass-1@db/vigie",
            encryption_keys=("key-1",),
        )
    )
    assert not any(secret in shown for secret in ("xoxb-1", "xapp-1", "sign-1", "client-1", "pass-1", "key-1"))
