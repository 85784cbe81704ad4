from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import Read, Refused

from bot.config import SlackConfig
from bot.config.reference import toml
from bot.errors import ConfigError

# Put together here, so that no tool that looks for leaked tokens takes these for real ones.
BOT = "-".join(["xoxb", "17653672481", "19874698323", "canaryCanaryCanaryCanary"])
APP = "-".join(["xapp", "1", "A111", "222", "canarycanarycanary"])
USER = "-".join(["xoxp", "17653672481", "canary"])
SIGNING = "8f742231b10e8888" + "abcd99yyyzzz85a5".replace("y", "0").replace("z", "1")
DISCORD = ".".join(["MTk4NjIyNDgzNDcxOTI1MjQ4", "Cl2FMQ", "ZnCjm1XVW7vRze4b7Cq4se7kKWs"])
ADDRESS = "postgresql://vigie:canary-canary@db/vigie"
CLIENT = "canary-canary-client-secret"
KEY, NEW_KEY = (f"canary-canary{'k' * 29}{number}=" for number in (1, 2))
PASSWORD = "Canary" + "4canary4Canary4canary"
CANARIES = (BOT, APP, USER, SIGNING, DISCORD, ADDRESS, KEY)


def leaks(shown: str, secret: str) -> bool:
    return secret in shown or "canary-canary" in shown or secret[-12:] in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'[slack]\nbot_token = "{BOT}"', ("config.toml:2: slack.bot_token: ", "VIGIE_SLACK_BOT_TOKEN", "_file")),
        (f'[http]\nport = "{APP}"', ("http.port: ", "VIGIE_SLACK_APP_TOKEN", "slack.app_token_file")),
        (f'[slack]\nsigning_secret = "{SIGNING}"', ("VIGIE_SLACK_SIGNING_SECRET", "slack.signing_secret_file")),
        (f'[slack]\nsigning_secret_file = "{SIGNING}"', ("write the path",)),
        (f'[discord]\ntoken_file = "{DISCORD}"', ("VIGIE_DISCORD_TOKEN", "discord.token_file")),
        (f'[discord]\npassword = "{SIGNING}"', ("discord.password", "environment")),
        (f'token = "{USER}"', ("no use for", "take it out; revoke it")),
        (f'[slack]\nencryption_keys = "{KEY}"', ("slack.encryption_keys: an encryption key", "VIGIE_SLACK_ENCR")),
        (f'[slack]\nencryption_keys = ["{KEY}", "{NEW_KEY}"]', ("VIGIE_SLACK_ENCRYPTION_KEYS", "_keys_file = ")),
        (f'[slack]\nencryption_keys_file = "{KEY}"', ("VIGIE_SLACK_ENCRYPTION_KEYS", "slack.encryption_keys_file = ")),
        (f'[slack]\nencryption_keys_file = "{NEW_KEY}, {KEY}"', ("VIGIE_SLACK_ENCRYPTION_KEYS",)),
        (f'[slack]\nencryption_key = "{KEY}"', ("VIGIE_SLACK_ENCRYPTION_KEYS",)),
        (f'[slack]\nclient_secret_file = "{PASSWORD}"', ("write the path",)),
        (f'[discord]\ntoken_file = "{SIGNING}{SIGNING}{SIGNING}"', ("write the path",)),
        (f'[database]\nurl_file = "{PASSWORD}"', ("write the path",)),
        (f'own_tips = "{KEY}"', ("own_tips: ", "VIGIE_SLACK_ENCRYPTION_KEYS")),
        (f'[tips]\n"{KEY}" = 1', ("unknown key",)),
        (f'zone = "{BOT}"', ("zone: ", "VIGIE_SLACK_BOT_TOKEN")),
        (f'[team]\nmembers = ["U1", "{BOT}"]', ("team.members[2]: ", "VIGIE_SLACK_BOT_TOKEN")),
        (f'[tips]\n"{BOT}" = 1', ("tips: ", "VIGIE_SLACK_BOT_TOKEN")),
        (f'zone = "UTC"\n# {BOT}\n', ("config.toml:2: ", "VIGIE_SLACK_BOT_TOKEN")),
        (
            f'[[communities]]\nid = "slack:T01"\nlanguage = "{DISCORD}"',
            ("[slack:T01].language: ", "VIGIE_DISCORD_TOKEN"),
        ),
        (f'[database]\nurl = "{ADDRESS}"', ("database.url: ", "VIGIE_DATABASE__URL", "database.url_file")),
        ('[database]\nurl = "postgresql://h/d?password=canary-canary"', ("VIGIE_DATABASE__URL",)),
        (f"zone = {BOT}", ("not valid TOML",)),
        (f'zone = "{SIGNING}"', ("zone: ", "is not an IANA time zone")),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(text: str, words: tuple[str, ...], refused: Refused) -> None:
    """Wherever it stands, the error tells where it belongs, and does not repeat it."""
    error = refused(text)
    for word in words:
        assert word in error
    assert not any(leaks(error, secret) for secret in (*CANARIES, PASSWORD))


