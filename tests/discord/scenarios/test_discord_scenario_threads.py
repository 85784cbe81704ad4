"""Threads and forum posts: each is a conversation of its channel, and an archived one sleeps on."""

from __future__ import annotations

from bot.model import MentionState
from tests.discord.scenarios.harbour import Harbour

HELP = "How do I reset my password?"


async def test_a_forum_post_is_a_conversation_and_is_answered_inside(harbour: Harbour) -> None:
    """Each post waits by itself, two by the same person within a minute as well."""
    await harbour.start()
    posts = [harbour.ada.open_post(harbour.forum, title, "It is as the title says.") for title in ("No map", "No sea")]
    for post in posts:
        assert (await harbour.opened(post, harbour.forum)).place.thread == post
    harbour.tess.say(posts[0], "Here is a map.")
    assert (await harbour.closed(posts[0], harbour.forum)).closed_by == harbour.tess.id
    assert (await harbour.the_mention(posts[1], harbour.forum)).state is MentionState.OPEN


async def test_a_question_in_a_thread_is_answered_in_it_alone(harbour: Harbour) -> None:
    """An answer in the thread counts, whether the question stands in it or at its root."""
    await harbour.start()
    asked, other = harbour.ada.say(harbour.support, HELP), harbour.bob.say(harbour.support, "I have news.")
    await harbour.opened(asked)
    thread = harbour.ada.start_thread(harbour.support, "Password", on=asked)
    elsewhere = harbour.bob.start_thread(harbour.support, "News", on=other)
    inside = harbour.bob.say(elsewhere, "Can anybody tell me how to change the colour?")
    await harbour.opened(inside)
    harbour.tim.say(elsewhere, "In the settings.")
    assert (await harbour.closed(inside)).closed_by == harbour.tim.id
    assert (await harbour.the_mention(asked)).state is MentionState.OPEN
    harbour.tess.say(thread, "Like this.")
    assert (await harbour.closed(asked)).closed_by == harbour.tess.id


async def test_an_archived_thread_is_never_woken(harbour: Harbour) -> None:
    """Who waits in it is nudged for all the same, in the moderators' channel, and it sleeps on, edits included."""
    await harbour.start()
    post = harbour.ada.open_post(harbour.forum, "No map", "I cannot find the map anywhere.")
    await harbour.opened(post, harbour.forum)
    harbour.town.archive(post)
    await harbour.wait(9 * 60)
    assert harbour.said_in(post) == []
    assert harbour.wire.world.woken == []
    assert len(harbour.said_in(harbour.mods)) >= 1


async def test_a_locked_thread_ends_what_waits_in_it(harbour: Harbour) -> None:
    """Nobody can answer there any more; the channel is watched on."""
    await harbour.start()
    post = harbour.ada.open_post(harbour.forum, "No map", "I cannot find the map anywhere.")
    await harbour.opened(post, harbour.forum)
    harbour.town.lock(post)
    assert (await harbour.closed(post, harbour.forum)).state is MentionState.GONE
    other = harbour.bob.open_post(harbour.forum, "No sea", "Where has the sea gone to?")
    await harbour.opened(other, harbour.forum)
    await harbour.wait(40)
    assert len(harbour.said_in(harbour.mods)) == 1


async def test_a_deleted_thread_ends_what_waits_in_it(harbour: Harbour) -> None:
    """Its channel is watched on."""
    await harbour.start()
    post = harbour.ada.open_post(harbour.forum, "No map", "I cannot find the map anywhere.")
    await harbour.opened(post, harbour.forum)
    harbour.town.delete_thread(post)
    assert (await harbour.closed(post, harbour.forum)).state is MentionState.GONE
    await harbour.opened(harbour.bob.open_post(harbour.forum, "No sea", "Where has the sea gone to?"), harbour.forum)


async def test_what_happened_in_threads_while_we_were_away_is_caught_up(harbour: Harbour) -> None:
    """New posts, answers in posts that are archived by now, and a thread that began meanwhile."""
    await harbour.start()
    post = harbour.ada.open_post(harbour.forum, "No map", "I cannot find the map anywhere.")
    await harbour.opened(post, harbour.forum)
    await harbour.settle()
    await harbour.die()
    await harbour.clock.advance(60)
    harbour.tess.say(post, "Here it is.")
    harbour.town.archive(post)
    fresh = harbour.bob.open_post(harbour.forum, "No sea", "Where has the sea gone to?")
    root = harbour.bob.say(harbour.support, "I made a thread.")
    thread = harbour.bob.start_thread(harbour.support, "Colours", on=root)
    inside = harbour.bob.say(thread, "How do I change the colours?")
    await harbour.start()
    await harbour.opened(fresh, harbour.forum)
    await harbour.opened(inside)
    assert (await harbour.closed(post, harbour.forum)).closed_by == harbour.tess.id
    assert harbour.wire.world.woken == []
