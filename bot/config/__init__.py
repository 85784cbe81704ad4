"""One typed, validated configuration: a TOML file, with the environment above it.

`load` gives a `Config`, whose `settings(community)` is what the rest of the bot works with. `python -m bot.config`
writes the reference page, which is made from `schema`.
"""

from bot.config.assembly import AddToSlack, Config, DatabaseConfig, DiscordConfig, SlackConfig
from bot.config.loading import exists, load
from bot.config.reference import document

__all__ = ["AddToSlack", "Config", "DatabaseConfig", "DiscordConfig", "SlackConfig", "document", "exists", "load"]
