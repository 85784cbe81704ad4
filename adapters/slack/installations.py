"""Who added the app to their workspace by "Add to Slack": kept in the database, with every token encrypted.

The tables are slack_sdk's own. It keeps tokens as they are, so a wrapper encrypts them on their way in (Fernet: the
first key encrypts, each decrypts, and at the start all is encrypted anew with the first, so that an old key can go).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, Row, String, Table, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ConfigError, StoreUnavailable
from bot.logger import get_logger

log = get_logger(__name__)

SECRETS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
)
"""The columns that must not be readable."""

WIDE = 2000
"""Characters of such a column: slack_sdk's 200 are too few for a long token that is encrypted."""

TRIES = 10
"""How often tables are made anew: each time another process was faster with one of the three, or with its index."""

STATE_LIVES = 600
"""Seconds that somebody has to press *Allow*."""

Kept = TypeVar("Kept", Bot, Installation)


class _Tables(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's tables, with room for what is encrypted."""

    @classmethod
    def build_installations_table(cls, metadata: MetaData, table_name: str) -> Table:
        return _widened(super().build_installations_table(metadata, table_name))

    @classmethod
    def build_bots_table(cls, metadata: MetaData, table_name: str) -> Table:
        return _widened(super().build_bots_table(metadata, table_name))


class Installations(AsyncInstallationStore):
    """The installation store that bolt's OAuth flow uses, and ours for all that were made."""

    def __init__(self, database_url: str, client_id: str, keys: Sequence[str]) -> None:
        """Raises `ConfigError` when a key is none."""
        self._vault = _vault(keys)
        self.engine: AsyncEngine = create_async_engine(_address(database_url))
        self.states = AsyncSQLAlchemyOAuthStateStore(STATE_LIVES, self.engine)
        self._tables = _Tables(client_id, self.engine)
        self._client_id = client_id
        self._opening = asyncio.Lock()
        self._open = False

    @property
    def logger(self) -> logging.Logger:
        return self._tables.logger

    async def open(self) -> None:
        """Make the tables where they are missing; encrypt anew what an older key had encrypted. Done once.

        As everything here, `StoreUnavailable` when the database cannot be reached.
        """
        async with self._opening:
            if self._open:
                return
            with _reaching():
                for tables in (self._tables, self.states):
                    await _make(tables)
                await self._renew()
            self._open = True

    async def close(self) -> None:
        await self.engine.dispose()

    async def all(self) -> list[Bot]:
        """The latest of each workspace or organisation; one whose token no key opens is left out."""
        table = self._tables.bots
        where = select(table.c.enterprise_id, table.c.team_id).where(table.c.client_id == self._client_id).distinct()
        with _reaching():
            async with self.engine.connect() as connection:
                pairs = (await connection.execute(where)).all()
        found = [await self.async_find_bot(enterprise_id=pair[0], team_id=pair[1]) for pair in pairs]
        return [bot for bot in found if bot is not None]

    # slack_sdk's interface

    async def async_save(self, installation: Installation) -> None:
        with _reaching():
            await self._tables.async_save(self._closed(installation))

    async def async_save_bot(self, bot: Bot) -> None:
        with _reaching():
            await self._tables.async_save_bot(self._closed(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        with _reaching():
            found = await self._tables.async_find_bot(
                enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
            )
        return self._opened(found)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        with _reaching():
            found = await self._tables.async_find_installation(
                enterprise_id=enterprise_id,
                team_id=team_id,
                user_id=user_id,
                is_enterprise_install=is_enterprise_install,
            )
        return self._opened(found)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        with _reaching():
            await self._tables.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        with _reaching():
            await self._tables.async_delete_installation(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)

    # encryption

    def _closed(self, kept: Kept) -> Kept:
        closed = copy(kept)
        for name in SECRETS:
            if value := getattr(closed, name, None):
                setattr(closed, name, self._vault.encrypt(value.encode()).decode())
        return closed

    def _opened(self, kept: Kept | None) -> Kept | None:
        """None where no key opens it: that workspace has to add the app again."""
        if kept is None:
            return None
        opened = copy(kept)
        for name in SECRETS:
            if value := getattr(opened, name, None):
                try:
                    setattr(opened, name, self._vault.decrypt(value.encode()).decode())
                except InvalidToken:
                    log.error("no key opens the token of a workspace", team=kept.team_id, app=kept.app_id)  # noqa: TRY400  # no traceback near a token
                    return None
        return opened

    async def _renew(self) -> None:
        async with self.engine.begin() as connection:
            for table in (self._tables.bots, self._tables.installations):
                for row in (await connection.execute(select(table))).all():
                    renewed = self._renewed(row)
                    if renewed:
                        await connection.execute(table.update().where(table.c.id == row.id).values(**renewed))

    def _renewed(self, row: Row[tuple[object, ...]]) -> dict[str, str]:
        renewed: dict[str, str] = {}
        for name in SECRETS:
            value = row._mapping.get(name)
            if value:
                try:
                    renewed[name] = self._vault.rotate(str(value).encode()).decode()
                except InvalidToken:
                    return {}
        return renewed


async def _make(tables: _Tables | AsyncSQLAlchemyOAuthStateStore) -> None:
    """Make what is missing, though another process may be making the same at this moment."""
    for left in reversed(range(TRIES)):
        try:
            await tables.create_tables()  # type: ignore[no-untyped-call]
        except DBAPIError as error:
            if not left or "already exists" not in str(error.orig):
                raise
        else:
            return


@contextmanager
def _reaching() -> Iterator[None]:
    """What a database that is away raises becomes the core's error; the statement stays out of its text."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailable(f"the installations cannot be reached: {type(error).__name__}") from None


def _vault(keys: Sequence[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ConfigError(
            "a key that encrypts Slack's tokens is 32 bytes in url-safe base64; make one with "
            '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`'
        ) from error


def _widened(table: Table) -> Table:
    for name in SECRETS:
        if name in table.c:
            table.c[name].type = String(WIDE)
    return table


def _address(database_url: str) -> str:
    """The address with a driver that works in an event loop."""
    url = make_url(database_url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    return url.set(drivername=drivers.get(url.drivername, url.drivername)).render_as_string(hide_password=False)
