"""The Slack app as it was configured: plain values, none of them ever shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

API_URL = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackApp:
    """`bot_tokens`: one for each workspace. `app_token` is needed in `socket` mode, `signing_secret` in `http`.

    For "Add to Slack", in `http` mode: `client_id` and `client_secret`; `public_url`, where Slack and browsers reach
    us; `database_url`, where installations are kept; `encryption_keys` (Fernet: the first encrypts, each decrypts).
    """

    mode: Literal["socket", "http"] = "socket"
    api_url: str = API_URL
    bot_tokens: tuple[str, ...] = field(default=(), repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    public_url: str = ""
    database_url: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def by_oauth(self) -> bool:
        """Whether workspaces may add the app themselves."""
        needed = (self.client_id, self.client_secret, self.public_url, self.database_url, self.encryption_keys)
        return self.mode == "http" and all(needed)

    @property
    def lease(self) -> str:
        """Under which name one process at a time holds the connection: the app's id, which its token tells.

        https://docs.slack.dev/authentication/tokens/#app-level (xapp-1-APP-…)
        """
        parts = self.app_token.split("-")
        if len(parts) > 3 and parts[0] == "xapp":
            return f"slack/{parts[2]}"
        secret = self.app_token or self.signing_secret
        return f"slack/{self.client_id or sha256(secret.encode()).hexdigest()[:12]}"
