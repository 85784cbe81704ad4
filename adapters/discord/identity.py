"""Who we are: asked once, before anything else, whether or not we connect afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import discord

from adapters.discord.client import Client
from adapters.discord.refusals import refusal
from adapters.discord.rest import Answered, Rest, broken
from bot.errors import ChatError


@dataclass(frozen=True, slots=True)
class Us:
    """`me` is the bot's user, `flags` those of the application:
    https://docs.discord.com/developers/resources/application#application-object-application-flags"""

    me: str
    application: str
    name: str
    flags: int


class Identity:
    def __init__(self, client: Client, rest: Rest, token: str) -> None:
        self._client = client
        self._rest = rest
        self._token = token
        self._us: Us | None = None
        self._opened = False
        self._asking = asyncio.Lock()

    async def get(self) -> Us:
        """Raises as `Rest.ask`; `Unauthorised` when the token is no good."""
        if self._us is None:
            async with self._asking:
                self._us = self._us or await self._ask()
        return self._us

    async def _ask(self) -> Us:
        user = await self._log_in()
        application = await self._rest.ask("/oauth2/applications/@me")
        return Us(
            str(user["id"]), str(application["id"]), str(user.get("username", "")), int(application.get("flags") or 0)
        )

    async def _log_in(self) -> dict[str, object]:
        """Opens the library's session the first time: it would leave one behind with every further attempt."""
        http = self._client.http
        if self._opened:
            return dict(await self._rest.ask("/users/@me"))
        await self._client._async_setup_hook()  # what `async with client` does, but closing
        self._opened = True
        try:
            return dict(await http.static_login(self._token))
        except discord.LoginFailure:
            raise refusal(401, 0, "401: Unauthorized") from None
        except Answered as answered:
            raise self._remembered(answered.error) from None
        except discord.HTTPException as error:
            raise self._remembered(refusal(error.status, error.code, error.text)) from None
        except (OSError, TimeoutError, discord.DiscordException) as error:
            raise self._remembered(broken(error)) from error

    def _remembered(self, error: ChatError) -> ChatError:
        # The library forgets a token whose first request failed.
        self._client.http.token = self._token
        return error
