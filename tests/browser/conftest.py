"""A browser at the demonstration itself: `manage.py demo` with a small market, started once for all journeys.

Nothing here touches the database: Playwright holds an event loop, in which Django's database calls are refused.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from dccflags.supervisor import Program

POINTS, DAYS = 3000, 2
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Site:
    """A running demonstration."""

    address: str
    password: str
    folder: Path

    @property
    def last_day(self) -> Path:
        """The newest day of its sample market."""
        return sorted(path for path in (self.folder / "sample").iterdir() if path.is_dir())[-1]


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """The demonstration, once it says that it is ready."""
    folder = tmp_path_factory.mktemp("demo")
    log = folder / "demo.log"
    size = ["--meter-points", str(POINTS), "--days", str(DAYS)]
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "LAKE_URL")}
    env |= {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dccflags.settings", "PYTHONUNBUFFERED": "1"}
    demo = Program("demo", [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", *size], log, env)
    demo.start()
    try:
        yield Site(_ready(demo, log), (folder / "demo-password").read_text(), folder)
    finally:
        demo.end()


def _ready(demo: Program, log: Path, seconds: float = 180) -> str:
    """The address that the demonstration prints at its end."""
    deadline = time.monotonic() + seconds
    while demo.running and time.monotonic() < deadline:
        found = [line for line in log.read_text().splitlines() if line.startswith("Ready: ")]
        if found:
            return found[0].removeprefix("Ready: ").strip()
        time.sleep(0.1)
    raise AssertionError(f"the demonstration did not become ready:\n{log.read_text()}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium. One a module: its event loop must be gone before other tests use the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, site) -> Iterator[Callable[..., Page]]:
    """Opens a browser as a person; at the end no page has logged an error or asked another machine for anything.

    A test that breaks the line on purpose, or answers in the server's place, says so with `breaks=True`.
    """
    trouble: list[str] = []
    contexts = []

    def listen(page: Page, breaks: bool) -> None:
        page.on("pageerror", lambda error: trouble.append(f"{page.url}: {error}"))
        page.on(
            "request", lambda asked: trouble.append(f"{page.url} asked {asked.url}") if elsewhere(asked.url) else None
        )
        if breaks:
            return
        page.on("console", lambda said: trouble.append(f"{page.url}: {said.text}") if wrong(said) else None)
        page.on(
            "response", lambda got: trouble.append(f"{page.url} got {got.status} {got.url}") if missing(got) else None
        )

    def wrong(said: ConsoleMessage) -> bool:
        # What could not be fetched is judged by its response: a page that says "not found" may be what was asked for.
        return said.type == "error" and not said.text.startswith("Failed to load resource")

    def missing(got: Response) -> bool:
        return got.status >= 400 and got.request.resource_type != "document"

    def elsewhere(url: str) -> bool:
        return urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc != urlsplit(site.address).netloc

    def open_as(person: str, size: dict[str, int] = DESK, breaks: bool = False) -> Page:
        context = chromium.new_context(base_url=site.address, viewport=size, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        listen(page, breaks)
        page.goto("/")
        page.get_by_label("User name").fill(person)
        page.get_by_label("Password").fill(site.password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_load_state()
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture(scope="session")
def no_barriers() -> Callable[[Page], None]:
    """Asserts that axe finds nothing on the page."""
    axe = Axe()

    def check(page: Page) -> None:
        page.wait_for_load_state("networkidle")
        found = axe.run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check
