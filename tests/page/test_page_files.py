"""What the page's files must keep to, told without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import adapters.sandbox
from adapters.sandbox.labels import LABELS

PAGE = Path(adapters.sandbox.__file__).parent / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))
CODE = "\n".join(path.read_text("utf-8") for path in SCRIPTS)
MARKUP = (PAGE / "index.html").read_text("utf-8")


def used() -> set[str]:
    """The keys of every label that the page shows; a key is a whole string, or made of a prefix and a value."""
    return {key for key in LABELS if re.search(rf"""["'`]{key}["'`]""", CODE + MARKUP)} | {
        key for key in LABELS for prefix in re.findall(r"`(\w+_)\$\{", CODE) if key.startswith(prefix)
    }


def test_every_label_asked_for_is_there() -> None:
    """In `t("…")`, in `data-t` and in `data-t-label`."""
    asked = set(re.findall(r"""\bt\(["'](\w+)["']""", CODE)) | set(re.findall(r'data-t(?:-label)?="(\w+)"', MARKUP))
    assert asked
    assert asked - LABELS.keys() == set()


def test_nothing_makes_markup_or_code_of_data() -> None:
    """Neither in scripts nor in the page, which would not run under the Content-Security-Policy anyway."""
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
    ):
        assert word not in CODE
    assert not re.search(r"<script(?![^>]*\bsrc=)", MARKUP)
    assert not re.search(r"\s(?:style|on\w+)=", MARKUP)


def test_nothing_comes_from_anywhere_else() -> None:
    """No address of another host in any file; the name of the SVG namespace is no address."""
    for path in PAGE.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}", text), path.name


def test_every_script_is_one_idea() -> None:
    """Short enough to be read at once."""
    assert {path.name: n for path in SCRIPTS if (n := len(path.read_text("utf-8").splitlines())) > 260} == {}
