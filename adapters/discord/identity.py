"""Who we are: asked once, before anything else, whether or not we connect afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import discord

from adapters.discord.client import Client
from adapters.discord.payloads import as_dict
from adapters.discord.refusals import refusal
from adapters.discord.rest import Answered, Rest, broken, refused
from bot.errors import ChatError


@dataclass(frozen=True, slots=True)
class Us:
    """`me` is the bot's user, `flags` those of the application, None where the server does not tell:
    https://docs.discord.com/developers/resources/application#application-object-application-flags"""

    me: str
    application: str
    name: str
    flags: int | None


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
        application = as_dict(await self._rest.ask_if_known("/oauth2/applications/@me", "/applications/@me"))
        me, flags = str(user["id"]), application.get("flags")
        # A bot has its application's id, but for the oldest ones.
        id_ = str(application.get("id") or me)
        return Us(me, id_, str(user.get("username", "")), flags if isinstance(flags, int) else None)

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
            raise self._remembered(refused(error)) from None
        except (OSError, TimeoutError, discord.DiscordException) as error:
            raise self._remembered(broken(error)) from error

    def _remembered(self, error: ChatError) -> ChatError:
        # The library forgets a token whose first request failed.
        self._client.http.token = self._token
        return error
