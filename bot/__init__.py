"""Vigie, a lookout for online communities: the core, which knows no chat platform, no SQL and no web framework."""

__version__ = "0.1.0"
