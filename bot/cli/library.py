"""`vigie tips`: the tip library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.common import AsJson, ConfigFile, Language, OwnTips
from bot.terminal import say, say_json, warn

if TYPE_CHECKING:
    from bot.tips.library import Problem


def search(
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="A topic, some words, or a question.")],
    lang: Language = "en",
    limit: Annotated[str, typer.Option(metavar="N", help="How many at most, 1 to 100.")] = "5",
    own: OwnTips = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Find advice, best first."""
    from bot import options
    from bot.tips.library import Level, load
    from bot.tips.search import Index

    speaking, most = options.language(lang), options.whole("--limit", limit, 1, 100)
    library, problems = load(options.own_tips(own, config))
    for problem in problems:
        if problem.level is Level.ERROR:
            warn(str(problem))
    hits = Index(library).search(" ".join(query), speaking, most)
    if as_json:
        found = [(hit.tip, hit.tip.text(speaking).title, round(hit.score, 4)) for hit in hits]
        say_json([{"number": t.number, "slug": t.slug, "title": title, "score": s} for t, title, s in found])
        return
    for hit in hits:
        say(f"{hit.score:6.2f}  {hit.tip.text(speaking).title}  ({hit.tip.slug})")
    if not hits:
        from bot.texts import texts

        say(texts(speaking).t("Nothing found"))


def lint_tips(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", readable=False, help="Tips of your own; else those that the configuration names."
        ),
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> int:
    """Check tips, by file and line; exit code 1 if any is wrong."""
    from bot import options
    from bot.tips.library import Level, lint, load

    own = folder or options.own_tips(None, config)
    problems = lint(own)
    if as_json:
        say_json([_problem(problem) for problem in problems])
    else:
        for problem in problems:
            say(str(problem))
        library, _ = load(own)
        say(f"{len(library.tips)} tips, {len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    return 1 if any(problem.level is Level.ERROR for problem in problems) else 0


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": str(problem.path),
        "line": problem.line,
        "level": str(problem.level),
        "message": problem.message,
        "fix": problem.fix,
    }
