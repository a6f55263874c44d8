"""The morning of somebody who works the queue off, by keyboard alone; and on a phone."""

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

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
    box = page.locator("[data-queue] tbody tr").first.locator("td:visible").last.bounding_box()
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


def test_what_is_raised_with_a_network_comes_back_answered(open_page: Open, no_barriers: Callable[[Page], None]):
    page, network = open_page("supplier"), open_page("network")
    network.goto("/work/")
    their_name = network.locator(".page-head p").inner_text().partition(", as of")[0]
    page.goto(f"/work/facets/network/?q={quote(their_name)}")
    no_barriers(page)
    page.locator(".facets a").first.click()
    expect(page.locator("#rows")).to_contain_text(their_name)

    row = page.locator("[data-queue] tbody tr").first
    row.locator("input[name=id]").check()
    page.locator("summary", has_text="Note").click()
    page.locator("textarea[name=note_words]").fill("Among ourselves: they are always late")
    page.get_by_role("button", name="Note").click()
    expect(page.get_by_role("alert")).to_contain_text("Noted: 1 discrepancy")
    row.locator("input[name=id]").check()
    page.locator("summary", has_text="Raise").click()
    page.get_by_label("With", exact=True).select_option("Network operator")
    page.get_by_role("textbox", name="Reference").fill("INC-77")
    page.get_by_label("What they are told").fill("Your record seems to be the older one.")
    page.get_by_role("button", name="Raise").click()
    expect(page.get_by_role("alert")).to_contain_text("Raised: 1 discrepancy, with network, reference INC-77")
    expect(row).to_contain_text("Raised")

    network.get_by_role("link", name="Raised with us", exact=True).click()
    line = network.get_by_role("row", name="INC-77")
    expect(line).to_contain_text("Your record seems to be the older one.")
    line.get_by_role("link").click()
    expect(network.get_by_text("Among ourselves")).to_have_count(0)
    for answer, words in {"Agreed": "It is.", "Disputed": "Ours is of today.", "Done": "Sent tonight."}.items():
        network.locator("input[name=id]").check()
        network.get_by_label("Answer", exact=True).select_option(answer)
        network.get_by_label("What they are told").fill(words)
        network.get_by_role("button", name="Answer").click()
        expect(network.get_by_role("alert")).to_contain_text("Answered: 1 discrepancy")
        expect(network.get_by_role("cell", name=answer.lower(), exact=True)).to_be_visible()
    no_barriers(network)

    page.goto("/work/?answer=done")
    page.locator("[data-queue] tbody tr", has_text="INC-77").locator("[data-peek]").click()
    for words in ("It is.", "Ours is of today.", "Sent tonight.", "Among ourselves"):
        expect(page.get_by_text(words)).to_be_visible()
    no_barriers(page)


def reach(page: Page, wanted: Locator) -> None:
    """Press the tab key until it is there."""
    wanted.wait_for(state="attached")
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not get to {wanted}")


def to_rows(page: Page) -> None:
    """Past the filters, which are many."""
    choose(page, page.get_by_role("link", name="Skip to the rows"))
    press(page, "Tab")
    expect(page.locator("[data-queue] .scroll")).to_be_focused()


def choose(page: Page, wanted: Locator) -> None:
    """A link or a button."""
    reach(page, wanted)
    press(page, "Enter")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_worst_of_the_morning_by_keyboard_alone(open_page: Open):
    page = open_page("operator")
    said = page.get_by_role("alert")
    choose(page, page.get_by_role("link", name="Work", exact=True))

    # The first five go to a colleague.
    to_rows(page)
    press(page, "j", "x", "j", "j", "j", "j", "Shift+X", "a")
    page.keyboard.type("operator-analyst")
    choose(page, page.get_by_role("button", name="Assign"))
    expect(said).to_contain_text("Assigned: 5 discrepancies, to operator-analyst")

    # The next two are raised, one is explained.
    to_rows(page)
    press(page, *"jjjjjj", "x", "j", "x", "r")
    page.keyboard.type("Supplier")
    reach(page, page.get_by_role("textbox", name="Reference"))
    page.keyboard.type("CM-78")
    choose(page, page.get_by_role("button", name="Raise"))
    expect(said).to_contain_text("Raised: 2 discrepancies, with supplier, reference CM-78")
    to_rows(page)
    press(page, *"jjjjjjjj", "x", "e")
    page.keyboard.type("Site visit")
    choose(page, page.get_by_role("button", name="Explain"))
    expect(said).to_contain_text("Explained: 1 discrepancy, Site visit booked")

    # One is looked at in place, all are frozen for tomorrow, and the list is taken along.
    to_rows(page)
    press(page, "j", "Space")
    expect(page.locator("[data-peek-panel]")).to_contain_text("to operator-analyst")
    press(page, "Escape")
    reach(page, page.locator("summary", has_text="Freeze"))
    press(page, "Enter")
    reach(page, page.get_by_label("how many"))
    page.keyboard.type("9")
    choose(page, page.get_by_role("button", name="Freeze as a cohort"))
    expect(said).to_contain_text("Frozen: 9 rows")
    choose(page, page.get_by_role("link", name="Queue", exact=True))
    to_rows(page)
    press(page, "j", "x", "j", "x")
    choose(page, page.get_by_role("button", name="Export as CSV"))
    reach(page, page.get_by_role("link", name="Download"))
    with page.expect_download() as taken:
        press(page, "Enter")
    lines = taken.value.path().read_text().splitlines()
    choose(page, page.get_by_role("link", name="Work", exact=True))
    reach(page, page.get_by_role("button", name="Undo").first)
    press(page, "Enter")
    expect(said).to_contain_text("Undone: 1 discrepancy")
    assert len(lines) == 3 and all(",operator-analyst," in line for line in lines[1:])


