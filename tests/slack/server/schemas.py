"""What was recorded, held against the shapes that Slack itself publishes; they are beside the repository, not in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack.server.journal import Call
from tests.slack.server.limits import complaints, view_complaints
from tests.slack.server.model import Json

SPECS = Path(__file__).parents[3].parent / "shared" / "specs"
SCHEMAS = SPECS / "slack-web-api.schemas.json"
SAMPLES = SPECS / "slack-samples"

WITHOUT_SCHEMA = {
    # Slack publishes no types for these arguments in the package that the schemas were made from.
    "usergroups.users.list": {"usergroup", "include_disabled"},
    "auth.revoke": {"test"},
    "oauth.v2.access": {"client_id", "client_secret", "code", "redirect_uri", "authorization"},
    "files.getUploadURLExternal": {"filename", "length", "alt_txt", "snippet_type"},
    "files.completeUploadExternal": {"files", "channel_id", "initial_comment", "thread_ts"},
    "files.info": {"file", "count", "page", "limit", "cursor"},
    "reactions.get": {"channel", "timestamp", "full"},
    "api.test": {"error", "foo"},
}

OPEN = {"values", "event_payload", "state"}
"""Keys under which anything may stand."""


def available() -> bool:
    return SCHEMAS.exists() and SAMPLES.exists()


def problems(calls: Iterable[Call]) -> list[str]:
    """What is wrong with these calls, each with its method. What a test sent wrong on purpose is to be left out."""
    return [f"{call.method}: {problem}" for call in calls for problem in _wrong(call.method, call.args)]


def _wrong(method: str, args: Json) -> Iterator[str]:
    # bolt's client for one request adds team_id to every call; a token may be in the header.
    given = {key: value for key, value in args.items() if key != "team_id"}
    if method in WITHOUT_SCHEMA:
        yield from (f"unknown argument {key}" for key in given.keys() - WITHOUT_SCHEMA[method])
        return
    if method not in _schemas():
        yield "no schema"
        return
    yield from _schema(method, given | {"token": "x"})
    blocks, view = given.get("blocks"), given.get("view")
    for block in blocks or (view or {}).get("blocks") or []:
        yield from _block(block)
    if blocks:
        yield from complaints(blocks, "message")
    if isinstance(view, dict):
        yield from view_complaints(view, view.get("type", ""))
        yield from _sdk(lambda: View(**view).validate_json())


def _schema(method: str, args: Json) -> Iterator[str]:
    for error in _validator(method).iter_errors(args):
        if not _from_a_form(error):
            yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _from_a_form(error: ValidationError) -> bool:
    """A number or a flag is text in a form. Of alternatives, one that has no other fault is enough."""
    if error.context:
        branches: dict[Any, bool] = {}
        for one in error.context:
            branch = one.schema_path[0]
            branches[branch] = branches.get(branch, True) and _from_a_form(one)
        return any(branches.values())
    words = isinstance(error.instance, str) and (error.instance.isdigit() or error.instance in ("true", "false"))
    return words and error.validator in ("type", "const", "enum")


def _block(block: Json) -> Iterator[str]:
    for error in _validator("#Block").iter_errors(block):
        branches = [one for one in error.context or [] if "const" not in str(one.validator)]
        deepest = max(branches, key=lambda one: len(one.absolute_path), default=error)
        yield f"block {block.get('type')}: {deepest.message[:200]}"

    def parsed() -> None:
        found = Block.parse(block)
        assert found is not None, "unknown type of block"
        found.validate_json()

    yield from _sdk(parsed)


def _sdk(check: Any) -> Iterator[str]:
    try:
        check()
    except Exception as error:  # noqa: BLE001  # whatever the SDK raises is what it complains of
        yield f"slack_sdk: {str(error)[:200]}"


@cache
def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMAS.read_text())
    return found


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator(_schemas()[name])


def sample(path: str) -> Json:
    """One of Slack's own payloads with its values blanked, such as `events/MessagePayload`."""
    found: Json = json.loads((SAMPLES / f"{path}.json").read_text())
    return found


def invented(sample: Any, payload: Any, at: str = "") -> list[str]:
    """Keys of a payload that the sample never has, and values of another type."""
    if isinstance(sample, dict) and isinstance(payload, dict):
        return _invented_keys(sample, payload, at)
    if isinstance(sample, list) and isinstance(payload, list):
        return [one for index, item in enumerate(payload) for one in _invented_item(sample, item, f"{at}/{index}")]
    if payload is None or sample is None or _type(sample) == _type(payload):
        return []
    return [f"{at} is {_type(payload)}, not {_type(sample)}"]


def _invented_keys(sample: Json, payload: Json, at: str) -> list[str]:
    if at.rpartition("/")[2] in OPEN:
        return []
    found = [f"unknown {at}/{key}" for key in payload.keys() - sample.keys()]
    shared = sorted(payload.keys() & sample.keys())
    return found + [one for key in shared for one in invented(sample[key], payload[key], f"{at}/{key}")]


def _invented_item(sample: list[Any], item: Any, at: str) -> list[str]:
    if not sample:
        return []
    if isinstance(item, dict) and "type" in item and all(isinstance(one, dict) and "type" in one for one in sample):
        # The samples hold no rich_text, which Slack sends with every message that a person types.
        same = [one for one in sample if one["type"] == item["type"]]
        return invented(same[0], item, at) if same else []
    return invented(sample[0], item, at)


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, (str, list, dict)):
        return type(value).__name__
    return "number"
