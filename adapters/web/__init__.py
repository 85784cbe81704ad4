"""What the bot answers over HTTP to whoever operates it, and to platforms that call it."""
