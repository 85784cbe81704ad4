"""What people ask of the bot, by commands, menus, buttons, forms, in private: answered in time, to them alone."""

from __future__ import annotations

import pytest

from bot.model import MentionState
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.interacting import NotOffered
from tests.discord.wire.interaction import DEFERRED_MESSAGE, UPDATE, Interaction
from tests.discord.wire.limits import parts
from tests.discord.wire.permissions import Json

HELP = "How do I reset my password?"
TRACK, ANSWERED = "Track as mention", "Mark as answered"


def words(message: Json) -> str:
    """All that a message says, wherever it says it."""
    said = [message["content"]]
    for embed in message["embeds"]:
        said += [embed.get("title") or "", embed.get("description") or "", (embed.get("footer") or {}).get("text", "")]
        said += [f"{each['name']} {each['value']}" for each in embed.get("fields") or ()]
    said += [str(part.get("content") or part.get("label") or "") for part in parts(message["components"])]
    return "\n".join(said)


def read(interaction: Interaction) -> str:
    return "\n".join(words(message) for message in interaction.shown)


def buttons(message: Json) -> list[str]:
    return [part["label"] for part in parts(message["components"]) if part["type"] == 2 and part.get("label")]


async def nudged(harbour: Harbour, text: str = HELP) -> tuple[str, Json]:
    """A question, and the nudge about it."""
    asked = harbour.ada.say(harbour.support, text)
    await harbour.opened(asked)
    await harbour.wait(35)
    return asked, harbour.said_in(harbour.mods)[-1]


async def test_a_tip_is_found_and_shown_in_private(harbour: Harbour) -> None:
    """Acknowledged at once, in the member's language, with what is offered while typing."""
    await harbour.start()
    gilles = harbour.town.person("Gilles", locale="fr")
    offered = await gilles.types(harbour.support, "tip", "topic", "eng")
    assert offered
    assert all(choice["name"] for choice in offered)
    tip = await gilles.slash(harbour.support, "tip", topic=offered[0]["value"])
    assert (tip.type, tip.private) == (DEFERRED_MESSAGE, True)
    english = await harbour.bob.slash(harbour.support, "tip", topic=offered[0]["value"])
    assert read(tip)
    assert read(english)
    assert harbour.wire.world.accepted == []


async def test_who_waits_is_listed_for_the_team_alone(harbour: Harbour) -> None:
    """`/mentions` is not even offered to others, and `/mentions why` tells the rule."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    listed = await harbour.tess.slash(harbour.mods, "mentions", "list")
    assert listed.private
    assert "Ada" in read(listed) or harbour.ada.id in read(listed)
    link = f"https://discord.com/channels/{harbour.town.id}/{harbour.support}/{asked}"
    assert "asks a question" in read(await harbour.tess.slash(harbour.mods, "mentions", "why", link=link))
    assert read(await harbour.tess.slash(harbour.mods, "mentions", "stats"))
    with pytest.raises(NotOffered):
        await harbour.ada.slash(harbour.support, "mentions", "list")


@pytest.mark.parametrize("locale", ["en-US", "fr"])
async def test_a_page_of_eight_who_wait_is_worked_off_from_its_menus(harbour: Harbour, locale: str) -> None:
    """Each with their link and a menu; what is chosen is done, and the list shows who is left."""
    await harbour.start()
    harbour.tess.locale = locale
    for number in range(9):
        await harbour.opened(harbour.town.person(f"P{number}").say(harbour.support, f"How do I do number {number}?"))
    listed = (await harbour.tess.slash(harbour.mods, "mentions", "list")).shown[0]
    menus = [part for part in parts(listed["components"]) if part["type"] == 3]
    assert len(menus) == 8
    assert words(listed).count(f"https://discord.com/channels/{harbour.town.id}/{harbour.support}/") == 8
    done = menus[3]["options"][2]["value"]
    await harbour.tess.select(listed, done)
    assert len(await harbour.waiting()) == 8
    assert "P3" not in words(listed)
    assert "P8" in words(listed)


async def test_a_member_who_got_the_command_all_the_same_is_refused_by_the_core(harbour: Harbour) -> None:
    """Default permissions are an admin's to change: the team is checked once more."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.commands[""][1]["default_member_permissions"] = None
    refused = await harbour.bob.slash(harbour.support, "mentions", "list")
    assert refused.private
    assert "Ada" not in read(refused)


async def test_a_message_is_tracked_and_settled_from_its_menu(harbour: Harbour) -> None:
    """Track as mention, Mark as answered."""
    await harbour.start()
    said = harbour.ada.say(harbour.support, "The harbour light is out.")
    tracked = await harbour.tess.choose(harbour.support, said, TRACK)
    assert tracked.private
    assert (await harbour.opened(said)).rule == "tracked"
    await harbour.tess.choose(harbour.support, said, ANSWERED)
    assert (await harbour.closed(said)).closed_by == harbour.tess.id


