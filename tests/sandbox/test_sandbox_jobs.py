"""The three jobs as a visitor sees them: over the WebSocket, with the real core and the real store."""

from __future__ import annotations

import pytest
from visiting import House, Page, every_button, opened, words

from adapters.sandbox.scene import demo_scene
from adapters.sandbox.transcript import name_of
from bot.ports import Store

QUESTION = "How do I reset my password?"


async def asked(page: Page) -> str:
    """Friday at nine, Ada asks something."""
    await page.does("clock", move="9:00")
    return await page.says("ada", "support", QUESTION)


async def nudged(page: Page) -> tuple[str, dict[str, object]]:
    """An hour later the team has been told."""
    question = await asked(page)
    await page.does("clock", move="1h")
    return question, page.posts("team")[-1]


@pytest.mark.parametrize(("language", "tip"), [("en", "Tip of the day"), ("fr", "Conseil du jour")])
async def test_the_tip_comes_at_nine_on_working_days(store: Store, language: str, tip: str) -> None:
    """Once a working day, at nine, in the language of the page; none comes during the weekend."""
    async with opened(store, demo_scene(), language) as house:
        page = await house.page()
        assert page.posts("team") == []
        await page.does("clock", move="9:00")
        (first,) = page.posts("team")
        assert first["post"]["title"].startswith(tip)
        assert first["local"].endswith("09:00")
        await page.does("clock", move="9:00")  # Saturday
        await page.does("clock", move="9:00")  # Sunday
        assert len(page.posts("team")) == 1
        await page.does("clock", move="monday")
        _, second = page.posts("team")
        assert second["post"]["title"] != first["post"]["title"]


@pytest.mark.parametrize(("language", "title"), [("en", "Shared"), ("fr", "Partagé")])
async def test_advice_is_for_whoever_asked_until_it_is_shared(store: Store, language: str, title: str) -> None:
    """A command is no message; its answer carries the person it is for; sharing it puts it into the channel."""
    async with opened(store, demo_scene(), language) as house:
        page = await house.page()
        reply = await page.types("malo", "general", "/tip engagement")
        assert reply["person"] == "malo"
        assert reply["channel"] == "general"
        assert not page.messages
        share = next(b for b in every_button(reply["private"]) if b["action"] == "tip.share")
        await page.press("malo", reply, share["label"])
        assert list(page.privates.values())[-1]["private"]["title"] == title
        (shared,) = page.posts("general")
        assert shared["post"]["title"] == reply["private"]["title"]


async def test_somebody_of_the_community_may_not_see_who_waits(house: House) -> None:
    """Who may do what is the core's to say: the sandbox adds nothing and leaves nothing out."""
    page = await house.page()
    assert (await page.types("ada", "general", "/mentions"))["private"]["title"] == "This is for the team"
    assert (await page.types("malo", "general", "/mentions"))["private"]["title"] == "Nobody is waiting"


@pytest.mark.parametrize(
    ("language", "waiting", "done"), [("en", "is waiting", "was answered"), ("fr", "attend", "a reçu")]
)
async def test_an_unanswered_question_is_told_once_and_the_nudge_follows_the_answer(
    store: Store, language: str, waiting: str, done: str
) -> None:
    """After half an hour the team is told, in #team; the answer changes that very message."""
    async with opened(store, demo_scene(), language) as house:
        page = await house.page()
        question, nudge = await nudged(page)
        assert waiting in nudge["post"]["title"]  # type: ignore[index]
        assert nudge["local"].endswith("09:30")  # type: ignore[attr-defined]
        assert QUESTION in words(nudge["post"]["body"])  # type: ignore[index]
        await page.says("malo", "support", "In the settings.", thread=question)
        (now,) = [m for m in page.posts("team") if m["id"] == nudge["id"]]
        assert done in now["post"]["title"]
        assert page.messages[question]["replies"] == 1
        await page.does("clock", move="monday")
        assert len([m for m in page.posts("team") if m["post"]["title"].endswith(done)]) <= 1
        assert page.panel["mentions"] == []