def test_secrets_come_from_the_environment(read: Read) -> None:
    """And are shown neither by the configuration nor by any part of it."""
    config = read(
        "",
        VIGIE_SLACK_BOT_TOKEN=BOT,
        VIGIE_SLACK_APP_TOKEN=APP,
        VIGIE_DISCORD_TOKEN=DISCORD,
        VIGIE_DATABASE__URL=ADDRESS,
    )
    assert config.slack is not None
    assert [token.get_secret_value() for token in config.slack.bot_tokens] == [BOT]
    assert config.slack.app_token is not None
    assert config.slack.app_token.get_secret_value() == APP
    assert config.discord is not None
    assert config.discord.token.get_secret_value() == DISCORD
    assert config.database.url.get_secret_value() == ADDRESS
    assert not any(leaks(f"{config!r}{config}", secret) for secret in CANARIES)


def test_secrets_come_from_files(read: Read, tmp_path: Path) -> None:
    """Relative to the configuration, without their last line break; a variable wins; an empty one does not."""
    for name, content in (("bot", BOT), ("signing", SIGNING), ("discord", DISCORD), ("url", ADDRESS)):
        (tmp_path / name).write_text(f"{content}\n")
        (tmp_path / name).chmod(0o600)
    text = f"""
        [slack]
        mode = "http"
        bot_token_file = "bot"
        signing_secret_file = "{tmp_path}/signing"
        [discord]
        token_file = "discord"
        [database]
        url_file = "url"
    """
    config = read(text, VIGIE_DISCORD_TOKEN="")
    assert isinstance(config.slack, SlackConfig)
    assert [token.get_secret_value() for token in config.slack.bot_tokens] == [BOT]
    assert config.slack.signing_secret is not None
    assert config.slack.signing_secret.get_secret_value() == SIGNING
    assert config.discord is not None
    assert config.discord.token.get_secret_value() == DISCORD
    assert config.database.url.get_secret_value() == ADDRESS
    assert config.warnings == ()
    overridden = read(text, VIGIE_DATABASE__URL="postgresql://other/vigie", VIGIE_DISCORD_TOKEN="other")
    assert overridden.database.url.get_secret_value() == "postgresql://other/vigie"
    assert overridden.discord is not None
    assert overridden.discord.token.get_secret_value() == "other"


def test_several_workspaces_have_a_token_each(read: Read, tmp_path: Path) -> None:
    """With commas in the variable, on lines of their own in the file; one that stands twice is one."""
    other = f"{BOT}2"
    said = read("", VIGIE_SLACK_BOT_TOKEN=f"{BOT}, {other},{BOT}", VIGIE_SLACK_APP_TOKEN=APP)
    (tmp_path / "bots").write_text(f"{BOT}\n{other}\n")
    (tmp_path / "bots").chmod(0o600)
    written = read('[slack]\nbot_token_file = "bots"', VIGIE_SLACK_APP_TOKEN=APP)
    for config in (said, written):
        assert config.slack is not None
        assert [token.get_secret_value() for token in config.slack.bot_tokens] == [BOT, other]


ADD_TO_SLACK = """
    [slack]
    mode = "http"
    client_id = "1.2"
    public_url = "https://vigie.example.org/"
"""
ADDED = {"VIGIE_SLACK_CLIENT_SECRET": CLIENT, "VIGIE_SLACK_SIGNING_SECRET": SIGNING}


def test_add_to_slack_needs_no_bot_token(read: Read) -> None:
    """Tokens come with each installation; the keys that they are stored under keep their order."""
    config = read(ADD_TO_SLACK, **ADDED, VIGIE_SLACK_ENCRYPTION_KEYS=f"{NEW_KEY},{KEY}")
    assert config.slack is not None
    assert config.slack.bot_tokens == ()
    assert config.slack.add_to_slack is not None
    assert [key.get_secret_value() for key in config.slack.add_to_slack.keys] == [NEW_KEY, KEY]
    assert not any(leaks(f"{config!r}{config}", secret) for secret in (CLIENT, KEY, SIGNING))


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        (ADD_TO_SLACK, ADDED, ("VIGIE_SLACK_ENCRYPTION_KEYS", "slack.encryption_keys_file")),
        (ADD_TO_SLACK, {**ADDED, "VIGIE_SLACK_ENCRYPTION_KEYS": CLIENT}, ("VIGIE_SLACK_ENCRYPTION_KEYS", "vigie key")),
        (ADD_TO_SLACK, {"VIGIE_SLACK_SIGNING_SECRET": SIGNING}, ("VIGIE_SLACK_CLIENT_SECRET",)),
        (ADD_TO_SLACK.replace("http", "socket", 1), ADDED, ("slack.client_id", 'slack.mode = "http"')),
        (ADD_TO_SLACK.replace("public_url", "# "), ADDED, ("slack.public_url",)),
        (f"[http]\nport = 0\n{ADD_TO_SLACK}", ADDED, ("http.port: is 0",)),
    ],
)
def test_add_to_slack_lacks_something(
    text: str, environ: dict[str, str], words: tuple[str, ...], refused: Refused
) -> None:
    """Whatever it is, the error names its key and where it comes from."""
    error = refused(text, **environ)
    for word in words:
        assert word in error
    assert not any(leaks(error, secret) for secret in (CLIENT, KEY, SIGNING))


