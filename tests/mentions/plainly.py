"""`read` as it would be written if it cost nothing: every form looked for in every text, all expressions plain."""

from __future__ import annotations

import re

from bot.mentions import words as w
from bot.mentions.reading import Reading, fold

_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"https?://\S+")
_EMOJI_NAME = re.compile(r":[a-z0-9_+\-]+:")
_NAMES = re.compile(r"@[^\s@,:;?!]+")

_QUESTION_START = re.compile(
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
_QUESTION_INSIDE = re.compile(
    r"""\b(?:does\s+any(?:one|body)|do\s+(?:any|you|i)\b|can\s+(?:any|some)(?:one|body)|could\s+(?:any|some)(?:one|body)|
        some(?:one|body)\s+here|any(?:one|body)\s+(?:know|knows|here|have|has|tried|using|use|got|can|able|else)|how\s+(?:do|can|to|does|would|should|come)\b|
        is\s+there\s+(?:a|any|some)|are\s+there\s+any|what\s+(?:is|are|does|do|should|would)\s|
        what\s+i\s+should|wondering\s+(?:if|how|what|why|whether)|i\s+wonder|any\s+(?:idea|ideas|suggestions)|
        quelqu['’]un\s+(?:ici|sait|peut|connait|a|saurait|pourrait|utilise)|est-ce\s+qu|comment\s+(?:on|je|faire|puis)|
        savez-vous|pouvez-vous|pourriez-vous|pourrais-tu|peux-tu|sais-tu|je\s+me\s+demande|y\s+a-t-il|une\s+idee)
    """,
    re.VERBOSE,
)
_HELP = re.compile(
    r"""\b(?:help\s+(?:me|please|pls|needed|with|us)|(?:need|needing|want|looking\s+for|could\s+use|get)\s+(?:\w+\s+){0,2}(?:help|assistance|advice|hand|support)|
        please\s+help|pls\s+help|(?<!the\s)(?<!your\s)(?<!any\s)help$|i['’]?m\s+(?:having|getting|trying|stuck|looking|lost|unable|new|not\s+able)|i\s+am\s+(?:having|getting|trying|stuck|looking|lost|unable|new|not\s+able)|
        (?:i|we)\s+(?:can['’]?t|cannot|cant|couldn['’]?t|need|keep\s+getting|get\s+(?:an?|this|the)\s+(?:\w+\s+)?(?:error|message)|want\s+to|would\s+like|got\s+(?:an?|this)\s+(?:error|problem|issue|question))|
        i['’]?d\s+like\s+to|i\s+have\s+(?:an?|this|some|a\s+\w+)\s+(?:\w+\s+)?(?:problem|problems|question|issue|issues|trouble|doubt)|i\s+have\s+(?:problems?|trouble|issues?)|
        (?:does\s?n['’]?t|do\s?n['’]?t|won['’]?t|is\s?n['’]?t|not|no\s+longer|stopped|never)\s+(?:seem\s+to\s+|actually\s+|really\s+|even\s+)?(?:work|working|works|start|starting|boot|booting|load|loading|install|recogni[sz]e|recogni[sz]ed|connect|show|showing)\b|
        problem\s+with|trouble\s+with|issue\s+with|(?:an?|this|the|following|same|strange|weird)\s+error|tells\s+me|says\s+that|
        fails?\s+(?:to|with)|failed\s+to|still\s+fail(?:s|ing)|crash(?:es|ed|ing)?\b|broken\b|
        au\s+secours|a\s+l['’]aide|aidez|aide\s+(?:moi|s['’]?il|svp)|besoin\s+(?:d['’]|de\s+l['’])?\s?(?:aide|conseils?|coup\s+de\s+main|un\s+coup)|
        j['’]?(?:ai)\s+(?:un|une|des|besoin)\s?(?:petit\s|gros\s|petite\s)?(?:probleme|problemes|souci|soucis|erreur|question|bug|questions)?|
        (?:je\s+)?n?['’]?\s?(?:y\s+)?arrive\s+(?:pas|plus)|(?:ne\s+)?(?:marche|fonctionne|demarre|repond|s['’]affiche|charge|s['’]ouvre)\s+(?:pas|plus)|
        je\s+(?:cherche|voudrais|souhaite|souhaiterais|n['’]arrive|ne\s+(?:peux|parviens|sais|trouve|comprends))|j['’]aimerais|
        (?:un|une|le|petit|gros)\s+(?:probleme|souci|bug)\s+(?:avec|sur|de)|message\s+d['’]erreur|plante\b|est\s+casse|suis\s+(?:bloque|perdu|coince)|impossible\s+d)
    """,
    re.VERBOSE,
)
_GIVES_UP = re.compile(
    r"\b(?:never\s?mind|nvm|nm|forget\s+(?:it|about\s+it|my\s+question)|problem\s+solved|"
    r"laisse[rz]?\s+tomber|oublie[rz]?\s+(?:ca|ma\s+question)|probleme\s+(?:resolu|regle))\b"
)
_SOLVED = re.compile(
    r"""\b(?:solved|fixed\s+(?:it|now)|it['’]?s\s+fixed|got\s+it\s+(?:working|to\s+work)|figured\s+(?:it\s+)?out|
        (?:it\s+)?works?\s+now|working\s+now|(?:that|this|it|which)\s+(?:worked|did\s+it|did\s+the\s+trick|fixed\s+it|solved\s+it|helped)|
        found\s+(?:it|the\s+(?:problem|solution|answer|issue))|all\s+good\s+now|sorted\s+(?:it\s+)?out|
        resolu|regle|c'est\s+(?:bon|regle|resolu|repare)|j'ai\s+trouve|
        ca\s+(?:marche|fonctionne)(?:\s+(?:maintenant|nickel|bien|super|enfin))?)\b
    """,
    re.VERBOSE,
)
_DOUBT = re.compile(
    r"\b(?:not|n't|no|never|unless|if|until|but|still|pas|plus|jamais|mais|sauf|encore|toujours|si)\b|\?"
)
_CLAUSE = re.compile(r"[.!;\n]+")


def read_plainly(text: str) -> Reading:
    """How `text` reads, see `bot.mentions.reading.read`."""
    body = _NAMES.sub(" ", _EMOJI_NAME.sub(" ", _LINK.sub(" ", fold(text[:2000]))))
    tokens = _WORD.findall(body.replace("'", ""))
    if not tokens:
        asks = "??" in body or body.strip() == "?"
        return Reading(words=0, question=asks, empty=not asks, marked=asks)
    bare = set(tokens)
    question = _is_question(body, tokens)
    help_ = bool(bare & w.HELP_CUES and _HELP.search(body))
    only_chatter = bare <= w.CHATTER and not question and not help_ and len(tokens) <= 12
    thanks = bool(bare & w.THANKS)
    return Reading(
        words=len(tokens),
        question=question,
        help=help_,
        thanks=thanks and not question and not help_ and (only_chatter or _mostly(bare)),
        greeting=only_chatter and not thanks and bool(bare & w.GREETINGS),
        solved=bool(bare & w.SOLVED_CUES) and _says_solved(body),
        first_person=bool(bare & w.SELVES),
        empty=only_chatter and not bare & (w.THANKS | w.GREETINGS),
        marked="?" in body,
        second_person=bool(bare & w.OTHERS),
        anyone=bool(bare & w.ANYONE),
        greets=tokens[0] in w.GREETINGS,
        goes_on=tokens[0] in w.GOING_ON,
        verdict=tokens[0] in w.VERDICTS,
        grateful=thanks,
        link="http" in fold(text[:2000]),
        trouble=bool(bare & w.TROUBLE),
        topics=frozenset(word for word in bare if word not in w.EVERYDAY and len(word) > 3),
    )


def _says_solved(body: str) -> bool:
    """Given up or solved, in a clause of its own: *it still doesn't work. never mind* is, *not solved* is not."""
    if "?" in body:
        return False
    if _GIVES_UP.search(body):
        return True
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


def _is_question(body: str, tokens: list[str]) -> bool:
    if "?" in body:
        return True
    if len(tokens) >= 3 and _QUESTION_START.match(" ".join(tokens[:8])):
        return True
    return bool(set(tokens) & w.QUESTION_CUES and _QUESTION_INSIDE.search(body))