async def test_nothing_is_sent_during_the_weekend(house: House) -> None:
    """A question on Friday evening is told on Monday morning, after half an hour of working time."""
    page = await house.page()
    await asked(page)
    for _ in range(9):
        await page.does("clock", move="1h")  # Friday, 18:00
    await page.says("malo", "support", "In the settings, @Ada.")
    await page.says("karim", "support", "Where do I find my invoices?")
    before = len(page.posts("team"))
    for _ in range(2):
        await page.does("clock", move="9:00")  # Saturday, Sunday
        assert len(page.posts("team")) == before
    assert not page.clock["working"]
    assert page.clock["opens"] == "Monday 14 September, 09:00"
    assert page.panel["mentions"][0]["next"] == "#team, Monday 14 September, 09:30"
    await page.does("clock", move="monday")
    await page.does("clock", move="1h")
    tip, nudge = page.posts("team")[before:]
    assert tip["local"] == "Mon 09:00"
    assert nudge["local"] == "Mon 09:30"


async def test_the_ladder_ends_in_private_with_the_lead(house: House) -> None:
    """After two hours those on duty are called, after eight the lead is told in private: nobody else sees that."""
    page = await house.page()
    _, nudge = await nudged(page)
    await page.does("clock", move="1h")
    await page.does("clock", move="1h")
    reminder = page.posts("team")[-1]
    assert reminder["thread"] == nudge["id"]
    assert reminder["post"]["pings"] == ["@moderators"]
    assert page.messages[str(nudge["id"])]["replies"] == 1
    for _ in range(6):
        await page.does("clock", move="1h")
    (private,) = page.privates.values()
    assert private["person"] == "ines"
    assert private["channel"] == "@ines"
    await page.press("ines", private, "Claim")
    assert "is being answered" in page.privates[private["private_id"]]["private"]["title"]
    assert page.panel["mentions"][0]["state"] == "claimed"


async def test_the_buttons_of_a_nudge(house: House) -> None:
    """Claim changes the message at once; what was claimed can be given back; the form of Snooze puts it off."""
    page = await house.page()
    _, nudge = await nudged(page)
    await page.press("malo", nudge, "Claim")
    assert "is being answered" in page.messages[str(nudge["id"])]["post"]["title"]
    assert page.panel["mentions"][0]["next"].startswith("Malo answers")
    await page.press("ines", page.messages[str(nudge["id"])], "Give back")
    assert page.panel["mentions"][0]["state"] == "open"
    await page.press("malo", page.messages[str(nudge["id"])], "Snooze")
    shown = page.forms[-1]
    assert shown["person"] == "malo"
    field = shown["form"]["inputs"][0]
    assert (field["kind"], field["initial"]) == ("choice", "day")
    await page.does(
        "submit",
        person="malo",
        channel=shown["channel"],
        form=shown["form"]["id"],
        value=shown["form"]["value"],
        values={field["name"]: "1h"},
    )
    assert page.panel["mentions"][0]["state"] == "snoozed"
    assert list(page.privates.values())[-1]["person"] == "malo"
    assert "Snoozed until" in words(page.messages[str(nudge["id"])]["post"]["context"])


async def test_a_stranger_to_the_team_cannot_press_its_buttons(house: House) -> None:
    """Ada gets a polite refusal that she alone sees, and nothing changes."""
    page = await house.page()
    _, nudge = await nudged(page)
    await page.press("ada", nudge, "Done")
    assert list(page.privates.values())[-1]["private"]["title"] == "This is for the team"
    assert page.panel["mentions"][0]["state"] == "open"


async def test_a_private_reply_only_obeys_the_person_it_is_for(house: House) -> None:
    """Somebody else who presses its button is refused; paging through a list changes that very reply."""
    page = await house.page()
    await page.does("clock", move="9:00")
    for number in range(9):
        await page.says("ada", "support", f"How do I do thing {number}?")
        await page.does("clock", move="1h")
    listed = await page.types("malo", "team", "/mentions")
    refused = await page.ask(
        "press", person="ines", channel="team", action="mentions.page", value="8", private_id=listed["private_id"]
    )
    assert refused["error"] == "Only its author can do that."
    before = len(page.privates)
    await page.press("malo", listed, "Next")
    assert len(page.privates) == before
    after = page.privates[listed["private_id"]]
    assert after["private"]["items"] != listed["private"]["items"]


