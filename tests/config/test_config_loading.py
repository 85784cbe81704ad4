from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from reading import Read

from bot.config import load
from bot.errors import ConfigError
from bot.holidays import Holidays
from bot.mentions.worktime import WorkingHours
from bot.model import Community
from bot.settings import LADDER, Mode, Outsiders, Settings, Step, Target, within_reach

HERE = Community.parse("slack:T01")
THERE = Community.parse("discord:42")


def test_an_empty_file_gives_the_defaults_of_settings(read: Read) -> None:
    """What `Settings()` says and what an empty file gives never drift apart, but for steps that reach nobody."""
    found, expected = read("").settings(HERE), Settings()
    assert found.mentions.ladder == ()
    for name in ("language", "zone", "holidays", "hours", "team", "tips"):
        assert getattr(found, name) == getattr(expected, name)
    for name in expected.mentions.__dataclass_fields__:
        if name != "ladder":
            assert getattr(found.mentions, name) == getattr(expected.mentions, name), name
    full = read('[team]\nlead = "U1"\non_duty = "S1"\n[mentions]\nchannel = "C1"')
    assert full.settings(HERE).mentions.ladder == expected.mentions.ladder == LADDER


def test_hours_left_out_follow_the_zone() -> None:
    """`Settings(zone=…)` alone works office hours there, minus the holidays."""
    paris, eve = ZoneInfo("Europe/Paris"), Holidays(None, None, [date(2026, 12, 24)])
    assert Settings(zone=paris, holidays=eve).hours == WorkingHours.parse("mon-fri 09:00-18:00", paris, eve)


def test_every_value_arrives_as_what_the_code_uses(read: Read) -> None:
    """Zones, times, days, durations, modes, ids and reactions are parsed once, here."""
    settings = read("""
        language = "fr"
        zone = "Europe/Paris"
        hours = ["mon-thu 9h-12h30", "mon-thu 13:30-18:00"]
        [holidays]
        country = "FR"
        dates = { 2026-12-24 = "Réveillon" }
        [team]
        members = ["U1", "U2"]
        roles = [123456789012345678]
        admins = ["U1"]
        lead = "U1"
        on_duty = "S1"
        [tips]
        channel = "C9"
        at = "9h30"
        days = ["lun-jeu"]
        catch_up = "0s"
        [mentions]
        channel = "C8"
        mode = "questions"
        watch = { C1 = "everything", C2 = "pings" }
        keywords = ["Acme", "acme"]
        answer_reactions = [":ok_hand::skin-tone-3:", "✔️"]
        outsiders = "hold"
        hold = "1h30"
        claim = "90m"
        digest = 7
        [[mentions.ladder]]
        after = "10m"
        to = "on_duty"
        [[mentions.ladder]]
        after = "1d"
        to = "lead"
    """).settings(HERE)
    assert (settings.language, settings.zone) == ("fr", ZoneInfo("Europe/Paris"))
    assert date(2026, 7, 14) in settings.holidays
    assert settings.holidays.name(date(2026, 12, 24), "fr") == "Réveillon"
    expected = WorkingHours.parse("mon-thu 9h-12h30, mon-thu 13:30-18:00", settings.zone, settings.holidays)
    assert settings.hours == expected
    assert settings.team.members == {"U1", "U2"}
    assert settings.team.roles == {"123456789012345678"}
    assert (settings.team.admins, settings.team.lead, settings.team.on_duty) == (("U1",), "U1", "S1")
    tips = settings.tips
    assert (tips.channel, tips.at, tips.days, tips.catch_up) == ("C9", time(9, 30), {0, 1, 2, 3}, timedelta())
    mentions = settings.mentions
    assert mentions.watch == {"C1": Mode.EVERYTHING, "C2": Mode.PINGS}
    assert mentions.keywords == ("acme",)
    assert mentions.answer_reactions == {"ok_hand", "✔"}
    assert mentions.outsiders is Outsiders.HOLD
    assert (mentions.hold, mentions.claim, mentions.digest) == (timedelta(minutes=90), timedelta(minutes=90), 7)
    assert mentions.ladder == (Step(timedelta(minutes=10), Target.ON_DUTY), Step(timedelta(days=1), Target.LEAD))


def test_a_list_of_channels_takes_the_default_mode(read: Read) -> None:
    """`watch = [...]` watches each in `mode`."""
    settings = read('[mentions]\nchannel = "C9"\nmode = "everything"\nwatch = ["C1", "C2"]').settings(HERE)
    assert settings.mentions.watch == {"C1": Mode.EVERYTHING, "C2": Mode.EVERYTHING}


def test_default_steps_that_reach_nobody_are_left_out() -> None:
    """The default ladder needs nothing to be configured."""
    team = Settings().team
    assert within_reach(LADDER, team, "C1") == LADDER[:1]
    assert within_reach(LADDER, team, None) == ()


