from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading import Read, Refused

from bot.config import Config, load
from bot.config.reference import toml
from bot.errors import ConfigError
from tests.rights import run_weakly

# The file, and words that its error must hold.
BAD = {
    "typo": ('[mentions]\nchanel = "C1"', "config.toml:2: unknown key mentions.chanel: did you mean mentions.channel?"),
    "valid keys": ("[tips]\nwhen = 1", "unknown key tips.when: Valid keys: channel, at, days, catch_up"),
    "root key in a table": ('[tips]\nzone = "UTC"', "tips.zone: did you mean zone, which stands above every table?"),
    "table in a table": ("[mentions.team]\n", "did you mean [team], a table of its own?"),
    "key elsewhere": ('catch_up = "1h"', "did you mean tips.catch_up?"),
    "community for communities": ('[[community]]\nid = "slack:T01"', "did you mean communities?"),
    "zone": ('zone = "Europ/Paris"', 'zone: "Europ/Paris" is not an IANA time zone', "Europe/Paris"),
    "no zone": ('zone = ""', "zone: "),
    "the machine's zone": ('zone = "localtime"', 'zone: "localtime" is not an IANA time zone'),
    "no host": ('[http]\nhost = ""', "config.toml:2: http.host: is empty", "0.0.0.0"),
    "time": ('[tips]\nat = "25:00"', 'tips.at: "25:00" is not a time of day', "from 00:00 to 23:59"),
    "day": ('[tips]\ndays = ["monday", "fryday"]', 'tips.days: "fryday" is not a day of the week'),
    "no day": ("[tips]\ndays = []", "tips.days: no day of the week"),
    "overlap": ('hours = ["mon-fri 09:00-18:00", "fri 17:00-19:00"]', "hours: ", "overlaps 09:00-18:00 on fri"),
    "backwards": ('hours = ["mon 18:00-09:00"]', "hours: ", "not after its beginning"),
    "no hours": ("hours = []", "hours: working hours are empty"),
    "negative duration": ('[mentions]\nclaim = "-2h"', 'mentions.claim: "-2h" is not a duration', "30m"),
    "no unit": ("[mentions]\nhold = 30", 'mentions.hold: 30 has no unit; write it in quotes with one, such as "30m"'),
    "fraction": ("[mentions]\nhold = 1.5", "mentions.hold: the number 1.5 is not expected here; write text in quotes"),
    "no number": ("[mentions]\ndigest = nan", "mentions.digest: the number nan is not a whole number"),
    "instant": ("[tips]\nat = 2026-01-01T09:00:00Z", "tips.at: a date or a time is not expected here"),
    "instant for a date": (
        "[holidays]\ndates = [2026-01-01T09:00:00Z]",
        "holidays.dates: a date or a time is not a date",
    ),
    "zero": ('[mentions]\nclaim = "0s"', "mentions.claim: must be longer than zero"),
    "mode": ('[mentions]\nmode = "ping"', "is not one of pings, questions, everything; did you mean pings?"),
    "watched mode": ('[mentions]\nchannel = "C9"\nwatch = { C1 = "all" }', "mentions.watch: ", "pings, questions"),
    "language": ('language = "de"', 'language: "de" is not one of en, fr'),
    "outsiders": ('[mentions]\noutsiders = "block"', "is not one of ignore, hold, count"),
    "number": ("[mentions]\ndigest = 1", "mentions.digest: the number 1 is not a whole number from 2 to 1000"),
    "truth": ("[mentions]\ndigest = true", "mentions.digest: true or false is not a whole number"),
    "name, no id": ('[tips]\nchannel = "#general"', "tips.channel: ", "is not an id", "Copy ID", "View details"),
    "one, no list": (
        "[team]\nmembers = 3",
        'team.members: the number 3 is not expected here; write a list, such as ["',
    ),
    "country": ('[holidays]\ncountry = "Frence"', "holidays.country: ", "FR"),
    "subdivision": ('[holidays]\ncountry = "FR"\nsubdivision = "XX"', "config.toml:3: holidays.subdivision: ", "FR"),
    "no country": ('[holidays]\nsubdivision = "57"', "holidays.subdivision: ", "needs a country"),
    "date": ('[holidays]\ndates = ["2026-02-30"]', 'holidays.dates: "2026-02-30" is not a date', "2027-05-14"),
    "ladder back": (
        '[[mentions.ladder]]\nafter="2h"\nto="channel"\n[[mentions.ladder]]\nafter="1h"\nto="channel"',
        "mentions.ladder: step 2 (1h) must come later than step 1 (2h)",
    ),
    "ladder equal": (
        '[[mentions.ladder]]\nafter="60m"\nto="channel"\n[[mentions.ladder]]\nafter="1h"\nto="channel"',
        "mentions.ladder: step 2 (1h) must come later than step 1 (1h)",
    ),
    "target": (
        '[[mentions.ladder]]\nafter="1h"\nto="boss"',
        'config.toml:3: mentions.ladder[1].to: "boss" is not one of channel, on_duty, lead',
    ),
    "half a step": ('[[mentions.ladder]]\nafter="1h"', 'mentions.ladder[1].to: is missing; write for example to = "'),
    "no ladder tables": ('[mentions]\nladder = "1h"', "is a list of tables; write [[mentions.ladder]]"),
    "nobody on duty": ('[[mentions.ladder]]\nafter="1h"\nto="on_duty"', "mentions.ladder[1].to", "team.on_duty is not"),
    "no lead": ('[[mentions.ladder]]\nafter="1h"\nto="lead"', "mentions.ladder[1].to", "team.lead is not set"),
    "no place for nudges": ('[mentions]\nwatch = ["C1"]', "mentions.channel: is missing: channels are watched"),
    "nobody told": ('[mentions]\nchannel = "C9"\nwatch = ["C1"]\nladder = []', "mentions.ladder: is empty"),
    "community": ('[[communities]]\nid = "T0123"', "communities[T0123].id: ", "such as slack:T0123"),
    "community's platform": ('[[communities]]\nid = "salck:T01"', '"salck" is not one of', "did you mean slack?"),
    "community's id": ('[[communities]]\nid = "discord:Acme"', "one looks like discord:123456789012345678"),
    "no id": ('[[communities]]\nlanguage = "fr"', 'communities[1].id: is missing; write for example id = "slack:T'),
    "twice": (
        '[[communities]]\nid = "slack:T01"\n[[communities]]\nid = "slack:T01"',
        'config.toml:4: communities[slack:T01].id: "slack:T01" has a table already',
    ),
    "misplaced": (
        '[[communities]]\nid = "slack:T01"\n[communities.log]\nlevel = "info"',
        "communities[slack:T01].log: belongs to the whole bot",
    ),
    "in a community": (
        '[[communities]]\nid = "slack:T01"\n[communities.tips]\nat = "24:30"',
        "config.toml:4: communities[slack:T01].tips.at: ",
    ),
    "community contradicts": (
        '[[communities]]\nid = "slack:T01"\nmentions.watch = ["C1"]',
        "communities[slack:T01].mentions.channel: is missing",
    ),
    "no community tables": ("communities = 3", "communities: is a list of tables; write [[communities]]"),
    "no table": ('tips = "yes"', "tips: is a table; write [tips] on a line of its own"),
    "command": ('[commands]\ntip = "/tip"', 'commands.tip: "/tip" is not a command name', "and no slash"),
    "same commands": ('[commands]\ntip = "mentions"', "commands.mentions: ", "two commands need two names"),
    "port": ("[http]\nport = 70000", "http.port: the number 70000 is not a whole number from 0 to 65535"),
    "address": ('[slack]\napi_url = "slack.com"', "slack.api_url: is not an address that begins with https://"),
    "database": ('[database]\nurl = "mysql://host/db"', "database.url: is not a database address", "sqlite:///FILE"),
    "two databases": (
        '[database]\nurl = "sqlite:///a.db"\nurl_file = "b"',
        "database.url_file: is set beside database.url",
    ),
    "retention": ("[database]\nretention_days = 0", "database.retention_days: the number 0 is not"),
    "tips": ('own_tips = "nowhere"', "own_tips: there is no directory", "nowhere"),
    "tips under a long name": (f'own_tips = "{"x" * 300}"', "own_tips: ", "cannot be used: File name too long"),
    "nobody's home": ('own_tips = "~nobody-we-know/tips"', "own_tips: there is no home directory for ~nobody-we-know"),
    "nobody's database": (
        '[database]\nurl = "sqlite:///~nobody-we-know/v.db"',
        "database.url: there is no home directory",
    ),
    "secret under a long name": (f'[discord]\ntoken_file = "{"x" * 300}"', "token_file: ", "File name too long"),
    "log": ('[log]\nlevel = "verbose"', "is not one of debug, info, warning, error"),
    "syntax": ("language = fr", "config.toml:1: this is not valid TOML: ", "column 12", "text stands in quotes"),
    "twice the same key": (
        'zone = "UTC"\nzone = "UTC"',
        "config.toml:2: this is not valid TOML: ",
        "this key stands twice",
    ),
    "too deep": ("zone = " + "[" * 100_000, "this is not valid TOML"),
    "too long to be written": ("zone = 0x" + "f" * 10_000, "this is not valid TOML: a number is too long"),
    "too long": ("zone = " + "9" * 10_000, "this is not valid TOML: a number is too long"),
}

