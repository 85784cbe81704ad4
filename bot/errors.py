"""The errors of the core.

VigieError
 ├─ ConfigError         the configuration is wrong; the text names the key and the valid choices
 ├─ StoreError          the database cannot be used as it is; the text says what to do
 │   ├─ StoreUnavailable   it cannot be reached: nothing was committed, try again
 │   └─ Conflict           somebody else changed the row meanwhile: nothing was committed, judge again
 ├─ ExportError         a file is not the export that it should be
 └─ ChatError           what an adapter raises, and nothing else
     ├─ Unavailable     try again later; `sent` tells whether the message may have got out
     ├─ RateLimited     the platform asks to wait `retry_after` seconds; nothing was done
     ├─ Forbidden       this place is closed to us until an admin changes something
     ├─ Gone            this place or message does not exist any more
     ├─ Unauthorised    the whole community refuses us: token revoked, bot removed
     └─ Rejected        our request is malformed: a bug of ours, never to be repeated
"""

from __future__ import annotations

from enum import StrEnum


class VigieError(Exception):
    """Anything that the command line shows as one clear sentence, without a traceback."""


class ConfigError(VigieError):
    pass


class StoreError(VigieError):
    pass


class StoreUnavailable(StoreError):
    pass


class Conflict(StoreError):
    pass


class ExportError(VigieError):
    pass


class ChatError(VigieError):
    """`reason` is the platform's own code (`is_archived`, `50013`), `fix` what an admin should do about it.

    `words` says what the code means, for a platform whose codes say nothing. Both it and `fix` are texts of the
    catalogue (`bot.texts.later`) without parameters: they are translated where they are shown, long after this process
    may have ended. What varies, such as a missing scope's name, stands in `reason`.
    """

    def __init__(self, message: str, *, reason: str = "", fix: str = "", words: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.fix = fix
        self.words = words


class Sent(StrEnum):
    NO = "no"
    MAYBE = "maybe"


class Unavailable(ChatError):
    def __init__(self, message: str, *, sent: Sent = Sent.MAYBE, reason: str = "") -> None:
        super().__init__(message, reason=reason)
        self.sent = sent


class RateLimited(ChatError):
    """`everywhere` when the limit is the token's, not only this channel's."""

    def __init__(self, message: str, *, retry_after: float, everywhere: bool = False) -> None:
        super().__init__(message, reason="rate_limited")
        self.retry_after = retry_after
        self.everywhere = everywhere


class Forbidden(ChatError):
    pass


class Gone(ChatError):
    pass


class Unauthorised(ChatError):
    pass


class Rejected(ChatError):
    pass
