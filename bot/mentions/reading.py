"""What kind of thing a message says, in French and in English: a question, a call for help, thanks, a greeting…

Word lists and forms, no model: cheap enough for every message, and every verdict can be explained. What is recognised
is the *form*; whether it opens or closes anything is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property

from bot.making import value
from bot.mentions import words as w

LONGEST = 2000
"""Characters of a text that are read: whoever writes more has said by then what they want."""

_MARKS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_BREAKS = bytes(code if chr(code).isalnum() else 0x20 for code in range(0x80)).ljust(0x100)
"""For `bytes.translate`: whatever is no letter or digit becomes a space."""
_LINK = re.compile(r"https?://\S+")
_EMOJI_NAME = re.compile(r":[a-z0-9_+\-]+:")
NAMES = re.compile(r"@[^\s@,:;?!]+")
"""Names as adapters write a ping."""


class _Form:
    """An expression that is compiled at its first use: a start needs none of them, and they are dear to compile."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern, self._flags = pattern, flags

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        return self._compiled.match

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        return self._compiled.search

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)


_QUESTION_START = _Form(
    r"""^(?:(?:so|and|but|ok|okay|well|hi|hello|hey|also|et|mais|donc|alors|bonjour|salut|bonsoir|guys|all|folks|everyone|
            please|pls|um|uh|hmm|ah|oh|question|quick|tous|sorry|desole|pardon|excuse|me|now|then)\s+){0,4}
        (?:how|what|whats|why|where|wheres|when|who|whos|which|whose|
           (?:can|could|would|should|will|do|does|did|is|are|was|has|have|am|may|shall)(?:nt)?\s+
             (?:i|you|u|we|it|the|this|that|there|they|he|she|my|your|someone|somebody|anyone|anybody|any|a|an|one|
                people|these|those|some|not)\b|
           any(?:one|body|1)|someone|somebody|any\s+(?:idea|ideas|clue|suggestion|suggestions|way|chance|help|news|update|
             recommendation|recommendations|advice|tips|reason|thoughts|good)|
           comment|pourquoi|combien|quand|ou|quel|quelle|quels|quelles|lequel|laquelle|qui|que|quoi|
           est\s?ce|est-ce|y\s?a\s?t\s?il|qu['’]?est|quelqu['’]?un|des\s+idees|une\s+idee|
           (?:peut|peux|pouvez|savez|sais|avez|as|puis|pourriez|pourrais|faut|doit|dois|existe|serait)\s?(?:on|tu|vous|je|il|t)\b)\b
    """,
    re.VERBOSE,
)


def _anywhere(*forms: tuple[str, str], end: str = "") -> _Form:
    """Where a word begins: one of the heads (apart by spaces) of a form, and its rest.

    They are put together by their first letters: `re` passes over an alternative that begins with another letter at
    once, and over a group hardly faster than it reads it. That makes the longest of them four times as fast.
    """
    by_letter: dict[str, list[str]] = {}
    for heads, rest in forms:
        for head in heads.split():
            by_letter.setdefault(head[0], []).append(head[1:] + rest)
    groups = (f"{letter}(?:{'|'.join(them)})" for letter, them in by_letter.items())
    return _Form(rf"\b(?:{'|'.join(groups)}){end}")


