"""A local chat in the browser: try the bot with no token, no account, no network."""
