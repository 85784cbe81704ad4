"""The limits of a message, a modal and a command that Discord enforces and its OpenAPI document does not tell.

Lengths are in code points. Sources: the reference pages of messages, embeds, components and application commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.discord.wire.permissions import Json

COMPONENTS_V2 = 1 << 15
CONTENT = 2000
EMBED = {"title": 256, "description": 4096}
EMBEDS, EMBED_FIELDS, ALL_EMBEDS = 10, 25, 6000
ROWS, ROW_BUTTONS, OPTIONS = 5, 5, 25
V2_COMPONENTS, V2_TEXT = 40, 4000
BUTTON_LABEL, CUSTOM_ID = 80, 100
NONCE = 25

ACTION_ROW, BUTTON, SELECT, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 2, 3, 4, 10, 18
ROOTS = (ACTION_ROW, 9, TEXT_DISPLAY, 12, 13, 14, 17)

Wrong = dict[str, str]


def message(body: Json, *, new: bool) -> Wrong:
    """What is wrong with a message, by the path of the value; `new`: it is not an edit."""
    wrong: Wrong = {}
    flags = body.get("flags") or 0
    if flags & COMPONENTS_V2:
        if body.get("content") or body.get("embeds"):
            wrong["content"] = "not with components v2"
        _components_v2(body.get("components") or [], wrong)
    else:
        _at_most(body.get("content") or "", CONTENT, "content", wrong)
        _embeds(body.get("embeds") or [], wrong)
        _rows(body.get("components") or [], wrong)
    custom_ids = [part["custom_id"] for part in parts(body.get("components") or []) if part.get("custom_id")]
    if len(custom_ids) != len(set(custom_ids)):
        wrong["components"] = "Component custom id cannot be duplicated"
    if new and len(str(body.get("nonce") or "")) > NONCE:
        wrong["nonce"] = f"Must be {NONCE} or fewer in length."
    _allowed_mentions(body.get("allowed_mentions") or {}, wrong)
    return wrong


def modal(data: Json) -> Wrong:
    wrong: Wrong = {}
    _at_most(data.get("title") or "", 45, "title", wrong, least=1)
    _at_most(data.get("custom_id") or "", CUSTOM_ID, "custom_id", wrong, least=1)
    components = data.get("components") or []
    if not 1 <= len(components) <= 5:
        wrong["components"] = "Must be between 1 and 5 in length."
    for index, component in enumerate(components):
        path = f"components.{index}"
        if component.get("type") not in (ACTION_ROW, TEXT_DISPLAY, LABEL):
            wrong[path] = "no component of a modal"
        if component.get("type") == LABEL:
            _at_most(component.get("label") or "", 45, f"{path}.label", wrong, least=1)
            _at_most(component.get("description") or "", 100, f"{path}.description", wrong)
    for part in parts(components):
        if part.get("type") == TEXT_INPUT:
            _at_most(part.get("label") or "", 45, "components.label", wrong)
            _at_most(part.get("placeholder") or "", 100, "components.placeholder", wrong)
            _at_most(part.get("value") or "", part.get("max_length") or 4000, "components.value", wrong)
        _part(part, "components", wrong)
    return wrong


def commands(listed: list[Json]) -> Wrong:
    wrong: Wrong = {}
    if sum(each.get("type", 1) == 1 for each in listed) > 100 or sum(each.get("type", 1) == 3 for each in listed) > 15:
        wrong["commands"] = "too many"
    names = [(each.get("type", 1), each["name"]) for each in listed]
    if len(names) != len(set(names)):
        wrong["commands"] = "Application command names must be unique"
    for each in listed:
        slash = each.get("type", 1) == 1
        _named(each, each["name"], wrong, lower=slash, described=slash)
    return wrong


def _named(command: Json, path: str, wrong: Wrong, *, lower: bool, described: bool) -> None:
    names = [command["name"], *(command.get("name_localizations") or {}).values()]
    for name in names:
        _at_most(name, 32, f"{path}.name", wrong, least=1)
        if lower and (name != name.lower() or not all(char.isalnum() or char in "-_'" for char in name)):
            wrong[f"{path}.name"] = "no name of a command"
    told = [command.get("description") or "", *(command.get("description_localizations") or {}).values()]
    for text in told:
        _at_most(text, 100 if described else 0, f"{path}.description", wrong, least=1 if described else 0)
    options = command.get("options") or []
    _at_most(options, 25, f"{path}.options", wrong)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        wrong[f"{path}.options"] = "Required options must be placed before non-required options"
    for option in options:
        _named(option, f"{path}.{option['name']}", wrong, lower=True, described=True)


def parts(components: list[Json]) -> Iterator[Json]:
    """Every component, however deep."""
    for component in components:
        yield component
        inner = list(component.get("components") or ())
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        yield from parts(inner)


def _embeds(embeds: list[Json], wrong: Wrong) -> None:
    _at_most(embeds, EMBEDS, "embeds", wrong)
    total = 0
    for index, embed in enumerate(embeds):
        path = f"embeds.{index}"
        for key, limit in EMBED.items():
            _at_most(embed.get(key) or "", limit, f"{path}.{key}", wrong)
        footer, author = (embed.get("footer") or {}).get("text") or "", (embed.get("author") or {}).get("name") or ""
        _at_most(footer, 2048, f"{path}.footer.text", wrong)
        _at_most(author, 256, f"{path}.author.name", wrong)
        fields = embed.get("fields") or []
        _at_most(fields, EMBED_FIELDS, f"{path}.fields", wrong)
        for number, each in enumerate(fields):
            _at_most(each.get("name") or "", 256, f"{path}.fields.{number}.name", wrong, least=1)
            _at_most(each.get("value") or "", 1024, f"{path}.fields.{number}.value", wrong, least=1)
            total += len(each.get("name") or "") + len(each.get("value") or "")
        total += sum(len(embed.get(key) or "") for key in EMBED) + len(footer) + len(author)
    if total > ALL_EMBEDS:
        wrong["embeds"] = "Embed size exceeds maximum size of 6000"


def _rows(components: list[Json], wrong: Wrong) -> None:
    _at_most(components, ROWS, "components", wrong)
    for index, row in enumerate(components):
        if row.get("type") != ACTION_ROW:
            wrong[f"components.{index}.type"] = "only rows without components v2"
    for part in parts(components):
        _part(part, "components", wrong)


def _components_v2(components: list[Json], wrong: Wrong) -> None:
    every = list(parts(components))
    if len(every) > V2_COMPONENTS:
        wrong["components"] = f"Must be {V2_COMPONENTS} or fewer in total."
    if sum(len(part.get("content") or "") for part in every if part.get("type") == TEXT_DISPLAY) > V2_TEXT:
        wrong["components"] = "The total length of all text exceeds 4000"
    for index, component in enumerate(components):
        if component.get("type") not in ROOTS:
            wrong[f"components.{index}.type"] = "not at the top"
    for part in every:
        _part(part, "components", wrong)


def _part(part: Json, path: str, wrong: Wrong) -> None:
    kind = part.get("type")
    _at_most(part.get("custom_id") or "", CUSTOM_ID, f"{path}.custom_id", wrong)
    if kind == ACTION_ROW:
        _at_most(part.get("components") or [], ROW_BUTTONS, f"{path}.components", wrong, least=1)
    elif kind == BUTTON:
        _at_most(part.get("label") or "", BUTTON_LABEL, f"{path}.label", wrong)
        link = part.get("style") == 5
        if bool(part.get("url")) != link or bool(part.get("custom_id")) == link:
            wrong[f"{path}.style"] = "a link has an address, every other button a custom id"
        _at_most(part.get("url") or "", 512, f"{path}.url", wrong)
    elif kind == SELECT:
        options = part.get("options") or []
        _at_most(options, OPTIONS, f"{path}.options", wrong, least=1)
        for option in options:
            for key in ("label", "value"):
                _at_most(option.get(key) or "", 100, f"{path}.options.{key}", wrong, least=1)
            _at_most(option.get("description") or "", 100, f"{path}.options.description", wrong)
        _at_most(part.get("placeholder") or "", 150, f"{path}.placeholder", wrong)
    elif kind == TEXT_DISPLAY:
        _at_most(part.get("content") or "", V2_TEXT, f"{path}.content", wrong, least=1)
    elif kind == 9:
        _at_most(part.get("components") or [], 3, f"{path}.components", wrong, least=1)
        if not part.get("accessory"):
            wrong[f"{path}.accessory"] = "This field is required"


def _allowed_mentions(allowed: Json, wrong: Wrong) -> None:
    parse = allowed.get("parse") or []
    for kind in ("users", "roles"):
        _at_most(allowed.get(kind) or [], 100, f"allowed_mentions.{kind}", wrong)
        if allowed.get(kind) and kind in parse:
            wrong["allowed_mentions.parse"] = f"{kind} both parsed and listed"


def _at_most(value: str | list[Json], limit: int, path: str, wrong: Wrong, *, least: int = 0) -> None:
    if len(value) > limit:
        wrong[path] = f"Must be {limit} or fewer in length."
    elif len(value) < least:
        wrong[path] = "This field is required"