_QUESTION_INSIDE = _anywhere(
    ("does", r"\s+any(?:one|body)"),
    ("do", r"\s+(?:any|you|i)\b"),
    ("can could", r"\s+(?:any|some)(?:one|body)"),
    ("someone somebody", r"\s+here"),
    ("anyone anybody", r"\s+(?:know|knows|here|have|has|tried|using|use|got|can|able|else)"),
    ("how", r"\s+(?:do|can|to|does|would|should|come)\b"),
    ("is", r"\s+there\s+(?:a|any|some)"),
    ("are", r"\s+there\s+any"),
    ("what", r"\s+(?:is|are|does|do|should|would)\s"),
    ("what", r"\s+i\s+should"),
    ("wondering", r"\s+(?:if|how|what|why|whether)"),
    ("i", r"\s+wonder"),
    ("any", r"\s+(?:idea|ideas|suggestions)"),
    ("quelqu['’]un", r"\s+(?:ici|sait|peut|connait|a|saurait|pourrait|utilise)"),
    ("est-ce", r"\s+qu"),
    ("comment", r"\s+(?:on|je|faire|puis)"),
    ("savez-vous pouvez-vous pourriez-vous pourrais-tu peux-tu sais-tu", ""),
    ("je", r"\s+me\s+demande"),
    ("y", r"\s+a-t-il"),
    ("une", r"\s+idee"),
)
_HELP = _anywhere(
    ("help", r"\s+(?:me|please|pls|needed|with|us)"),
    (
        r"need needing want looking\s+for could\s+use get",
        r"\s+(?:\w+\s+){0,2}(?:help|assistance|advice|hand|support)",
    ),
    ("please pls", r"\s+help"),
    ("h", r"(?<!the\sh)(?<!your\sh)(?<!any\sh)elp$"),
    (r"i['’]?m i\s+am", r"\s+(?:having|getting|trying|stuck|looking|lost|unable|new|not\s+able)"),
    (
        "i we",
        (
            r"\s+(?:can['’]?t|cannot|cant|couldn['’]?t|need|keep\s+getting|want\s+to|would\s+like|"
            r"get\s+(?:an?|this|the)\s+(?:\w+\s+)?(?:error|message)|got\s+(?:an?|this)\s+(?:error|problem|issue|question))"
        ),
    ),
    ("i['’]?d", r"\s+like\s+to"),
    (
        "i",
        (
            r"\s+have\s+(?:an?|this|some|a\s+\w+)\s+(?:\w+\s+)?"
            r"(?:problem|problems|question|issue|issues|trouble|doubt)"
        ),
    ),
    ("i", r"\s+have\s+(?:problems?|trouble|issues?)"),
    (
        r"does\s?n['’]?t do\s?n['’]?t won['’]?t is\s?n['’]?t not no\s+longer stopped never",
        (
            r"\s+(?:seem\s+to\s+|actually\s+|really\s+|even\s+)?(?:work|working|works|start|starting|boot|booting|load|"
            r"loading|install|recogni[sz]e|recogni[sz]ed|connect|show|showing)\b"
        ),
    ),
    ("problem trouble issue", r"\s+with"),
    ("an? this the following same strange weird", r"\s+error"),
    ("tells", r"\s+me"),
    ("says", r"\s+that"),
    ("fails?", r"\s+(?:to|with)"),
    ("failed", r"\s+to"),
    ("still", r"\s+fail(?:s|ing)"),
    ("crash(?:es|ed|ing)? broken", r"\b"),
    ("au", r"\s+secours"),
    ("a", r"\s+l['’]aide"),
    ("aidez", ""),
    ("aide", r"\s+(?:moi|s['’]?il|svp)"),
    ("besoin", r"\s+(?:d['’]|de\s+l['’])?\s?(?:aide|conseils?|coup\s+de\s+main|un\s+coup)"),
    ("j['’]?ai", r"\s+(?:un|une|des|besoin)"),
    ("arrive narrive", r"\s+(?:pas|plus)"),
    ("marche fonctionne demarre repond s['’]affiche charge s['’]ouvre", r"\s+(?:pas|plus)"),
    (
        "je",
        r"\s+(?:cherche|voudrais|souhaite|souhaiterais|n['’]arrive|ne\s+(?:peux|parviens|sais|trouve|comprends))",
    ),
    ("j['’]aimerais", ""),
    ("un une le petit gros", r"\s+(?:probleme|souci|bug)\s+(?:avec|sur|de)"),
    ("message", r"\s+d['’]erreur"),
    ("plante", r"\b"),
    ("est", r"\s+casse"),
    ("suis", r"\s+(?:bloque|perdu|coince)"),
    ("impossible", r"\s+d"),
)
_GIVES_UP = _Form(
    r"\b(?:never\s?mind|nvm|nm|forget\s+(?:it|about\s+it|my\s+question)|problem\s+solved|"
    r"laisse[rz]?\s+tomber|oublie[rz]?\s+(?:ca|ma\s+question)|probleme\s+(?:resolu|regle))\b"
)
_SOLVED = _anywhere(
    ("solved", ""),
    ("fixed", r"\s+(?:it|now)"),
    ("it['’]?s", r"\s+fixed"),
    ("got", r"\s+it\s+(?:working|to\s+work)"),
    ("figured", r"\s+(?:it\s+)?out"),
    ("works? working", r"\s+now"),
    ("that this it which", r"\s+(?:worked|did\s+it|did\s+the\s+trick|fixed\s+it|solved\s+it|helped)"),
    ("found", r"\s+(?:it|the\s+(?:problem|solution|answer|issue))"),
    ("all", r"\s+good\s+now"),
    ("sorted", r"\s+(?:it\s+)?out"),
    ("resolu regle", ""),
    ("c'est", r"\s+(?:bon|regle|resolu|repare)"),
    ("j'ai", r"\s+trouve"),
    ("ca", r"\s+(?:marche|fonctionne)(?:\s+(?:maintenant|nickel|bien|super|enfin))?"),
    end=r"\b",
)
_DOUBT = re.compile(
    r"\b(?:not|n't|no|never|unless|if|until|but|still|pas|plus|jamais|mais|sauf|encore|toujours|si)\b|\?"
)
_CLAUSE = re.compile(r"[.!;\n]+")