def test_raised_answered_and_asked_what_moved_by_keyboard_alone(open_page: Open):
    page, network = open_page("supplier"), open_page("network")
    said = page.get_by_role("alert")
    network.goto("/work/")
    their_name = network.locator(".page-head p").inner_text().partition(", as of")[0]

    # A supplier finds the network's rows, and raises the first of them.
    page.goto(f"/work/facets/network/?q={quote(their_name)}")
    choose(page, page.locator(".facets a").first)
    to_rows(page)
    press(page, "j", "x", "r")
    page.keyboard.type("Network operator")
    reach(page, page.get_by_role("textbox", name="Reference"))
    page.keyboard.type("INC-78")
    choose(page, page.get_by_role("button", name="Raise"))
    expect(said).to_contain_text("Raised: 1 discrepancy, with network, reference INC-78")

    # The network reads it in its own list, and answers.
    choose(network, network.get_by_role("link", name="Raised with us", exact=True))
    choose(network, network.get_by_role("row", name="INC-78").get_by_role("link"))
    expect(network.locator("input[name=id]")).to_be_checked()
    reach(network, network.get_by_label("Answer", exact=True))
    network.keyboard.type("Disputed")
    reach(network, network.get_by_label("What they are told"))
    network.keyboard.type("Ours is of today.")
    choose(network, network.get_by_role("button", name="Answer"))
    expect(network.get_by_role("alert")).to_contain_text("Answered: 1 discrepancy")
    page.goto("/work/?answer=disputed")
    expect(page.locator("[data-queue] tbody tr", has_text="INC-78")).to_contain_text("disputed")

    # What was meant for all that matched is refused once one of them has gone, and tried again it is done and undone.
    page.goto("/work/?work=to_do")
    colleague = open_page("supplier-manager")
    colleague.goto("/work/?work=to_do")
    to_rows(colleague)
    press(colleague, "j", "x", "e")
    colleague.keyboard.type("Site visit")
    choose(colleague, colleague.get_by_role("button", name="Explain"))
    expect(colleague.get_by_role("alert")).to_contain_text("Explained: 1 discrepancy")
    note_all(page, "For all of them")
    expect(said).to_contain_text("Nothing was changed: look at the rows again.")
    choose(page, page.get_by_label("Main").get_by_role("link", name="Work", exact=True))
    note_all(page, "For all of them")
    choose(page, page.get_by_role("button", name="Undo all of it"))
    expect(said).to_contain_text("Undone")

    # And the next day: which of the frozen ones moved?
    choose(page, page.get_by_label("Main").get_by_role("link", name="Work", exact=True))
    choose(page, page.get_by_role("link", name="Cohorts", exact=True).first)
    choose(page, page.locator("main tbody a").first)
    choose(page, page.locator("main tbody tr").first.locator("td a").first)
    expect(page.locator("#rows")).to_contain_text("Since it was frozen:")


def note_all(page: Page, words: str) -> None:
    """A note on all rows that match, by keyboard."""
    to_rows(page)
    reach(page, page.locator("input[name=whole]"))
    press(page, "Space")
    reach(page, page.locator("summary", has_text="Note"))
    press(page, "Enter")
    reach(page, page.locator("textarea[name=note_words]"))
    page.keyboard.type(words)
    choose(page, page.get_by_role("button", name="Note"))
