"""The market operator's files: held and refused, withdrawn and compared, six at once with a bad one replaced."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE

HALF = 399
"""So many lines of a bad file are wrong."""


def bad_file(site, folder: Path) -> Path:
    """The newest registration extract, with a wrong check digit in so many lines that it is held."""
    lines = next(site.last_day.glob("registration_electricity_*")).read_text().splitlines()
    path = folder / "half of it wrong.csv"
    path.write_text(
        "\n".join([lines[0], *("1234567890123" + line[13:] for line in lines[1:])][: HALF + 1] + lines[1:3]) + "\n"
    )
    return path


def at_both_widths(page: Page, no_barriers) -> None:
    """axe finds nothing, and nothing scrolls sideways, on a desk and on a phone."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        no_barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_held_file_is_looked_at_and_refused(open_page, site, no_barriers, tmp_path):
    page = open_page("operator")
    page.goto("/extracts/upload/")
    waiting = page.get_by_label("Main").get_by_role("link", name=re.compile("^Data"))
    before_it = waiting.text_content()
    at_both_widths(page, no_barriers)
    page.get_by_label("Files").set_input_files(bad_file(site, tmp_path))
    page.get_by_label("Shows the state of").fill(site.last_day.name)
    page.get_by_role("button", name="Upload and load").click()

    expect(page.get_by_text("It looks wrong, so nothing was written.")).to_be_visible(timeout=60_000)
    at_both_widths(page, no_barriers)
    expect(page.get_by_role("heading", name="If it is approved")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Rejected lines")
    expect(page.get_by_text("the last file of the same network and kind").first).to_be_visible()
    points = page.get_by_role("row", name="Meter Points").first
    before, held, change = (signed(text) for text in points.locator("td").all_inner_texts())
    assert before > held and held - before == change
    # The bar follows, although the page was not loaded again.
    expect(waiting).not_to_have_text(before_it)
    expect(waiting).to_contain_text("held for a person's word")
    page.get_by_role("button", name="Approve and go on").click()
    expect(page.get_by_text("It looks wrong, so nothing was written.")).to_be_visible()
    page.get_by_label("Why it is right although").fill("The wrong file.")
    page.get_by_role("button", name="Refuse").press("Enter")

    expect(page.locator("main")).to_contain_text("Refused by operator")
    expect(page.locator("main")).to_contain_text("The wrong file.")
    expect(page.get_by_role("link", name="Replace file")).to_be_visible()
    expect(waiting).to_have_text(before_it)
    page.goto("/extracts/")
    expect(page.locator("main")).not_to_contain_text("half of it wrong.csv")


def wrong_update(site, folder: Path) -> tuple[str, Path]:
    """A Meter Point whose flag is right, and an update that gives it another."""
    since = f"{date.fromisoformat(site.last_day.name) - timedelta(days=100)}"
    with (site.last_day / "truth.csv").open() as file:
        planted = {row["mpxn"] for row in csv.DictReader(file)}
    extract = next(site.last_day.glob("registration_electricity_*")).read_text().splitlines()
    # Of network 10 a refresh of the same day says all that counts.
    right = (line.split(",") for line in extract[1:] if not line.startswith("10"))
    chosen = next(cells for cells in right if cells[1] == "A" and cells[2] < since and cells[0] not in planted)
    path = folder / "another desk's.csv"
    path.write_text("\n".join([extract[0], ",".join([chosen[0], "N", since, *chosen[3:]])]) + "\n")
    return chosen[0], path


def withdraw(page: Page, why: str) -> None:
    """Withdraw the file whose page is open."""
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".alert").first).to_contain_text("Withdrawn by operator")