async def test_edits_deletions_and_reactions_reach_the_bot(house: House) -> None:
    """An edit that asks opens, a deletion closes, a moderator's check mark answers; each is shown."""
    page = await house.page()
    await page.does("clock", move="9:00")
    first = await page.says("ada", "general", "hello everybody, I was away for a while")
    await page.does("edit", person="ada", message=first, text="@moderators I was away for a while, is the site down?")
    assert page.messages[first]["edited"]
    assert [row["rule"] for row in page.panel["mentions"]] == ["called the team"]
    await page.does("delete", person="ada", message=first)
    assert first not in page.messages
    assert page.panel["mentions"] == []
    second = await page.says("karim", "support", QUESTION)
    await page.does("react", person="ada", message=second, emoji="✅", on=True)
    assert len(page.panel["mentions"]) == 1
    await page.does("react", person="malo", message=second, emoji="✅", on=True)
    assert page.panel["mentions"] == []
    assert page.messages[second]["reactions"] == [{"emoji": "✅", "shown": "✅", "members": ["ada", "malo"]}]
    await page.does("react", person="malo", message=second, emoji="✅", on=False)
    assert len(page.panel["mentions"]) == 1


async def test_the_other_bot_neither_asks_nor_answers(house: House) -> None:
    """Whatever a bot writes opens nothing and answers nobody."""
    page = await house.page()
    question = await asked(page)
    await page.says("forge", "support", "Did you try turning it off and on again?", thread=question)
    assert [row["asker"] for row in page.panel["mentions"]] == ["Ada"]


async def test_only_its_author_may_edit_and_only_the_team_may_delete_others(house: House) -> None:
    """As in a real chat: words are one's own, and moderators moderate."""
    page = await house.page()
    message = await page.says("ada", "general", "good morning")
    assert "error" in await page.ask("edit", person="malo", message=message, text="bad morning")
    assert "error" in await page.ask("delete", person="karim", message=message)
    await page.does("delete", person="malo", message=message)
    assert "error" in await page.ask("react", person="malo", message=message, emoji="✅", on=True)


async def test_why_knows_the_messages_by_their_address(house: House) -> None:
    """The address under which a browser opens a message is what `/mentions why` takes, short or long."""
    page = await house.page()
    question = await asked(page)
    for address in (f"{house.address}/#/{question}", f"#/{question}"):
        reply = await page.types("malo", "team", f"/mentions why {address}")
        assert "asks a question" in words(reply["private"]["body"])
    strange = await page.types("malo", "team", "/mentions why https://elsewhere.example/#/support/1")
    assert strange["private"]["title"] == "Which message?"


async def test_the_panel_tells_what_the_store_holds(house: House, store: Store) -> None:
    """Who waits and why, with the next step; the three tips to come; every delivery and how it went, newest first."""
    page = await house.page()
    await nudged(page)
    async with store.begin() as tx:
        (mention,) = await tx.waiting(demo_scene().community)
        deliveries = await tx.deliveries(demo_scene().community, 12)
    (row,) = page.panel["mentions"]
    assert (row["id"], row["asker"], row["message"], row["state"]) == (mention.id, "Ada", name_of(mention.ref), "open")
    assert (row["rule"], row["waited"].replace("\xa0", " ")) == ("asks a question", "1 h")
    assert row["next"] == "#team, calling @moderators, 11:00"
    days = ["Monday 14 September, 09:00", "Tuesday 15 September, 09:00", "Wednesday 16 September, 09:00"]
    assert [coming["when"] for coming in page.panel["occurrences"]] == days
    assert [row["key"] for row in page.panel["deliveries"]] == [delivery.key for delivery in deliveries]
    told = [(row["what"], row["where"], row["state"], row["when"]) for row in page.panel["deliveries"]]
    assert told == [("Nudge", "#team", "sent", "09:30"), ("Tip of the day", "#team", "sent", "09:00")]
    assert (await house.page()).panel == page.panel
