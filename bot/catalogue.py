"""A gettext catalogue read as it is written, in a `.po` file.

Babel reads one into objects and writes another from which `gettext` reads it again: that takes six times as long, and
every start waits for it.
"""

from __future__ import annotations

import json
import re
from gettext import NullTranslations, c2py

_FIELD = re.compile(r'^(msgid|msgstr)(?:\[\d\])? (".*"(?:\n".*")*)', re.MULTILINE)
_PLURAL = re.compile(r"\bplural=(.+?);")


class Catalogue(NullTranslations):
    """The texts of one `.po` file. A text that is not in it, or is not translated, is left as it is."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self._forms = _forms(source)
        # The first entry, whose text is empty, is the header.
        rule = _PLURAL.search(self._forms.pop("", [""])[0])
        self._plural = c2py(rule[1] if rule else "n != 1")

    def gettext(self, message: str) -> str:
        forms = self._forms.get(message)
        return forms[0] if forms else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._forms.get(msgid1)
        return forms[self._plural(n)] if forms else super().ngettext(msgid1, msgid2, n)


def _forms(source: str) -> dict[str, list[str]]:
    """Text → its translation, or one for each plural form."""
    found: dict[str, list[str]] = {}
    text = ""
    for keyword, quoted in _FIELD.findall(source):
        said = json.loads(quoted.replace('"\n"', ""))  # the escapes are those of JSON
        if keyword == "msgid":
            text = said
        elif said:
            found.setdefault(text, []).append(said)
    return found
