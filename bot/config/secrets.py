"""Secrets: refused where anybody might read them, fetched from the environment or from files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.config.problems import Loc, Problem
from bot.redaction import DISCORD_TOKEN, SECRET_KEY, SLACK_TOKEN, URL_PASSWORD, URL_QUERY_PASSWORD

_LARGEST = 64 * 1024
_FERNET_KEY = re.compile(r"[0-9A-Za-z_-]{43}=")
"""32 random bytes in URL-safe base 64: https://cryptography.io/en/latest/fernet/"""

_BARE_SECRET = re.compile(
    r"[0-9a-fA-F]{32,}"  # how Slack's signing and client secrets look
    r"|(?=.*[0-9])[0-9A-Za-z]{32,}"
    r"|(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[0-9A-Za-z_+=-]{20,}"
    r"|[0-9A-Za-z+/]{43}="  # a key whose base 64 is the other alphabet's
)
"""What a word looks like that nobody would call a file: without a folder before it and an ending, and not of words."""


@dataclass(frozen=True)
class Secret:
    """`prefix` is how it begins, as far as that is known, `meaning` what it is for.

    `several` may be given, separated by commas or white space.
    """

    what: str
    variable: str
    where: tuple[str, str]
    prefix: str
    meaning: str
    several: bool = False

    @property
    def advice(self) -> str:
        return f'set {self.variable}, or {".".join(self.where)} = "/path/to/a/file"'


SECRETS = (
    Secret(
        "a Slack bot token",
        "VIGIE_SLACK_BOT_TOKEN",
        ("slack", "bot_token_file"),
        "xoxb-",
        "The Slack app's bot token (`xoxb-…`), or several with commas, one for each workspace. Without one the bot "
        "does not connect to Slack, unless `slack.client_id` is set.",
        several=True,
    ),
    Secret(
        "a Slack app-level token",
        "VIGIE_SLACK_APP_TOKEN",
        ("slack", "app_token_file"),
        "xapp-",
        'The app-level token (`xapp-…`), needed for `slack.mode = "socket"`.',
    ),
    Secret(
        "a Slack signing secret",
        "VIGIE_SLACK_SIGNING_SECRET",
        ("slack", "signing_secret_file"),
        "",
        'The signing secret, needed for `slack.mode = "http"`.',
    ),
    Secret(
        "a Slack client secret",
        "VIGIE_SLACK_CLIENT_SECRET",
        ("slack", "client_secret_file"),
        "",
        "The app's client secret, needed for `slack.client_id`.",
    ),
    Secret(
        "an encryption key",
        "VIGIE_SLACK_ENCRYPTION_KEYS",
        ("slack", "encryption_keys_file"),
        "",
        "The keys under which tokens are stored, needed for `slack.client_id`: `vigie key` makes one. To change it, "
        "put the new one before the old one.",
        several=True,
    ),
    Secret(
        "a Discord bot token",
        "VIGIE_DISCORD_TOKEN",
        ("discord", "token_file"),
        "",
        "The Discord bot's token. Without it the bot does not connect to Discord.",
    ),
)
BOT, APP, SIGNING, CLIENT, KEYS, DISCORD = SECRETS


@dataclass(frozen=True)
class Found:
    """A secret where none should be: what it is and where it belongs. Its value is not in here."""

    what: str
    advice: str


_DATABASE = Found("an address with a password", 'set VIGIE_DATABASE__URL, or database.url_file = "/path/to/a/file"')
_OTHER = Found(
    "what looks like a secret", "secrets come from the environment or from files (see docs/configuration.md)"
)


_ITSELF = Found(
    "a secret itself instead of the path of a file", "write the path, with ./ before a file beside this one"
)


def secret_in(key: str, value: object) -> Found | None:
    """What kind of secret this is, by its shape or by the name of its key; None if it is none."""
    if isinstance(value, str) and (found := _by_shape(value)):
        return found
    known = next((secret for secret in SECRETS if key.casefold() == secret.where[1].removesuffix("_file")), None)
    if known and value and not isinstance(value, dict):
        return Found(known.what, known.advice)
    if not isinstance(value, str) or not value.strip():
        return None
    if URL_PASSWORD.search(value) or URL_QUERY_PASSWORD.search(value):
        return _DATABASE
    words = re.split(r"[\s,]+", value.strip())
    if any(map(_FERNET_KEY.fullmatch, words)):
        return Found(KEYS.what, KEYS.advice)
    if key.endswith("_file"):
        return _ITSELF if any(map(_BARE_SECRET.fullmatch, words)) else None
    return _OTHER if SECRET_KEY.search(key) else None