JARGON = (
    "Input should",
    "pydantic",
    "type=",
    "input_value",
    "Extra inputs",
    "Field required",
    "NoneType",
    "Value error",
)


@pytest.mark.parametrize(("text", "words"), [(bad[0], bad[1:]) for bad in BAD.values()], ids=list(BAD))
def test_a_bad_configuration_is_told_in_words(text: str, words: tuple[str, ...], refused: Refused) -> None:
    """Each error is one line that names the file, the key, what is wrong and what would be right."""
    error = refused(text)
    for word in words:
        assert word in error
    assert not [word for word in JARGON if word in error]
    assert len(error.splitlines()) == 1


def test_every_problem_is_told_at_once(refused: Refused) -> None:
    """One start shows all there is to mend, in the order of the file, each once."""
    error = refused(
        """
        zone = "Mars"
        langage = "fr"
        own_tips = "nowhere"
        [tips]
        at = "25:00"
        [holidays]
        country = "XX"
        [database]
        url_file = "missing"
        [[communities]]
        id = "slack:T01"
        [communities.tips]
        days = ["never"]
        """,
        VIGIE_SLACK_APP_TOKEN="xapp-1-2",
        VIGIE_LOG__LEVEL="loud",
    )
    lines = error.splitlines()
    assert len(lines) == 9
    for word in (
        "Mars",
        "langage",
        "nowhere",
        "tips.at",
        "country",
        "url_file",
        "T01].tips.days",
        "BOT_TOKEN",
        "loud",
    ):
        assert sum(word in line for line in lines) == 1, word