def test_a_community_overrides_key_by_key(read: Read) -> None:
    """Tables are merged, lists are replaced, other communities see nothing of it, and asking twice costs nothing."""
    config = read("""
        zone = "Europe/Paris"
        [tips]
        at = "10:00"
        days = ["mon", "tue"]
        [mentions]
        channel = "C9"
        watch = { C1 = "questions" }
        [[communities]]
        id = "discord:42"
        language = "fr"
        [communities.tips]
        channel = "77"
        days = ["wed"]
        [communities.mentions.watch]
        88 = "everything"
    """)
    here, there = config.settings(HERE), config.settings(THERE)
    assert (here.language, here.tips.channel, here.tips.days) == ("en", None, {0, 1})
    assert (there.language, there.zone, there.tips.channel) == ("fr", ZoneInfo("Europe/Paris"), "77")
    assert (there.tips.at, there.tips.days) == (time(10), {2})
    assert there.mentions.watch == {"C1": Mode.QUESTIONS, "88": Mode.EVERYTHING}
    assert config.settings(THERE) is there
    assert list(config.overrides) == [THERE]


def test_targets_may_be_named_by_each_community(read: Read) -> None:
    """A ladder for all with a lead in each community is not a contradiction."""
    config = read("""
        [[mentions.ladder]]
        after = "1h"
        to = "lead"
        [[communities]]
        id = "slack:T01"
        team.lead = "U1"
    """)
    assert config.settings(HERE).mentions.ladder == (Step(timedelta(hours=1), Target.LEAD),)
    assert config.settings(THERE).mentions.ladder == ()


def test_the_environment_wins_over_the_file(read: Read) -> None:
    """`VIGIE_TABLE__KEY` says any plain setting; lists are written with commas; an empty variable says nothing."""
    config = read(
        'language = "fr"\n[tips]\nat = "10:00"',
        VIGIE_TIPS__AT="11:00",
        VIGIE_LANGUAGE="",
        VIGIE_TIPS__DAYS="mon, wed",
        VIGIE_MENTIONS__CHANNEL="C9",
        VIGIE_MENTIONS__WATCH="C1=questions, C2",
        VIGIE_MENTIONS__DIGEST="9",
        VIGIE_HOURS="mon-fri 08:00-12:00, mon-fri 13:00-17:00",
        VIGIE_LOG__FORMAT="json",
        VIGIE_PORT="tcp://10.0.0.1:80",
        PATH="/bin",
    )
    settings = config.settings(HERE)
    assert (settings.language, settings.tips.at, settings.tips.days) == ("fr", time(11), {0, 2})
    assert settings.mentions.watch == {"C1": Mode.QUESTIONS, "C2": Mode.PINGS}
    assert settings.mentions.digest == 9
    assert settings.hours == WorkingHours.parse("mon-fri 08:00-12:00, 13:00-17:00", settings.zone, settings.holidays)
    assert config.log.format == "json"


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path given, else VIGIE_CONFIG, else ./config.toml, else the user's directory; the first that is there."""
    monkeypatch.chdir(tmp_path)
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    with pytest.raises(ConfigError) as caught:
        load(None, {})
    assert "config.toml and " in str(caught.value)
    assert "vigie example > config.toml" in str(caught.value)
    names = ["home/vigie/config.toml", "config.toml", "named.toml", "given.toml"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    given, named = tmp_path / "given.toml", {"VIGIE_CONFIG": str(tmp_path / "named.toml")}
    assert load(given, named).path == given
    assert load(None, named).path == tmp_path / "named.toml"
    assert load(None, {}).path == Path("config.toml")
    with pytest.raises(ConfigError, match=r"elsewhere\.toml"):
        load(None, {"VIGIE_CONFIG": str(tmp_path / "elsewhere.toml")})


def test_paths_are_relative_to_the_file(read: Read, tmp_path: Path) -> None:
    """Whoever starts the bot may stand anywhere: it is the same database and the same tips."""
    (tmp_path / "tips").mkdir()
    config = read('own_tips = "tips"\n[database]\nurl = "sqlite:///data/vigie.db?timeout=5"')
    assert config.own_tips == tmp_path / "tips"
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path}/data/vigie.db?timeout=5"
    assert read('[database]\nurl = "sqlite:////srv/v.db"').database.url.get_secret_value() == "sqlite:////srv/v.db"
    memory = read("", VIGIE_DATABASE__URL="sqlite:///:memory:")
    assert memory.database.url.get_secret_value() == "sqlite:///:memory:"


def test_without_an_address_the_database_is_in_the_users_data(read: Read) -> None:
    """A first start needs no database to be set up."""
    url = read("[database]\nretention_days = 30").database
    assert url.url.get_secret_value().startswith("sqlite:////")
    assert url.url.get_secret_value().endswith("vigie.db")
    assert url.retention == timedelta(days=30)


def test_importing_the_configuration_is_light() -> None:
    """Neither the country's holidays nor a scheduler nor a database is imported for it, nor pydantic for settings."""
    import subprocess
    import sys

    heavy = "{'holidays', 'apscheduler', 'sqlalchemy', 'pydantic_settings', 'structlog', 'rich'}"
    script = f"import sys, bot.config; sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    script = "import sys, bot.settings; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
