"""What each clue of `clues` weighs: how much it adds to the log-odds. Learnt, never edited.

`python -m bench.learn FOLDER` wrote this from the annotated chats of the folder and the French ones of the tests.
"""

MEANT: dict[str, float] = {
    "subjects": 2.0,
    "spoke-last": 1.7,
    "subject": 1.3,
    "named-by-them": 1.2,
    "spoke-since": 1.1,
    "spoke-before": 0.8,
    "named-them": 0.7,
    "verdict": 0.7,
    "brief": 0.6,
    "asked-and-you": 0.4,
    "a-while-ago": -0.3,
    "asked-oneself": -0.3,
    "of-oneself": -0.3,
    "same-breath": -0.6,
    "with-a-colleague": -0.6,
    "they-named-another": -0.7,
    "named-another": -0.8,
    "own-question": -0.9,
    "was-polite": -1.2,
    "any": -2.8,
}
"""For and against a message that names nobody as being meant for one of those who spoke lately."""

AWAITS: dict[str, float] = {
    "marked": 4.3,
    "question-form": 1.2,
    "fresh": 0.9,
    "fresh-trouble": 0.9,
    "help-form": 0.9,
    "greets": 0.8,
    "long": 0.2,
    "meant-for-another": -0.3,
    "team-spoke": -0.3,
    "thanks-or-link": -0.3,
    "they-asked": -0.3,
    "names-team": -0.4,
    "team-asked": -0.4,
    "meant-for-team": -0.5,
    "replies": -0.5,
    "same-breath": -0.5,
    "short": -0.5,
    "brief": -0.9,
    "goes-on": -0.9,
    "you": -0.9,
    "any": -1.8,
}
"""For and against a message as one that awaits an answer."""
