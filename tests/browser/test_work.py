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


def test_what_was_meant_for_other_rows_is_refused(open_page: Open):
    page, colleague = open_page("supplier"), open_page("supplier-manager")
    page.goto("/work/?work=to_do")
    colleague.goto("/work/?work=to_do")
    colleague.locator("[data-queue] tbody input[name=id]").first.check()
    colleague.locator("summary", has_text="Explain").click()
    colleague.get_by_label("Until flag or meters change").check()
    colleague.get_by_role("button", name="Explain").click()
    expect(colleague.get_by_role("alert")).to_contain_text("Explained: 1 discrepancy")

    page.locator("input[name=whole]").check()
    page.locator("summary", has_text="Note").click()
    page.locator("textarea[name=note_words]").fill("Meant for others")
    page.get_by_role("button", name="Note").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed: look at the rows again.")
    page.goto("/work/?state=all")
    expect(page.get_by_text("Meant for others")).to_have_count(0)


def test_which_of_the_hundred_worst_moved(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("operator")
    page.get_by_role("link", name="Work", exact=True).click()
    page.locator("summary", has_text="Freeze").click()
    page.get_by_label("Name of the cohort").fill("The worst of today")
    page.get_by_label("how many").fill("100")
    page.get_by_role("button", name="Freeze as a cohort").click()
    expect(page.get_by_role("alert")).to_contain_text("“The worst of today”")
    no_barriers(page)

    page.get_by_role("link", name="Cohorts", exact=True).first.click()
    page.get_by_role("link", name="Top 100").click()
    columns = page.locator("svg.cohort rect")
    expect(columns.first).to_be_visible()
    figure = page.locator("tbody tr").first.locator("td a").first
    moved = figure.inner_text()
    no_barriers(page)
    figure.click()

    expect(page.locator("#rows strong").first).to_contain_text(f"of {moved}")
    expect(page.locator("#rows")).to_contain_text("Since it was frozen: Mended")
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name", exact=True).fill("Mended of the worst")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work: Mended of the worst")


def test_a_storm(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("network")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Look up").click()
    page.get_by_role("link", name="Alerts", exact=True).click()
    no_barriers(page)
    page.get_by_label("Storms").select_option("area")
    page.get_by_role("button", name="Show").click()

    waits = page.locator("#rows tbody tr", has_text="not restored")
    expect(waits).to_have_count(1)
    expect(waits).to_contain_text("8 Meter Points: 8 act")
    waits.get_by_role("link", name="One postcode area").click()
    expect(page.locator("#rows tbody tr")).to_have_count(8)
    no_barriers(page)
    page.get_by_label("Note").fill("A cable; crew on its way.")
    page.get_by_role("button", name="Take").click()
    expect(page.locator("main")).to_contain_text("Taken, network")
    page.get_by_label("Outcome").select_option("Crew sent")
    page.get_by_role("button", name="Close with this outcome").click()

    expect(page.locator("main")).to_contain_text("Closed, network: Crew sent")
    expect(page.get_by_role("heading", name="What was done").locator("..")).to_contain_text("A cable; crew on its way.")