def _by_shape(value: str) -> Found | None:
    if (match := SLACK_TOKEN.search(value)) and len(match[0]) > len("xoxb-abcd"):
        known = next((secret for secret in (BOT, APP) if match[0].startswith(secret.prefix)), None)
        if known:
            return Found(known.what, known.advice)
        return Found("a Slack token of a kind that the bot has no use for", "revoke it")
    return Found(DISCORD.what, DISCORD.advice) if DISCORD_TOKEN.search(value) else None


def without_secrets(data: Any, where: Loc = ()) -> tuple[Any, list[Problem]]:
    """The data with every secret taken out, so that nothing later can quote one, and a problem for each."""
    problems: list[Problem] = []
    if isinstance(data, dict):
        kept: dict[str, Any] = {}
        for key, value in data.items():
            if found := _by_shape(key):
                problems.append(_refusal(where, found))
            elif found := secret_in(key, value):
                problems.append(_refusal((*where, key), found))
            else:
                kept[key], inner = without_secrets(value, (*where, key))
                problems += inner
        return kept, problems
    if isinstance(data, list):
        items: list[Any] = []
        for index, value in enumerate(data):
            if found := secret_in("", value):
                problems.append(_refusal((*where, index), found))
            else:
                item, inner = without_secrets(value, (*where, index))
                items.append(item)
                problems += inner
        return items, problems
    return data, problems


def lines_with_secrets(text: str, told: set[int]) -> Iterator[Problem]:
    """Tokens anywhere else in the file, such as in a comment; `told` are the lines already complained about."""
    for number, line in enumerate(text.split("\n"), start=1):
        if number not in told and (found := _by_shape(line)):
            yield _refusal((), found, number)


def _refusal(where: Loc, found: Found, line: int | None = None) -> Problem:
    text = f"{found.what} must not be in this file, which others may read: take it out; {found.advice}"
    return Problem(where, text, line=line)


def fetch(
    secret: Secret, file: Path | None, environ: Mapping[str, str]
) -> tuple[tuple[SecretStr, ...], list[Problem], list[str]]:
    """A secret from its variable, else from its file: none, one or several; problems; warnings, which stop nothing."""
    warnings: list[str] = []
    origin = Problem((), secret.variable, variable=True)
    value = environ.get(secret.variable, "").strip()
    if not value and file is not None:
        origin = Problem(secret.where, "this file")
        value, problem, warnings = read_secret_file(file)
        if problem:
            return (), [replace(origin, text=problem)], warnings
    values = (
        list(dict.fromkeys(filter(None, re.split(r"[\s,]+", value)))) if secret.several else [value] if value else []
    )
    wrong = dict.fromkeys(said for one in values if (said := _wrong(secret, one, origin.text)))
    # Still given back: what else is wrong can be told at the same time.
    return tuple(map(SecretStr, values)), [replace(origin, text=said) for said in wrong], warnings


def _wrong(secret: Secret, value: str, origin: str) -> str | None:
    if not value.isascii() or any(char.isspace() for char in value):
        return f"{origin} does not hold {secret.what}: there are spaces or special characters in it"
    if secret is KEYS and not _FERNET_KEY.fullmatch(value):
        return f"{origin} does not hold {secret.what}: `vigie key` makes one"
    if other := _of_another_kind(secret, value):
        return f"{origin} holds {other} where {secret.what} is expected"
    if secret.prefix not in value:
        return f"{origin} does not hold {secret.what}: those begin with {secret.prefix}"
    return None


def _of_another_kind(secret: Secret, value: str) -> str | None:
    token = SLACK_TOKEN.match(value)
    if token and secret.prefix and secret.prefix in value:
        return None
    if token:
        return next((s.what for s in (BOT, APP) if value.startswith(s.prefix)), "a Slack token of another kind")
    return DISCORD.what if secret is not DISCORD and DISCORD_TOKEN.match(value) else None


def read_secret_file(path: Path) -> tuple[str, str, list[str]]:
    """The content without surrounding white space; or what is wrong; and warnings."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LARGEST).decode().strip()
    except FileNotFoundError:
        return "", f"there is no file {path}", []
    except IsADirectoryError:
        return "", f"{path} is a directory, not a file", []
    except UnicodeDecodeError:
        return "", f"{path} is not a text file", []
    except (OSError, ValueError) as error:
        return "", f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not a valid path'}", []
    if not content:
        return "", f"{path} is empty", []
    open_to_all = os.name == "posix" and mode & stat.S_IROTH
    return (
        content,
        "",
        [f"{path} can be read by everybody on this machine; run: chmod 600 {path}"] if open_to_all else [],
    )
