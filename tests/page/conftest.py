"""A browser, the sandbox being served, and a page that is open; skipped where there is no browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from browsing import WIDE, Site, Visitor, Visitors, chromium, missing, site

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if why := missing():
        pytest.skip(why)
    async with chromium() as started:
        yield started


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def viewport() -> dict[str, int]:
    return WIDE


@pytest.fixture
async def closed(browser: Browser, language: str) -> AsyncIterator[Site]:
    """The sandbox with its door closed."""
    async with site(language) as where:
        yield where


@pytest.fixture
async def visitors(browser: Browser, closed: Site, viewport: dict[str, int]) -> AsyncIterator[Visitors]:
    """To open pages of a browser profile each; none of them may have had a problem in the end."""
    async with AsyncExitStack() as stack:
        opened: list[Visitor] = []

        async def visit() -> Visitor:
            context = await browser.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            opened.append(Visitor(await context.new_page(), closed))
            return opened[-1]

        yield visit
        assert [problem for visitor in opened for problem in visitor.problems] == []


@pytest.fixture
async def served(closed: Site) -> AsyncIterator[Site]:
    async with closed.served():
        yield closed


@pytest.fixture
async def visitor(served: Site, visitors: Visitors) -> Visitor:
    """Somebody who has the page open and skipped the tour."""
    somebody = await visitors()
    await somebody.arrive()
    await somebody.skip_tour()
    return somebody