async def test_buttons_work_after_a_restart(harbour: Harbour) -> None:
    """A nudge of the last process is claimed and done in the next one, and changes its look in place."""
    await harbour.start()
    asked, nudge = await nudged(harbour)
    await harbour.restart()
    assert "Claim" in buttons(nudge)
    await harbour.tess.press(nudge, "Claim")
    assert (await harbour.the_mention(asked)).claimed_by == harbour.tess.id
    await harbour.settle()
    nudge = harbour.town.message(harbour.mods, nudge["id"])
    assert "is on it until" in words(nudge)
    await harbour.tess.press(nudge, "Done")
    assert not (await harbour.the_mention(asked)).state.waits
    await harbour.settle()
    assert buttons(nudge) == ["Open", "Still waiting"]
    assert len(harbour.said_in(harbour.mods)) == 1


async def test_an_outsiders_press_changes_nothing(harbour: Harbour) -> None:
    """They are told so in private."""
    await harbour.start()
    asked, nudge = await nudged(harbour)
    refused = await harbour.bob.press(nudge, "Claim")
    assert refused.private
    assert (await harbour.the_mention(asked)).state is MentionState.OPEN


@pytest.mark.parametrize(
    ("label", "state"), [("Snooze", MentionState.SNOOZED), ("Not a mention", MentionState.DISMISSED)]
)
async def test_a_button_with_a_form(harbour: Harbour, label: str, state: MentionState) -> None:
    """The form is Discord's first answer; what is chosen in it is done."""
    await harbour.start()
    asked, nudge = await nudged(harbour)
    shown = await harbour.tess.press(nudge, label)
    assert shown.modal is not None
    await harbour.tess.submit(shown)
    await harbour.until(lambda: _is(harbour, asked, state))


@pytest.mark.parametrize("label", ["Snooze", "Not a mention"])
async def test_a_form_from_the_list_changes_the_list(harbour: Harbour, label: str) -> None:
    """What was chosen is seen in the list whose button showed the form; no second list is posted."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    await harbour.opened(harbour.bob.say(harbour.support, "Where is the harbour map?"))
    listed = await harbour.tess.slash(harbour.mods, "mentions", "list")
    shown = await harbour.tess.press(listed.shown[0], label)
    answer = await harbour.tess.submit(shown)
    assert answer.type == UPDATE
    (message,) = listed.shown
    assert "Snoozed until" in words(message) if label == "Snooze" else "Ada" not in words(message)
    assert "Bob" in words(message)


async def _is(harbour: Harbour, asked: str, state: MentionState) -> bool:
    return (await harbour.the_mention(asked)).state is state


async def test_a_button_under_the_leads_private_nudge(harbour: Harbour) -> None:
    """No guild is told of a press in private: the button itself knows."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    await harbour.wait(8 * 60 + 30)
    [private] = harbour.said_in(harbour.lea.private)
    await harbour.restart()
    await harbour.lea.press(private, "Done")
    assert not (await harbour.the_mention(asked)).state.waits


async def test_whoever_speaks_to_the_bot_is_answered_in_private(harbour: Harbour) -> None:
    """In a private message, and in a channel by its name."""
    await harbour.start()
    harbour.ada.direct("help")
    await harbour.until(lambda: harbour.said_in(harbour.ada.private))
    harbour.bob.say(harbour.team_room, f"<@{harbour.wire.world.me['id']}> help")
    await harbour.until(lambda: harbour.said_in(harbour.bob.private))
    assert harbour.said_in(harbour.team_room) == []


async def test_commands_work_in_private(harbour: Harbour) -> None:
    """`/tip` is offered there and answered."""
    await harbour.start()
    assert read(await harbour.ada.slash(harbour.ada.private, "tip"))
    assert read(await harbour.ada.slash(harbour.ada.private, "vigie", "help"))


async def test_commands_are_written_once(harbour: Harbour) -> None:
    """A restart finds them as they are; a difference is written again."""
    put = "PUT /applications/{application}/commands"
    await harbour.start()
    await harbour.restart()
    assert len(harbour.wire.rest.requests(put)) == 1
    harbour.wire.commands[""][0]["description"] = "Something else"
    await harbour.restart()
    assert len(harbour.wire.rest.requests(put)) == 2
    assert harbour.wire.commands[""][0]["description"] != "Something else"


async def test_the_check_tells_what_is_wrong(harbour: Harbour) -> None:
    """`/vigie check` names a channel in which the bot may not speak."""
    await harbour.start()
    harbour.town.hide(harbour.mods)
    told = read(await harbour.tess.slash(harbour.support, "vigie", "check"))
    assert harbour.mods in told or "moderators" in told