def test_a_file_is_withdrawn_the_run_is_made_without_it_and_the_bridge_says_why(open_page, site, no_barriers, tmp_path):
    mpxn, path = wrong_update(site, tmp_path)
    page = open_page("operator")
    page.goto("/extracts/upload/")
    page.get_by_label("Files").set_input_files(path)
    page.get_by_label("Shows the state of").fill(site.last_day.name)
    page.get_by_label("Coverage").select_option("delta")
    page.get_by_role("button", name="Upload and load").click()
    page.get_by_role("link", name="Open the load report").click(timeout=60_000)
    address = page.url
    reconcile(page)

    page.goto(address)
    page.get_by_role("link", name="Withdraw").click()
    expect(page.get_by_role("heading", name="What the next run would read instead")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1 open discrepancy has been seen in nothing that still counts.")
    at_both_widths(page, no_barriers)
    page.goto(address)
    withdraw(page, "It was another network's.")
    at_both_widths(page, no_barriers)
    page.get_by_text("Take the withdrawal back").click()
    page.get_by_label("Why it is right after all").fill("It was right.")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("main")).to_contain_text("Taken back by operator")
    withdraw(page, "It was another network's after all.")
    reconcile(page)

    page.goto("/runs/compare/")
    at_both_widths(page, no_barriers)
    expect(page.get_by_role("heading", name="Why did it move?")).to_be_visible()
    figures = [signed(cell.inner_text()) for cell in page.locator("main table").first.locator("td.number").all()]
    assert figures[0] + sum(figures[1:-1]) == figures[-1]
    assert signed(page.get_by_role("row", name="Evidence withdrawn").first.locator("td.number").inner_text()) == -1
    page.goto("/runs/")
    expect(page.get_by_text("read a withdrawn file").first).to_be_visible()
    page.goto(f"/points/{mpxn}/")
    expect(page.get_by_role("row", name=re.compile("N_COMMISSIONED"))).to_contain_text("Its evidence was withdrawn.")


def signed(text: str) -> int:
    """A figure of the bridge: what it adds, or takes away."""
    return int(text.replace(",", "").replace("\u2212", "-"))


def reconcile(page: Page) -> None:
    """Ask for a run; if it is held, approve it."""
    page.goto("/runs/")
    page.get_by_role("button", name="Reconcile now").click()
    opened = page.get_by_role("link", name="Open the run")
    held = page.get_by_role("button", name="Approve and go on")
    expect(opened.or_(held)).to_be_visible(timeout=120_000)
    if held.is_visible():
        page.get_by_label("Why it is right although").fill("A file was withdrawn.")
        held.click()
    expect(opened).to_be_visible(timeout=120_000)


def test_six_files_at_once_and_the_bad_one_is_replaced(open_page, site, no_barriers, tmp_path):
    files = sorted(path for path in site.last_day.iterdir() if path.is_file() and path.name != "truth.csv")[:5]
    bad = tmp_path / "holiday.csv"
    bad.write_text("")
    page = open_page("operator")

    page.goto("/extracts/upload/")
    page.get_by_label("Files").set_input_files([*files, bad])
    page.get_by_role("button", name="Upload and load").click()

    page.wait_for_url("**/extracts/loads/?jobs=*")
    expect(page.locator("#loads tbody tr")).to_have_count(6)
    expect(page.get_by_role("status")).to_contain_text("5 of 6", timeout=120_000)
    expect(page.get_by_role("link", name="Replace file")).to_have_count(1, timeout=60_000)
    expect(page.get_by_role("button", name=re.compile("Reconcile when all"))).to_be_disabled()
    at_both_widths(page, no_barriers)

    page.get_by_role("link", name="Replace file").click()
    page.get_by_label("Files").set_input_files(files[0])
    page.get_by_role("button", name="Upload and load").click()
    expect(page.get_by_role("status")).to_contain_text("6 of 6", timeout=120_000)
    page.get_by_role("button", name="Reconcile", exact=True).click()
    expect(page.get_by_role("link", name="Open the run")).to_be_visible(timeout=120_000)


def test_people_see_where_they_are_logged_in_and_end_the_others(open_page, no_barriers):
    elsewhere = open_page("network")
    page = open_page("network")
    page.locator(".who summary").click()
    page.get_by_role("link", name="Your account").click()
    at_both_widths(page, no_barriers)
    page.get_by_role("button", name="End the others").click()

    # Other journeys of the same person may have left sessions behind.
    expect(page.get_by_role("alert")).to_contain_text(
        re.compile(r"\b(1 other session has|\d+ other sessions have) ended\.")
    )
    expect(page.get_by_text("this one")).to_be_visible()
    elsewhere.goto("/discrepancies/")
    expect(elsewhere.get_by_role("alert")).to_contain_text("Your session has ended")