def test_a_secret_file_that_does_not_serve(refused: Refused, tmp_path: Path) -> None:
    """Missing, empty, a directory, not a text, or the wrong thing: each is told, with the key."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "directory").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "app").write_text(APP)
    (tmp_path / "lines").write_text("one\ntwo\n")
    (tmp_path / "elsewhere").write_text("mysql://vigie:canary-canary@db/vigie")
    for file, words in (
        ("missing", "there is no file"),
        ("empty", "is empty"),
        ("directory", "is a directory"),
        ("binary", "is not a text file"),
        ("app", "holds a Slack app-level token where a Slack bot token is expected"),
        ("lines", "does not hold a Slack bot token"),
    ):
        error = refused(f'[slack]\nbot_token_file = "{file}"')
        assert "config.toml:2: slack.bot_token_file: " in error
        assert words in error
        assert not leaks(error, APP)
    error = refused('[database]\nurl_file = "elsewhere"')
    assert "is not a database address" in error
    assert "canary" not in error


def test_a_file_that_everybody_can_read_is_a_warning(read: Read, tmp_path: Path) -> None:
    """Mounted secrets often are, so it stops nothing."""
    (tmp_path / "token").write_text(DISCORD)
    (tmp_path / "token").chmod(0o644)
    (warning,) = read('[discord]\ntoken_file = "token"').warnings
    assert "chmod 600" in warning
    assert not leaks(warning, DISCORD)


def test_half_a_slack_app_is_refused(refused: Refused) -> None:
    """What is missing for the chosen mode is named, with where to put it."""
    assert "VIGIE_SLACK_APP_TOKEN" in refused("", VIGIE_SLACK_BOT_TOKEN=BOT)
    assert "VIGIE_SLACK_BOT_TOKEN" in refused("", VIGIE_SLACK_APP_TOKEN=APP)
    assert "VIGIE_SLACK_SIGNING_SECRET" in refused('[slack]\nmode = "http"', VIGIE_SLACK_BOT_TOKEN=BOT)
    swapped = refused("", VIGIE_SLACK_BOT_TOKEN=APP, VIGIE_SLACK_APP_TOKEN=BOT)
    assert "VIGIE_SLACK_BOT_TOKEN holds a Slack app-level token" in swapped
    assert not leaks(swapped, APP)


def test_a_token_in_the_wrong_variable_is_refused(refused: Refused) -> None:
    """A plain setting never holds a secret, whichever way it is said."""
    error = refused("", VIGIE_TIPS__CHANNEL=BOT)
    assert "does not belong in VIGIE_TIPS__CHANNEL; set VIGIE_SLACK_BOT_TOKEN" in error
    assert not leaks(error, BOT)


def test_a_secret_for_a_path_in_the_environment_is_refused(refused: Refused) -> None:
    """The variable that names a file is as easily mistaken as the key."""
    error = refused("", VIGIE_SLACK__ENCRYPTION_KEYS_FILE=KEY, VIGIE_DISCORD__TOKEN_FILE=PASSWORD)
    assert "an encryption key does not belong in VIGIE_SLACK__ENCRYPTION_KEYS_FILE" in error
    assert "VIGIE_DISCORD__TOKEN_FILE" in error
    assert not any(leaks(error, secret) for secret in (KEY, PASSWORD))


@pytest.mark.parametrize("name", ["/run/secrets/slack-2026", "secrets/SlackTokens4Workspace2", "./" + PASSWORD])
def test_a_path_is_no_secret(name: str, refused: Refused) -> None:
    """A file that is not there is named, so that a slip is seen."""
    error = refused(f'[discord]\ntoken_file = "{name}"')
    assert "discord.token_file: there is no file " in error
    assert error.endswith(str(Path(name)))


def test_nothing_hangs_on_to_the_file(read: Read) -> None:
    """A traceback of the error, and the errors that it came from, hold no secret either."""
    for text in (f'zone = "{BOT}"', f'zone = "UTC"\nzone = "{BOT}"', f"x = {BOT}"):
        with pytest.raises(ConfigError) as caught:
            read(text)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        assert not leaks("".join(traceback.format_exception(caught.value)), BOT)


KEYS = st.sampled_from(["zone", "hours", "tips", "team", "mentions", "watch", "communities", "id", "token", "x", "at"])


@given(
    value=st.recursive(
        st.sampled_from(CANARIES) | st.just("UTC"),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS | st.just(BOT), inner, max_size=3),
        max_leaves=6,
    ),
    key=KEYS,
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_error_repeats_a_secret(value: object, key: str, read: Read) -> None:
    """At any depth, as a value or as a key, under any name."""
    try:
        shown = repr(read(f"{key} = {toml(value)}"))
    except ConfigError as error:
        shown = f"{error}{error!r}"
    assert not any(leaks(shown, secret) for secret in CANARIES)
