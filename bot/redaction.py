"""What a secret looks like, and how a text is shown without it. By shape, because a secret turns up anywhere."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"

SLACK_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9])(xox[a-z]|xapp|xwfp)[-.][A-Za-z0-9][A-Za-z0-9._-]*")
DISCORD_TOKEN: Final = re.compile(r"(?<![\w.-])(?:[\w-]{23,30}\.[\w-]{5,8}\.[\w-]{25,}|mfa\.[\w-]{40,})")
URL_PASSWORD: Final = re.compile(r"(://[^\s:/?#@\"']*:)[^\s\"'<>]+@")
URL_QUERY_PASSWORD: Final = re.compile(r"(?i)([?&](?:password|passwd|pwd|sslpassword)=)[^&\s\"'<>]+")
SECRET_KEY: Final = re.compile(
    r"(?i)(?:^|[_-])(?:tokens?|secrets?|password|passwd|authorization|cookie|api_?key|ticket)$"
)

_HEX_SECRET = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{32,}(?![0-9A-Za-z])")
_KEY = re.compile(r"(?<![\w-])[0-9A-Za-z_-]{43}=(?![\w=])")
"""Of `vigie key`: 32 random bytes in base 64."""

_SHAPES: Final = (
    (SLACK_TOKEN, rf"\1-{HIDDEN}"),
    (DISCORD_TOKEN, HIDDEN),
    (URL_PASSWORD, rf"\1{HIDDEN}@"),
    (URL_QUERY_PASSWORD, rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|bot)\s+(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(bearer)\s+[\w.~+/-]+=*"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)([?&](?:ticket|token|access_token|code|sig|signature)=)[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    # Whoever has one of these addresses can write in the place that it was made for.
    (re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com)(?:/|%2F|\\/)[^\s\"'<>]*"), rf"\1/{HIDDEN}"),
    (re.compile(r"(?i)(/(?:webhooks|interactions)/\d+/)[\w.-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\bv0=[0-9a-f]{40,}"), f"v0={HIDDEN}"),
)


def mask(text: str) -> str:
    """The text with every token, password and secret address in it replaced by `***`."""
    for shape, shown in _SHAPES:
        text = shape.sub(shown, text)
    return text


def mask_input(text: str) -> str:
    """As `mask`, for what somebody typed: also what a signing secret or an encryption key looks like."""
    return _KEY.sub(HIDDEN, _HEX_SECRET.sub(HIDDEN, mask(text)))
