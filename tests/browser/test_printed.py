"""What comes out of the printer, and the Meter Point on a phone."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE

Open = Callable[..., Page]
TEMPLATES = Path(__file__).parents[2] / "templates" / "reconcile"
PAGES = ("/", "/discrepancies/", "/work/", "/causes/", "/runs/", "/runs/compare/", "/extracts/", "/networks/")


def sheets(page: Page, path: Path) -> list[str]:
    """The words of each sheet of A4, without the gaps."""
    page.pdf(path=path, format="A4", prefer_css_page_size=True)
    return ["".join(sheet.extract_text().split()) for sheet in PdfReader(path).pages]


def points(page: Page) -> Counter[str]:
    """Meter Points of open discrepancies, and how many each has."""
    found: Counter[str] = Counter()
    for number in (1, 2, 3):
        page.goto(f"/discrepancies/?sort=mpxn&page={number}")
        links = page.locator("#rows tbody tr > :first-child a")
        found.update(links.evaluate_all("all => all.map(one => one.getAttribute('href').match(/[0-9]+/)[0])"))
    return found


def test_the_evidence_of_a_meter_point_is_one_sheet(open_page: Open, tmp_path: Path):
    page = open_page("operator")
    found = points(page)
    one = next(mpxn for mpxn, count in found.items() if count == 1)
    two = next(mpxn for mpxn, count in found.items() if count == 2)

    page.goto(f"/work/?mpxn={two}")
    for box in page.locator("[data-queue] input[name=id]").all():
        box.check()
    page.locator("[data-queue] .scroll").focus()
    page.keyboard.press("n")
    page.keyboard.type("Asked the supplier, who looks at it")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Noted: 2 discrepancies.")

    for mpxn in (one, two):
        page.goto(f"/points/{mpxn}/")
        told = sheets(page, tmp_path / f"{mpxn}.pdf")
        assert len(told) == 1 and mpxn in told[0] and "Printed" in told[0], mpxn
    assert "Askedthesupplier" in told[0]


def test_a_print_waits_for_a_timeline_that_is_still_coming_in_and_says_where_it_is_missing(
    open_page: Open, tmp_path: Path
):
    page = open_page("operator", breaks=True)
    mpxn = next(iter(points(page)))
    held: list[Route] = []
    part = f'<section class="awaited" hx-get="/points/{mpxn}/history/" hx-trigger="load" hx-swap="outerHTML">'

    def as_of_a_long_history(route: Route) -> None:
        whole = route.fetch()
        template = (TEMPLATES / "points" / "point.html").read_text()
        missing = re.search(r'<section class="awaited".*?>(<h2>.*?</section>)', template)[1]
        missing = re.sub(r"{%.*?%}", "/", missing)
        body = re.sub(
            r"<section><h2>Timeline</h2>.*?</section>", part + missing, whole.text(), count=1, flags=re.DOTALL
        )
        route.fulfill(response=whole, body=body)

    def hold(route: Route) -> None:
        held.append(route)

    page.add_init_script("window.print = () => { window.printed = !document.querySelector('.awaited'); }")
    page.route(f"**/points/{mpxn}/", as_of_a_long_history)
    page.route(f"**/points/{mpxn}/history/", hold)
    page.goto(f"/points/{mpxn}/")
    page.get_by_role("button", name="Print").click()

    expect(page.get_by_role("button", name="Waiting for the timeline")).to_be_visible()
    assert page.evaluate("window.printed") is None
    assert "thetimelinehadnotcomein" in sheets(page, tmp_path / "early.pdf")[0]
    held[0].continue_()
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    assert page.evaluate("window.printed") is True
    assert "thetimelinehadnotcomein" not in sheets(page, tmp_path / "whole.pdf")[0]


@pytest.mark.parametrize("address", PAGES)
def test_paper_says_when_by_whom_and_from_where_it_is_and_has_no_empty_sheet(
    open_page: Open, tmp_path: Path, address: str
):
    page = open_page("operator")
    page.goto(address)
    page.wait_for_load_state("networkidle")

    told = sheets(page, tmp_path / "page.pdf")

    title = "".join(page.get_by_role("heading", level=1).inner_text().split())
    assert title in told[0] and all(len(words) > len("page1of1") for words in told)
    assert "Printed" in told[-1] and "byoperator·newestrun" in told[-1] and f"·{page.url}" in told[-1]


def test_a_meter_point_on_a_phone_has_its_timeline_whole(open_page: Open):
    page = open_page("operator", PHONE)
    page.goto("/discrepancies/")
    page.locator("#rows tbody a[href*='/points/']").first.click()
    page.wait_for_url("**/points/*/")

    right = page.locator(".timeline :is(span, i)").evaluate_all(
        "all => Math.max(...all.map(one => one.getBoundingClientRect().right))"
    )

    assert 0 < right <= PHONE["width"]
