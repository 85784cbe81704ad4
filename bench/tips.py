"""Search over the tips: how long it takes to build and to answer, in libraries of a thousand and of 100,000 tips.

`python -m bench.tips` prints a table; `run()` gives the same figures. The tips are made by recombining the words of
the shipped ones with made-up words in natural proportion, so that both the vocabulary and the common words are as
large as they would be. The yardstick is rapidfuzz's WRatio over every title, measured in the same run.
"""

from __future__ import annotations

import gc
import random
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from rapidfuzz import fuzz, process

from bot.tips.analysis import tokens
from bot.tips.library import LANGUAGES, Library, Source, Tip, TipText, load
from bot.tips.search import Index

SIZES = (1_000, 100_000)
SEED = 21
QUERIES = 400
MADE_UP_WORDS = 60_000
ENOUGH_MS = 10_000


def run(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Figures by library size: seconds to build, megabytes, milliseconds by kind of query, and ratios to the yardstick.

    Times are processor time.
    """
    shipped, _ = load()
    return {str(size): _measure(_library(shipped, size), shipped) for size in sizes}


def _measure(library: Library, shipped: Library) -> dict[str, Any]:
    gc.collect()
    before = _resident()
    started = time.process_time()
    index = Index(library)
    built = time.process_time() - started
    gc.collect()
    figures: dict[str, Any] = {"tips": len(library.tips), "build_s": built, "memory_mb": _resident() - before}
    kinds = _queries(library, shipped)
    figures["queries"] = {kind: _times(lambda query: index.search(query, "en"), kinds[kind]) for kind in kinds}
    figures["completion"] = _times(lambda prefix: index.complete(prefix, "fr"), [query[:3] for query in kinds["exact"]])
    titles = [tip.text("en").title for tip in library.tips.values()]
    figures["yardstick"] = _times(
        lambda query: process.extract(query, titles, scorer=fuzz.WRatio, limit=5), kinds["several words"]
    )
    figures["ratio"] = {
        kind: figures["yardstick"]["p50_ms"] / times["p50_ms"] for kind, times in figures["queries"].items()
    }
    return figures


def _times(call: Callable[[str], object], queries: Sequence[str]) -> dict[str, float]:
    """Milliseconds of processor time for each call: what the neighbours on a shared machine take does not count."""
    taken: list[float] = []
    for query in queries:
        before = time.thread_time()
        call(query)
        taken.append((time.thread_time() - before) * 1000)
        if sum(taken) > ENOUGH_MS and len(taken) >= 10:
            break
    cuts = quantiles(taken, n=100, method="inclusive")
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "max_ms": max(taken), "calls": len(taken)}


def _library(shipped: Library, size: int) -> Library:
    """The shipped tips, and as many more of a team's own as make up `size`."""
    chance = random.Random(SEED)
    made_up = _made_up_words(chance)
    words = {lang: _words(shipped, lang) for lang in LANGUAGES}
    phrases = {lang: [word for tip in shipped.tips.values() for word in tip.text(lang).words] for lang in LANGUAGES}
    topics = list(shipped.topics)

    def text(length: int, language: str) -> str:
        # One word in twelve is a name, a product or jargon that the shipped tips do not have.
        own = [made_up[int(len(made_up) * chance.random() ** 3)] for _ in range(length // 12 + 1)]
        mixed = chance.choices(words[language], k=length - len(own)) + own
        chance.shuffle(mixed)
        return " ".join(word + chance.choices(("", ",", "."), (8, 1, 1))[0] for word in mixed)

    def tip(number: int) -> Tip:
        texts = {
            lang: TipText(
                text(6, lang).capitalize(),
                text(60, lang),
                text(30, lang),
                (*chance.choices(phrases[lang], k=6), *text(6, lang).split()),
            )
            for lang in LANGUAGES
        }
        return Tip(f"own-{number}", None, tuple(chance.sample(topics, 2)), texts, Source.OWN)

    more = (tip(number) for number in range(size - len(shipped.tips)))
    return Library.of((*shipped.tips.values(), *more), shipped.topics.values())


def _words(shipped: Library, language: str) -> list[str]:
    """Every word of the shipped texts, as often as it stands there."""
    texts = (tip.text(language) for tip in shipped.tips.values())
    return [word for text in texts for word in tokens(f"{text.title} {text.body} {text.try_today}")]


def _made_up_words(chance: random.Random) -> list[str]:
    onsets = "b c d f g h j l m n p r s t v br cl cr dr fl gr pl pr st tr ch qu".split()
    rimes = "a e i o u ai ou en in on ar er or al el ant ent ion age eur ist ism".split()
    found: dict[str, None] = {}
    while len(found) < MADE_UP_WORDS:
        syllables = chance.choice((2, 3, 3, 4))
        found["".join(chance.choice(onsets) + chance.choice(rimes) for _ in range(syllables))] = None
    return list(found)


def _queries(library: Library, shipped: Library) -> dict[str, list[str]]:
    chance = random.Random(SEED + 1)
    tips = list(library.tips.values())
    asked = [word for tip in shipped.tips.values() for lang in LANGUAGES for word in tip.text(lang).words]

    def words(count: int) -> list[str]:
        text = chance.choice(tips).text(chance.choice(LANGUAGES))
        return chance.choices(tokens(f"{text.title} {text.body}"), k=count)

    def slip(word: str) -> str:
        at = chance.randrange(len(word))
        swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        return chance.choice((word[:at] + word[at + 1 :], swapped, word[:at] + "x" + word[at:]))

    return {
        "exact": [chance.choice(asked) for _ in range(QUERIES)],
        "several words": [" ".join(words(chance.randint(3, 8))) for _ in range(QUERIES)],
        "typo": [slip(chance.choice(asked)) for _ in range(QUERIES)],
        "several typos": [" ".join(map(slip, words(4))) for _ in range(QUERIES)],
        "nonsense": ["".join(chance.choices("qzxvkjw", k=chance.randint(4, 12))) for _ in range(QUERIES)],
        "hostile": [" ".join(map(slip, words(60))) * 20 for _ in range(QUERIES // 10)],
    }


def _resident() -> float:
    """Megabytes in memory now; 0 where the system does not tell (only Linux does, in this way)."""
    if not Path("/proc/self/statm").exists():
        return 0.0
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Prints the figures as a table."""
    for figures in run().values():
        print(f"\n{figures['tips']:,} tips: built in {figures['build_s']:.2f} s, {figures['memory_mb']:.0f} MB more")
        print(f"  {'query':16}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}{'times WRatio’s speed':>24}")
        for kind, times in figures["queries"].items():
            ratio = figures["ratio"][kind]
            print(f"  {kind:16}{times['p50_ms']:10.3f}{times['p99_ms']:10.3f}{times['max_ms']:10.3f}{ratio:24.1f}")
        for name in ("completion", "yardstick"):
            times = figures[name]
            print(f"  {name:16}{times['p50_ms']:10.3f}{times['p99_ms']:10.3f}{times['max_ms']:10.3f}")


if __name__ == "__main__":
    main()