def test_what_is_wrong_for_all_is_not_repeated_for_each(refused: Refused) -> None:
    """A community inherits a mistake, but it is told once."""
    text = 'zone = "Mars"\n[[communities]]\nid = "slack:T01"\n[[communities]]\nid = "slack:T02"'
    assert len(refused(text).splitlines()) == 1


def test_a_mistake_in_the_environment_names_the_variable(refused: Refused) -> None:
    """So that nobody looks for it in the file; a variable that is almost one of ours is a mistake too."""
    assert "environment, VIGIE_TIPS__AT: tips.at: " in refused("", VIGIE_TIPS__AT="noon")
    assert "VIGIE_ZONES: did you mean VIGIE_ZONE?" in refused("", VIGIE_ZONES="UTC")
    assert "did you mean VIGIE_DATABASE__URL?" in refused("", VIGIE_DATABASE_URL="sqlite:///x")
    assert "did you mean VIGIE_SLACK_BOT_TOKEN?" in refused("", VIGIE_SLACK__BOT_TOKEN="xoxb-1")
    assert "no setting is called so" in refused("", VIGIE_X__Y="1")
    for name in ("VIGIE_MENTIONS__LADDER", "VIGIE_COMMUNITIES", "VIGIE_COMMUNITIES__0__ID"):
        assert f"environment: {name}: an array of tables has no form as a variable" in refused("", **{name: "1"})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A wrong file is an error of the same kind as a wrong value."""
    file = tmp_path / "config.toml"
    file.write_bytes(b"zone = '\xff'")
    with pytest.raises(ConfigError, match="not a UTF-8 text file"):
        load(file, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


@pytest.mark.parametrize("name", ["x" * 300, "~nobody-we-know/config.toml", "nothing\0at all"])
def test_a_file_that_cannot_be_looked_for(name: str) -> None:
    """Whichever way it is named, the error tells it and the reason, and is a ConfigError like any other."""
    for path, environ in ((Path(name), {}), (None, {"VIGIE_CONFIG": name})):
        with pytest.raises(ConfigError, match=r"File name too long|no home directory|not a valid path"):
            load(path, environ)


def test_a_file_in_a_folder_that_is_closed(tmp_path: Path) -> None:
    """Somebody who has no right there is told so, not that there is no file."""
    code = """
        import sys
        from pathlib import Path
        from bot.config import load
        from bot.errors import ConfigError
        closed = Path(sys.argv[1])
        (closed / "config.toml").touch()
        (closed.parent / "tips.toml").write_text(f'own_tips = "{closed}/tips"')
        closed.chmod(0)
        for file in (closed / "config.toml", closed.parent / "tips.toml"):
            try:
                load(file, {})
            except ConfigError as error:
                assert f"{closed}/" in str(error) and "Permission denied" in str(error), error
            else:
                raise AssertionError(file)
        closed.chmod(0o700)
    """
    (tmp_path / "closed").mkdir()
    run_weakly(code, tmp_path / "closed")


KEYS = st.sampled_from(
    "language zone hours own_tips holidays team tips mentions commands slack discord database log communities id "
    "country subdivision dates members roles admins lead on_duty channel at days catch_up watch mode keywords "
    "answer_reactions outsiders hold claim digest ladder after to tip url url_file retention_days format level port "
    "api_url bot_token_file token".split()
)
VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=12),
        st.dates(),
        st.sampled_from(["slack:T01", "UTC", "fr", "9h", "mon-fri", "2h", "channel", "lead", "C1", "FR", "always"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, st.text("ab.é\n", max_size=3)), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(data=st.dictionaries(KEYS, VALUES, max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(data={"mentions": {"ladder": [{"after": "1h"}, {"to": 3}, 4]}})
@example(data={"communities": [{"id": 3, "tips": 4}, {"id": ["slack:T01"]}]})
@example(data={"holidays": {"country": "XX", "subdivision": "57", "dates": {"x": 1}}, "commands": {"tip": "mentions"}})
def test_anything_gives_a_config_or_a_config_error(data: dict[str, object], read: Read) -> None:
    """No file, however odd, shows a traceback, a line break inside a line, or pydantic's words."""
    text = "\n".join(f"{key} = {toml(value)}" for key, value in data.items())
    error = ""
    try:
        assert isinstance(read(text), Config)
    except ConfigError as caught:
        error = str(caught) or "no words"
    assert all("config.toml" in line for line in error.splitlines())
    assert not [word for word in JARGON if word in error]
