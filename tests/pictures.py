"""The pictures of the documents: pages of the demonstration as a browser shows them. `make pictures`.

In: nothing; a market of its own. Out: docs/pictures/NAME.webp, one for each of PICTURES.
"""

import base64
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from .demonstration import CHROMIUM, QUIET, Site, demonstration

FOLDER = Path(__file__).parents[1] / "docs/pictures"
POINTS, DAYS = 60_000, 6
WIDTH = 1440
QUALITY = 70
"""Of a WebP; text stays sharp, and a page takes about 100 kB."""


@dataclass(frozen=True)
class Picture:
    """A page as a person sees it: how it is reached, and how much of it is shown."""

    person: str
    open: Callable[[Page], object]
    height: int = 900


def at(path: str) -> Callable[[Page], object]:
    """The page of an address."""
    return lambda page: page.goto(path)


def worst(page: Page) -> None:
    """The worst Meter Point."""
    page.goto("/discrepancies/")
    page.locator("main tbody a").first.click()


def looked_up(page: Page) -> None:
    """Twelve Meter Points at once, and what is none."""
    page.goto("/discrepancies/")
    numbers = page.locator("main tbody td:first-child").all_inner_texts()
    page.goto("/look-up/")
    page.locator("#numbers").fill("\n".join([*numbers[:12], "10 0004 1874 257"]))
    page.locator("[data-look-up] button[type=submit]").first.click()


PICTURES = {
    "overview": Picture("supplier", at("/"), height=1500),
    "work": Picture("supplier", at("/work/")),
    "meter-point": Picture("supplier", worst, height=1400),
    "look-up": Picture("network", looked_up),
    "causes": Picture("operator", at("/causes/")),
}


def take(browser: Browser, site: Site, picture: Picture, to: Path) -> None:
    """One picture, written to a file."""
    size = {"width": WIDTH, "height": picture.height}
    context = browser.new_context(base_url=site.address, viewport=size, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    site.log_in(page, picture.person)
    picture.open(page)
    page.wait_for_load_state("networkidle")
    shot = {"format": "webp", "quality": QUALITY}
    taken = context.new_cdp_session(page).send("Page.captureScreenshot", shot)
    to.write_bytes(base64.b64decode(taken["data"]))
    context.close()


def main() -> None:
    """Take all of them."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="dccflags-pictures-") as folder,
        demonstration(Path(folder), points=POINTS, days=DAYS) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, picture in PICTURES.items():
            to = FOLDER / f"{name}.webp"
            take(browser, site, picture, to)
            sys.stdout.write(f"{to.name}: {to.stat().st_size / 1000:.0f} kB\n")
        browser.close()


if __name__ == "__main__":
    main()
