"""Bodies held against Discord's own OpenAPI document, but for the known quirks of discord.py.

The document lies beside the repository; without it nothing is held against it.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.discord.wire.permissions import Json

DOCUMENT = Path(__file__).parents[3].parent / "shared" / "specs" / "discord-openapi.json"
SNOWFLAKES = ("message_id", "channel_id", "guild_id", "recipient_id")


class Schema:
    """`wrong_request` and `wrong_response` list what a body has that the document does not allow."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._registry: Registry[Any] = Registry().with_resource(
            "urn:d", Resource.from_contents(document, default_specification=DRAFT202012)
        )
        routes = [
            (re.compile("^" + re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path)) + "$"), path.count("{"), path, item)
            for path, item in document["paths"].items()
        ]
        self._routes = sorted(routes, key=lambda route: route[1])
        self._validators: dict[str, Draft202012Validator] = {}
        self._sound: set[tuple[str, str]] = set()

    @classmethod
    @cache
    def load(cls) -> Schema | None:
        """None where the document does not lie beside the repository."""
        return cls(json.loads(DOCUMENT.read_text())) if DOCUMENT.exists() else None

    def wrong_request(self, method: str, path: str, body: Any) -> list[str]:
        found = self._operation(method, path)
        if found is None:
            return [f"{method} {path}: no such route"]
        name, operation = found
        if body is None:
            return []
        content = (operation.get("requestBody") or {}).get("content", {})
        told: Json = content.get("application/json") or next(iter(content.values()), {})
        if "schema" not in told:
            return [f"{name}: a body where none is documented"]
        body = forgiven(body)
        return self._wrong(f"{name} request", told["schema"], body) + [
            f"{name} request: unknown key {key}" for key in self._unknown(told["schema"], body)
        ]

    def wrong_response(self, method: str, path: str, status: int, body: Any) -> list[str]:
        found = self._operation(method, path)
        if found is None or body is None:
            return []
        name, operation = found
        told = operation["responses"].get(str(status)) or {}
        if "$ref" in told:
            told = self._document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        schema = told.get("content", {}).get("application/json", {}).get("schema")
        seen = name, json.dumps(_shape(body), sort_keys=True)
        if not schema or seen in self._sound:
            return []
        if wrong := self._wrong(f"{name} response", schema, body):
            return wrong
        self._sound.add(seen)
        return []

    def wrong(self, name: str, value: Any) -> list[str]:
        """What the schema of that name does not allow of a value."""
        return self._wrong(name, {"$ref": f"#/components/schemas/{name}"}, value)

    def _operation(self, method: str, path: str) -> tuple[str, Json] | None:
        for pattern, _, name, item in self._routes:
            if pattern.match(path) and method.lower() in item:
                return f"{method} {name}", item[method.lower()]
        return None

    def _wrong(self, name: str, schema: Json, body: Any) -> list[str]:
        if name not in self._validators:
            self._validators[name] = Draft202012Validator(_absolute(schema), registry=self._registry)
        errors = self._validators[name].iter_errors(body)
        return [f"{name}: {'/'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in errors]

    def _unknown(self, schema: Json, body: Any, path: str = "") -> list[str]:
        """Keys that no branch of the schema mentions: OpenAPI's objects are open, so typos would pass."""
        if isinstance(body, list):
            inner = {"anyOf": self._items(schema)}
            return [key for index, each in enumerate(body) for key in self._unknown(inner, each, f"{path}/{index}")]
        if not isinstance(body, dict):
            return []
        known, free = self._properties(schema)
        found = [] if free else [f"{path}/{key}" for key in body if key not in known]
        for key in body.keys() & known.keys():
            found += self._unknown({"anyOf": known[key]}, body[key], f"{path}/{key}")
        return found

    def _branches(self, schema: Json, seen: frozenset[str] = frozenset()) -> list[Json]:
        """The schema and all that it is made of."""
        if "$ref" in schema:
            name = schema["$ref"]
            if name in seen:
                return []
            target: Any = self._document
            for step in name.split("#/")[1].split("/"):
                target = target[step]
            return self._branches(target, seen | {name})
        found = [schema]
        for kind in ("oneOf", "anyOf", "allOf"):
            for each in schema.get(kind, ()):
                found += self._branches(each, seen)
        return found

    def _properties(self, schema: Json) -> tuple[dict[str, list[Json]], bool]:
        known: dict[str, list[Json]] = {}
        free = False
        for branch in self._branches(schema):
            more = branch.get("additionalProperties")
            free |= more is True or isinstance(more, dict)
            for key, value in branch.get("properties", {}).items():
                known.setdefault(key, []).append(value)
        return known, free

    def _items(self, schema: Json) -> list[Json]:
        return [branch["items"] for branch in self._branches(schema) if isinstance(branch.get("items"), dict)]


def _shape(part: Any) -> Any:
    """What the document can object to in an answer of this server: all but which snowflake, instant or text it is.

    What differs in these alone was found sound before, and holding it against the document again is most of a test.
    """
    if isinstance(part, dict):
        return {key: _shape(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_shape(each) for each in part]
    if isinstance(part, str):
        return "1" if part.isdigit() else re.sub(r"\d", "0", part) if len(part) < 40 else "text"
    return part


def _absolute(part: Any) -> Any:
    """References of a part of the document, seen from outside of it."""
    if isinstance(part, dict):
        return {
            key: "urn:d" + value if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in part.items()
        }
    return [_absolute(each) for each in part] if isinstance(part, list) else part


def forgiven(body: Any) -> Any:
    """A body without what discord.py is known to send differently than documented, and Discord takes all the same.

    Snowflakes as integers in message references, attachments and allowed mentions; `tts` on edits and callbacks; `nsfw`
    on commands; permissions as integers.
    """
    body = deepcopy(body)
    if isinstance(body, list):
        return [forgiven(each) for each in body]
    if not isinstance(body, dict):
        return body
    for key, value in body.items():
        if key in SNOWFLAKES and isinstance(value, int):
            body[key] = str(value)
        elif key == "attachments" and isinstance(value, list):
            body[key] = [{**each, "id": str(each["id"])} for each in value]
        elif key == "default_member_permissions" and isinstance(value, str):
            body[key] = int(value)
        elif key in ("users", "roles") and isinstance(value, list):
            body[key] = [str(each) if isinstance(each, int) else each for each in value]
        else:
            body[key] = forgiven(value)
    for quirk in ("tts", "nsfw"):
        body.pop(quirk, None)
    return body
