"""A browser at the demonstration itself: `manage.py demo` with a small market, started once for a worker's journeys.

Nothing here touches the database: Playwright holds an event loop, in which Django's database calls are refused.
"""

import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.demonstration import CHROMIUM, QUIET, Site, demonstration
from tests.migrated import SHARED, one_at_a_time, sqlite

POINTS, DAYS = 3000, 2
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
SCREEN = {"width": 1920, "height": 1080}
"""Wide enough for every column."""
# Other files of tests are at work on the same processors.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """The demonstration, once it says that it is ready: one worker fills it, and each goes on with a copy."""
    filled, folder = SHARED / "demo", tmp_path_factory.mktemp("demo") / "var"
    with one_at_a_time("demo"):
        if not filled.exists():
            filling = SHARED / "demo-filling"
            filling.mkdir()
            shutil.copy(sqlite(), filling / "dccflags.sqlite3")
            with demonstration(filling, points=POINTS, days=DAYS):
                pass
            filling.rename(filled)
    shutil.copytree(filled, folder, ignore=shutil.ignore_patterns("*.log", "*.sock"))
    with demonstration(folder, points=POINTS, days=DAYS) as site:
        yield site


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
        site.log_in(page, person)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture(scope="session")
def no_barriers() -> Callable[..., None]:
    """Asserts that axe finds nothing on the page. `settled=False`: which asks for nothing more once it is loaded."""
    axe = Axe()

    def check(page: Page, settled: bool = True) -> None:
        page.wait_for_load_state("networkidle" if settled else "load")
        found = axe.run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check