@value(frozen=True, slots=True)
class Reading:
    """What a message is by its form. `words` counts what is left without names, links and emoji.

    `marked` with a question mark; `anyone` calls on whoever it may be; `greets` and `goes_on` tell how it begins;
    `verdict` begins with a yes or a no; `trouble` has a word of something amiss, `grateful` one of thanks, `link` an
    address; `topics` are the words by which one subject can be told from another.
    """

    words: int
    question: bool = False
    help: bool = False
    thanks: bool = False
    greeting: bool = False
    solved: bool = False
    first_person: bool = False
    empty: bool = False
    marked: bool = False
    second_person: bool = False
    anyone: bool = False
    greets: bool = False
    goes_on: bool = False
    verdict: bool = False
    grateful: bool = False
    link: bool = False
    trouble: bool = False
    topics: frozenset[str] = frozenset()

    @property
    def asks_for_self(self) -> bool:
        """A question or call for help of the author's own, as opposed to one that helps somebody along."""
        return self.asks and self.first_person

    @property
    def reminds(self) -> bool:
        """Asks nothing of its own: *anyone?*, *nobody for my question?*, *can somebody help me please*."""
        return self.anyone and ("question" in self.topics or self.topics <= w.BEGGING)

    @property
    def asks(self) -> bool:
        return self.question or self.help

    @property
    def polite(self) -> bool:
        """Nothing but thanks, a greeting, an emoji or an acknowledgement: it awaits nobody."""
        return self.empty or self.thanks or self.greeting


def is_common(word: str) -> bool:
    """Whether a folded word is too ordinary to be somebody's name."""
    return word in w.CHATTER or word in w.ORDINARY


def fold(text: str) -> str:
    """Lower case without accents, typographic apostrophes made plain."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFD", text.lower().replace("’", "'")))


def read(text: str) -> Reading:
    """How `text` reads. Total: any text has a reading."""
    return read_folded(fold(text[:LONGEST]))


def read_folded(body: str) -> Reading:
    """How a text reads that is folded already, and no longer than `LONGEST`."""
    link = "http" in body
    if link:
        body = _LINK.sub(" ", body)
    if ":" in body:
        body = _EMOJI_NAME.sub(" ", body)
    if "@" in body:
        body = NAMES.sub(" ", body)
    tokens = _words(body)
    marked = "?" in body
    if not tokens:
        asks = marked and ("??" in body or body.strip() == "?")
        return Reading(words=0, question=asks, empty=not asks, marked=asks)
    kinds, topics, kinds_of = 0, [], w.KINDS.get
    for word in set(tokens):
        kind = kinds_of(word, w.UNHEARD_OF)
        kinds |= kind
        if kind & w.TOPICAL and len(word) > 3:
            topics.append(word)
    question = marked or _is_question(body, tokens, kinds)
    help_ = kinds & w.MAY_CALL != 0 and _HELP.search(body) is not None
    thanks = kinds & w.THANKING != 0
    asks = question or help_
    only_chatter = not asks and len(tokens) <= 12 and not kinds & w.SAYING_MORE
    first = tokens[0]
    return Reading(
        len(tokens),
        question,
        help_,
        thanks and not asks and (only_chatter or _mostly(set(tokens))),
        only_chatter and not thanks and kinds & w.GREETING != 0,
        kinds & w.MAY_BE_SOLVED != 0 and not marked and _says_solved(body),
        kinds & w.SELF != 0,
        only_chatter and not kinds & (w.THANKING | w.GREETING),
        marked,
        kinds & w.OTHER != 0,
        kinds & w.ANY != 0,
        first in w.GREETINGS,
        first in w.GOING_ON,
        first in w.VERDICTS,
        thanks,
        link,
        kinds & w.AMISS != 0,
        frozenset(topics),
    )


def _words(body: str) -> list[str]:
    """Letters and digits in a row; an apostrophe is no break."""
    if body.isascii():  # as most is: three times as fast as by the expression
        return body.encode().translate(_BREAKS, b"'").decode().split()
    return _WORD.findall(body.replace("'", "") if "'" in body else body)


def _says_solved(body: str) -> bool:
    """Given up or solved, in a clause of its own: *it still doesn't work. never mind* is, *not solved* is not."""
    if _GIVES_UP.search(body):
        return True
    if not _SOLVED.search(body):  # as in most: no clause of it needs to be looked at
        return False
    return any(_SOLVED.search(clause) and not _DOUBT.search(clause) for clause in _CLAUSE.split(body))


def _mostly(bare: set[str]) -> bool:
    """A sentence of thanks may name what for: at most a few words that are not thanks."""
    return len(bare - w.CHATTER) <= 4 and not bare & {
        "but",
        "mais",
        "still",
        "toujours",
        "however",
        "advance",
        "avance",
    }


def _is_question(body: str, tokens: list[str], kinds: int) -> bool:
    """Whether a text without a question mark has the form of a question."""
    if len(tokens) >= 3 and _QUESTION_START.match(" ".join(tokens[:8])):
        return True
    return bool(kinds & w.MAY_ASK and _QUESTION_INSIDE.search(body))
