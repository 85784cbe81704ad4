"""The core's forms as Discord's modals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.asked import form_of
from adapters.discord.modals import modal
from bot.buttons import REASONS, SNOOZES
from bot.errors import Rejected
from bot.post import Form, Input, InputKind
from bot.texts import texts
from tests.discord.speaking import COMMUNITY, GUILD, NOW, Json, KnownGuild, interaction
from tests.discord.wire import limits
from tests.discord.wire.schema import Schema


def wrong(data: Json) -> list[str]:
    found = [f"{path}: {what}" for path, what in limits.modal(data).items()]
    if schema := Schema.load():
        found += schema.wrong_request("POST", "/interactions/1/t/callback", {"type": 9, "data": data})
    return found


def choice(labels: dict[str, str], language: str) -> Form:
    speak = texts(language)
    choices = tuple((key, speak.t(label)) for key, label in labels.items())
    field = Input("choice", speak.t("Until when?"), InputKind.CHOICE, choices, initial=next(iter(labels)))
    return Form("mention.snooze", speak.t("Snooze"), speak.t("Snooze"), (field,), "0" * 20 + "/8")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("labels", [SNOOZES, REASONS])
def test_a_choice_is_a_menu_in_its_label(labels: dict[str, str], language: str) -> None:
    """With what is usual chosen already, in the language of the person."""
    data = modal(choice(labels, language), COMMUNITY)
    assert wrong(data) == []
    assert data["custom_id"] == f"v1|{GUILD}|mention.snooze|00000000000000000000/8"
    menu = data["components"][0]["component"]
    assert [option["label"] for option in menu["options"]] == [texts(language).t(label) for label in labels.values()]
    assert [option["value"] for option in menu["options"] if option["default"]] == [next(iter(labels))]


def test_what_was_chosen_comes_back() -> None:
    """As Discord sends it: the custom ids of the modal and of the menu, and the values chosen."""
    data = modal(choice(SNOOZES, "en"), COMMUNITY)
    menu = data["components"][0]["component"]
    chosen = {"type": 3, "id": 2, "custom_id": menu["custom_id"], "values": ["day"]}
    sent = {"custom_id": data["custom_id"], "components": [{"type": 18, "id": 1, "component": chosen}]}
    submitted = form_of(interaction(5, sent), KnownGuild(), NOW)
    assert submitted is not None
    assert (submitted.form, submitted.value) == ("mention.snooze", "00000000000000000000/8")
    assert submitted.values == {"choice": "day"}


def test_a_text_is_asked_for_on_one_line() -> None:
    """With what it begins with."""
    data = modal(Form("f", "Title", "Send", (Input("why", "Why?", initial="Because"),)), COMMUNITY)
    assert wrong(data) == []
    assert data["components"][0]["component"]["value"] == "Because"


@given(st.builds(Form, st.just("f"), st.text(), st.text(), st.lists(
    st.builds(Input, st.just("a"), st.text() | st.text().map(lambda text: text * 50), initial=st.text()), max_size=1
).map(tuple)))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_texts_of_any_length_fit(form: Form) -> None:
    """Titles and labels are shortened visibly; a label that is cut stands in full beneath."""
    assert wrong(modal(form, COMMUNITY)) == []


@pytest.mark.parametrize(
    "form",
    [
        Form("f", "T", "S", (), "é" * 100),
        Form("f", "T", "S", (Input("a", "A", InputKind.CHOICE),)),
        Form("f", "T", "S", (Input("a", "A", InputKind.CHOICE, tuple((str(n), "x") for n in range(26))),)),
        Form("f", "T", "S", tuple(Input(str(n), "A") for n in range(6))),
    ],
)
def test_what_discord_cannot_show_is_a_bug_of_ours(form: Form) -> None:
    """And is said so, rather than shown in part."""
    with pytest.raises(Rejected):
        modal(form, COMMUNITY)
