"""Discord's refusals, by their JSON codes."""

from __future__ import annotations

from tests.discord.wire.permissions import Json

MESSAGES = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40058: (400, "Cannot send a message in a forum channel"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
}


class Refusal(Exception):
    """Raised by a route: answered as Discord does. `errors` maps the path of each wrong value to what is wrong."""

    def __init__(self, code: int, *, errors: dict[str, str] | None = None, status: int | None = None) -> None:
        known, self.message = MESSAGES.get(code, (status or 400, f"Error {code}"))
        super().__init__(f"{code} {self.message}")
        self.status = status or known
        self.code = code
        self.errors = errors or {}

    def body(self) -> Json:
        told: Json = {"message": self.message, "code": self.code}
        if self.errors:
            tree: Json = {}
            for path, wrong in self.errors.items():
                node = tree
                for step in path.split("."):
                    node = node.setdefault(step, {})
                node.setdefault("_errors", []).append({"code": "INVALID", "message": wrong})
            told["errors"] = tree
        return told
