"""The real sandbox on a free port, and a real Chromium to look at it."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from adapters.sandbox.chat import SandboxChat
from adapters.sandbox.labels import labels
from adapters.sandbox.sandbox import Sandbox, open_sandbox
from adapters.sandbox.scene import Scene, demo_scene
from adapters.sandbox.server import listen, port_of, serving
from adapters.sandbox.world import Replay, Staging
from bot.app import Bot
from bot.clock import SimulatedClock
from bot.delivery import Deliverer
from bot.model import Community
from bot.settings import Settings
from bot.shelf import Shelf
from bot.simulation import Simulation
from bot.texts import texts
from storage.schema import ensure
from storage.store import open_store

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

CHROMIUM = shutil.which("chromium")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 380, "height": 800}

SHELF = Shelf()
"""The shipped tips, read and indexed once."""

REFUSED = ("WebSocket connection to", "ERR_CONNECTION_REFUSED")
"""How the browser's console tells of a server that is away: no error of the page."""


def missing() -> str | None:
    """Why there is no browser to test with."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed"
    return None if CHROMIUM else "there is no Chromium"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Site:
    """The sandbox, its clock standing still, and the door to it, which can be closed for a while."""

    def __init__(self, sandbox: Sandbox, address: str) -> None:
        self.sandbox = sandbox
        self.address = address

    @property
    def words(self) -> dict[str, str]:
        """The page's labels in the language that it has now."""
        return labels(self.sandbox.world.speak)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Open for as long as the block lasts; every connection is closed at its end."""
        async with serving(self.sandbox, listen(int(self.address.rpartition(":")[2]))):
            yield


@asynccontextmanager
async def site(language: str = "en", scene: Scene | None = None, replay: Replay | None = None) -> AsyncIterator[Site]:
    """Not served yet: see `Site.served`."""
    free = listen(0)
    address = f"http://127.0.0.1:{port_of(free)}"
    free.close()
    with TemporaryDirectory(prefix="vigie-") as folder:
        url = f"sqlite:///{Path(folder, 'page.db')}"
        await ensure(url)
        store = open_store(url)

        async def compose(
            chat: SandboxChat, clock: SimulatedClock, settings: Callable[[Community], Settings]
        ) -> tuple[Bot, Simulation]:
            async with store.begin() as tx:
                await tx.forget_community(chat.community)
            bot = Bot(store, {chat.platform: chat}, clock, settings, SHELF)
            deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner="page")
            return bot, Simulation(bot, clock, deliverer, chat.community)

        staging = Staging(scene or demo_scene(), compose, address, lambda: 0.0, running=False, replay=replay)
        try:
            async with open_sandbox(staging, language) as sandbox:
                yield Site(sandbox, address)
        finally:
            await store.close()


class Visitor:
    """Somebody with the page open, who finds everything by the name that the page gives it."""

    def __init__(self, page: Page, where: Site) -> None:
        self.page = page
        self.site = where
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._console)
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(sign in message.text for sign in REFUSED):
            self.problems.append(message.text)

    def t(self, key: str, **values: object) -> str:
        """A label, with what the page puts into it."""
        return self.site.words[key].format(**values)

    async def arrive(self) -> None:
        await self.page.goto(self.site.address)
        await self.page.wait_for_selector("body.ready")

    async def skip_tour(self) -> None:
        await self.page.get_by_role("button", name=self.t("tour_skip")).click()

    async def be(self, name: str, channel: str) -> None:
        """Speak as somebody, in a channel, by the left side."""
        menu = self.page.locator("#open-left")
        if await menu.is_visible():
            await menu.click()
        await self.page.locator(".person", has_text=name).click()
        await self.page.locator("#channels").get_by_role("button", name=channel).click()

    async def say(self, text: str, box: str = "#message-box") -> None:
        await self.page.locator(box).fill(text)
        await self.page.locator(box).press("Enter")

    async def press(self, label: str, within: str = "body") -> None:
        await self.page.locator(within).get_by_role("button", name=label, exact=True).last.click()

    async def move(self, key: str) -> None:
        """Move the clock: `move_1h`, `move_9`…"""
        await self.press(self.t(key), "#clock")


Visitors = Callable[[], Awaitable[Visitor]]
"""Opens pages, each in a browser profile of its own."""


def speak(language: str) -> Any:
    return texts(language).t
