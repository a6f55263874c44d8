"""The morning of somebody who works the queue off, by keyboard alone; and on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE

Open = Callable[..., Page]


def test_the_queue_is_worked_off_by_keyboard(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("operator")
    page.goto("/work/")
    no_barriers(page)
    rows = page.locator("[data-queue] tbody tr")
    queue = page.locator("[data-queue] .scroll")

    queue.focus()
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("[data-chosen]")).to_have_text("With 3 chosen rows")
    page.keyboard.press("Space")
    expect(page.locator("[data-peek-panel]")).to_contain_text("Wrong since")
    page.keyboard.press("n")
    page.keyboard.type("Looked at by keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_have_text("Noted: 3 discrepancies.")
    first = rows.first.locator("[data-peek]")
    first.click()
    expect(page.get_by_text("Looked at by keyboard")).to_be_visible()
    no_barriers(page)
    page.goto("/work/")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Undone: 3 discrepancies")


def test_the_queue_on_a_phone_pushes_nothing_out_of_sight(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("network", PHONE)

    for address in ("/work/", "/work/raised/", "/work/inbox/"):
        page.goto(address)
        no_barriers(page)
    page.goto("/work/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("[data-queue] tbody tr").first.locator("td").last.bounding_box()
    assert box and box["x"] + box["width"] <= PHONE["width"]
