"""The commissioning list: what can be commissioned since the last coverage file, for whom, and at one postcode."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from .conftest import PHONE

Open = Callable[..., Page]


def test_the_commissioning_list(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("operator")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Look up").click()
    page.get_by_role("link", name="Coverage", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("since the last file")
    no_barriers(page)

    page.get_by_label("Answer", exact=True).select_option("Coverage now")
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("region", name="Meter Points that wait").locator("tbody tr")
    expect(rows.first).to_contain_text("coverage now: commission it")
    postcode = rows.first.locator("td").nth(3).inner_text()

    page.get_by_label("Postcode").fill(postcode.lower().replace(" ", ""))
    page.get_by_role("button", name="Show").click()
    told = page.get_by_role("region", name="Coverage told").locator("tbody tr")
    expect(told.first).to_contain_text(postcode)
    expect(told.first).to_contain_text("available")
    no_barriers(page)

    page.set_viewport_size(PHONE)
    no_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    rows.first.get_by_role("link").first.click()
    expect(page.locator("dt", has_text="WAN coverage").locator("..")).to_contain_text("coverage now: commission it")
