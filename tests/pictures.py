"""The pictures of README and docs, of the real pages of a sample market. `make pictures`.

In: nothing. Out: docs/pictures/*.webp, the same pages each time; the times of jobs on them are those of the day.
"""

import tempfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.demonstration import CHROMIUM, QUIET, ROOT, Site, demonstration

FOLDER = ROOT / "docs/pictures"
SIZE = {"width": 1280, "height": 860}
POINTS, DAYS = 40_000, 6
QUALITY = 80


def _at_first_point(page: Page, site: Site) -> None:
    page.locator("#rows tbody .mpxn a").first.click()
    page.wait_for_url("**/points/*/")


def _look_up(page: Page, site: Site) -> None:
    numbers = site.mpans(12)
    page.get_by_label("MPANs, MPRNs or device identifiers").fill(", ".join([*numbers, numbers[0][:-1] + "x"]))
    page.keyboard.press("Enter")
    page.locator("#found tbody th").first.wait_for()


def _newest_two_runs(page: Page, site: Site) -> None:
    page.locator("main tbody a[href^='/runs/']").first.click()
    page.get_by_role("link", name="compare with the run before").click()
    page.wait_for_url("**/compare/**")


@dataclass(frozen=True)
class Picture:
    """Of a page, as a person of the demonstration sees it, after `then` was done there."""

    person: str
    address: str
    then: Callable[[Page, Site], None] = lambda page, site: None


PICTURES = {
    "overview": Picture("supplier", "/"),
    "work": Picture("supplier", "/work/"),
    "look-up": Picture("network", "/look-up/", _look_up),
    "causes": Picture("operator", "/causes/"),
    "meter-point": Picture("supplier", "/discrepancies/", _at_first_point),
    "compare": Picture("operator", "/runs/", _newest_two_runs),
}


def take(browser: Browser, site: Site) -> None:
    """Every picture, each person logged in once."""
    pages: dict[str, Page] = {}
    for name, picture in PICTURES.items():
        if picture.person not in pages:
            pages[picture.person] = _logged_in(browser, site, picture.person)
        page = pages[picture.person]
        page.goto(picture.address)
        picture.then(page, site)
        page.wait_for_load_state("networkidle")
        (FOLDER / f"{name}.webp").write_bytes(_picture(page))


def _logged_in(browser: Browser, site: Site, person: str) -> Page:
    page = browser.new_context(base_url=site.address, viewport=SIZE, color_scheme="light").new_page()
    page.goto("/")
    page.get_by_label("User name").fill(person)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
    return page


def _picture(page: Page) -> bytes:
    asked = {"format": "webp", "quality": QUALITY}
    return b64decode(page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)["data"])


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(Path(folder), points=POINTS, days=DAYS) as site,
        sync_playwright() as playwright,
    ):
        take(playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET)), site)


if __name__ == "__main__":
    main()
