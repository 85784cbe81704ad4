"""Every label of the page by its key, in the language asked for.

`{name}`, `{channel}`, `{n}` and `{when}` are left in the labels for the page to fill in.
"""

from __future__ import annotations

from bot.texts import Texts, later

HOLES = {hole: f"{{{hole}}}" for hole in ("name", "channel", "n", "when", "speed")}
"""What the page fills in itself."""

LABELS = {
    # the frame
    "title": later("Vigie, the sandbox"),
    "tagline": later("Try the bot here: nothing leaves your machine."),
    "language": later("Language"),
    "theme": later("Light or dark"),
    "restart": later("Begin anew"),
    "restart_confirm": later("Everything said here is forgotten. Begin anew?"),
    "close": later("Close"),
    "cancel": later("Cancel"),
    "save": later("Save"),
    "menu": later("Menu"),
    "skip_to_messages": later("Go to the messages"),
    "skip_to_composer": later("Go to the message box"),
    "connecting": later("Connecting…"),
    "connected": later("Connected"),
    "reconnecting": later("Connection lost. Trying again…"),
    "failed": later("That did not work. Please try again."),
    # people and channels
    "channels": later("Channels"),
    "speak_as": later("Speak as"),
    "people": later("People"),
    "people_community": later("Community"),
    "people_team": later("Team"),
    "people_bot": later("Bot"),
    "people_vigie": later("This bot"),
    # messages
    "messages": later("Messages in #{channel}"),
    "message_placeholder": later("Message to #{channel} as {name}"),
    "reply_placeholder": later("Reply as {name}"),
    "send": later("Send"),
    "composer_help": later("/ for commands, @ to call somebody, Enter to send"),
    "commands": later("Commands"),
    "thread": later("Thread"),
    "reply_in_thread": later("Reply in thread"),
    "reply_one": later("1 reply"),
    "reply_many": later("{n} replies"),
    "no_replies": later("No reply yet"),
    "edit": later("Edit"),
    "delete": later("Delete"),
    "delete_confirm": later("Delete this message?"),
    "react": later("React"),
    "reacted": later("{name} reacted"),
    "actions": later("What to do with this message"),
    "edited": later("edited"),
    "deleted": later("This message was deleted"),
    "only_you": later("Vigie, to you alone"),
    "dismiss": later("Hide"),
    "today": later("Today"),
    "load_older": later("Older messages"),
    "no_older": later("Nothing was said before this"),
    "new_messages": later("New messages"),
    "empty_channel": later("Nothing has been said here yet."),
    "choose": later("Choose…"),
    "required": later("Please fill this in"),
    # the clock
    "clock": later("The community's clock"),
    "move_5m": later("+5 min"),
    "move_1h": later("+1 h"),
    "move_9": later("Next 9:00"),
    "move_monday": later("Next Monday"),
    "pause": later("Stop the clock"),
    "resume": later("Let the clock run"),
    "paused": later("The clock stands still"),
    "working": later("Working time"),
    "not_working": later("Outside working time"),
    "opens": later("Nothing is sent before {when}"),
    # what the bot is thinking
    "panel": later("What Vigie has in mind"),
    "panel_show": later("Show what Vigie has in mind"),
    "panel_hide": later("Hide what Vigie has in mind"),
    "panel_mentions": later("Who is waiting"),
    "panel_next": later("Coming up"),
    "panel_deliveries": later("Sent and to be sent"),
    "panel_waited": later("waits for"),
    "panel_step": later("next step"),
    "panel_no_step": later("nothing more to come"),
    "panel_empty_mentions": later("Nobody is waiting for an answer."),
    "panel_empty_next": later("Nothing is planned."),
    "panel_empty_deliveries": later("Nothing has been sent yet."),
    # the guided tour
    "tour": later("Guided tour"),
    "tour_start": later("Take the tour"),
    "tour_again": later("Take the tour again"),
    "tour_next": later("Next step"),
    "tour_back": later("Back"),
    "tour_skip": later("Skip the tour"),
    "tour_done": later("Look around"),
    "tour_step": later("Step {n} of 3"),
    "tour_1_title": later("A good practice every working day"),
    "tour_1_text": later(
        "It is Friday, five to nine. Every working day at nine the team gets one tip in #team. Move the clock, and "
        "watch."
    ),
    "tour_1_action": later("Move the clock to 9:00"),
    "tour_1_seen": later("There it is. The team says whether it helps with the buttons below it."),
    "tour_2_title": later("Advice when you need it"),
    "tour_2_text": later(
        "You are Malo, who looks after this community. Ask for advice on a topic, or in your own words: only you see "
        "the answer."
    ),
    "tour_2_action": later("Ask for advice"),
    "tour_2_command": later("/tip engagement"),
    "tour_2_seen": later("Only Malo sees this. With a button, he can share it with the channel."),
    "tour_3_title": later("Nobody is left waiting"),
    "tour_3_text": later("Ada asks something in #support. What happens if nobody answers?"),
    "tour_3_action": later("Ask as Ada"),
    "tour_3_wait_text": later("Vigie saw the question: look at the panel. Now nobody answers for an hour."),
    "tour_3_wait": later("Let an hour go by"),
    "tour_3_answer_text": later(
        "After 30 minutes of working time Vigie told the team in #team: once, and never at night. Answer Ada, and see "
        "the nudge change."
    ),
    "tour_3_answer": later("Answer as Malo"),
    "tour_3_seen": later("Answered: the nudge says so by itself, and nobody is waiting any more."),
    "tour_question": later("Hello! Can the till work offline? Our café has terrible wifi."),
    "tour_reply": later("Partly: sales are kept and sent later."),
    "tour_end_title": later("That was all"),
    "tour_end_text": later(
        "The same bot, with your own Slack or Discord, takes one configuration file. Try whatever you like here."
    ),
    # a history played back
    "replay": later("A history played back"),
    "replay_play": later("Play"),
    "replay_pause": later("Pause"),
    "faster": later("Faster"),
    "slower": later("Slower"),
    "replay_speed": later("{speed} times as fast as life"),
    "replay_done": later("The history is over"),
}


def labels(speak: Texts) -> dict[str, str]:
    """Every label of the page."""
    return {key: speak.t(message, **HOLES) for key, message in LABELS.items()}
