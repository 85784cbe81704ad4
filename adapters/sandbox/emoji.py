"""Reactions as they look. Exports tell Slack's names for them; the page shows characters."""

from __future__ import annotations

from typing import Final

CHARACTERS: Final = {
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "ballot_box_with_check": "☑️",
    "x": "❌",
    "eyes": "👀",
    "heart": "❤️",
    "tada": "🎉",
    "clap": "👏",
    "pray": "🙏",
    "raised_hands": "🙌",
    "wave": "👋",
    "ok_hand": "👌",
    "point_up": "☝️",
    "muscle": "💪",
    "100": "💯",
    "fire": "🔥",
    "rocket": "🚀",
    "sparkles": "✨",
    "star": "⭐",
    "bulb": "💡",
    "question": "❓",
    "exclamation": "❗",
    "warning": "⚠️",
    "bug": "🐛",
    "thinking_face": "🤔",
    "smile": "😄",
    "smiley": "😃",
    "slightly_smiling_face": "🙂",
    "grin": "😁",
    "joy": "😂",
    "laughing": "😆",
    "sweat_smile": "😅",
    "wink": "😉",
    "heart_eyes": "😍",
    "cry": "😢",
    "sob": "😭",
    "disappointed": "😞",
    "confused": "😕",
    "scream": "😱",
    "sunglasses": "😎",
    "coffee": "☕",
    "hourglass": "⌛",
}
"""The reactions that teams use most; Slack's names are those of https://github.com/iamcal/emoji-data."""


def shown(reaction: str) -> str:
    """The character of a reaction; a name that we do not know, such as a team's own, between colons."""
    if not reaction.isascii():
        return reaction
    return CHARACTERS.get(reaction.partition("::")[0], f":{reaction}:")
