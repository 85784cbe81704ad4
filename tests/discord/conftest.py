"""A Discord on loopback, and the library that tests and adapter share."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # discord.py imports audioop for voice, which we never use; CPython warns that 3.13 drops it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord  # noqa: F401
