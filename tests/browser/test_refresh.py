"""Parts of a page that are replaced: what stands beside them keeps working, and a refresh that fails says so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PHONE, SCREEN
from tests.browser.test_journeys import rows_shown


def choose_fuel(page: Page, fuel: str) -> None:
    """Filter by fuel, and wait for the rows. On a phone the filter is folded."""
    if not page.get_by_label("Fuel", exact=True).is_visible():
        page.locator("details.fold > summary").click()
    page.get_by_label("Fuel", exact=True).select_option(fuel)
    page.wait_for_url(f"**fuel={fuel}*")
    expect(page.locator("#rows")).to_contain_text(f"Fuel: {fuel.capitalize()}")


def back(page: Page) -> None:
    """Back to the list as it was, which is loaded anew: until then the rows before it still stand there."""
    with page.expect_event("load"):
        page.go_back()
    expect(page).to_have_url(re.compile("/discrepancies/$"))


def menu_of(page: Page, name: str) -> Locator:
    """A filter of which several can be chosen."""
    return page.locator("details.menu", has=page.locator("legend", has_text=re.compile(f"^{name}$")))


@contextmanager
def broken(page: Page, how: str) -> Iterator[None]:
    """The line is cut, or the server answers every refresh with an error."""
    if how == "offline":
        page.context.set_offline(True)
        yield
        page.context.set_offline(False)
    else:
        page.route("**/discrepancies/?*", lambda route: route.fulfill(status=500, body="no"))
        yield
        page.unroute("**/discrepancies/?*")


def test_the_menu_opens_after_rows_were_replaced_and_after_back(open_page):
    page = open_page("operator", PHONE)
    page.goto("/discrepancies/")
    menu = page.locator("details.who")

    choose_fuel(page, "gas")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Log out")).to_be_visible()
    back(page)
    expect(page.locator("#rows")).not_to_contain_text("Fuel: Gas")
    menu.locator("summary").click()

    expect(menu.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Log out")).to_be_hidden()


def test_a_filter_of_several_works_after_back(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/")
    everything = rows_shown(page)
    rules = menu_of(page, "Rule")

    rules.locator("summary").click()
    rules.get_by_label(re.compile("^A_REMOVED")).check()
    page.wait_for_url("**rule=A_REMOVED*")
    expect(rules.locator("[data-count]")).to_have_text("1 chosen")
    back(page)
    expect(rules.locator("[data-count]")).to_have_text("Any")
    assert rows_shown(page) == everything

    rules.locator("summary").click()
    rules.get_by_label(re.compile("^A_NO_METER")).check()
    page.wait_for_url("**rule=A_NO_METER*")
    expect(rules.locator("[data-count]")).to_have_text("1 chosen")
    page.keyboard.press("Escape")
    expect(rules.locator("summary")).to_be_focused()
    assert not rules.evaluate("menu => menu.open")
    menu_of(page, "Supplier").locator("summary").click()
    page.locator("h1").click()
    assert not menu_of(page, "Supplier").evaluate("menu => menu.open")


@pytest.mark.parametrize("how", ["offline", "error"])
def test_a_refresh_that_fails_says_so_and_stops_the_export(open_page, no_barriers, how):
    page = open_page("operator", SCREEN, breaks=True)
    page.goto("/discrepancies/?severity=high")
    before = page.locator("#rows tbody").inner_text()
    export, alert = page.get_by_role("button", name=re.compile("^Export")), page.locator("#rows").get_by_role("alert")

    with broken(page, how):
        page.get_by_label("Severity", exact=True).select_option("low")
        expect(alert).to_contain_text("Not refreshed.")

        expect(alert).to_contain_text("What follows is still: Open discrepancies; Severity: High.")
        expect(page.locator("#rows")).to_have_class(re.compile(r"\bold\b"))
        expect(export).to_be_disabled()
        assert page.locator("#rows tbody").inner_text() == before
        assert page.url.endswith("?severity=high")
        no_barriers(page)
        # Sorting the old rows asks for the filter first: what is chosen and what is shown are never two things.
        page.get_by_role("link", name="First seen").click()
        expect(alert).to_have_count(1)

    alert.get_by_role("button", name="Try again").click()
    page.wait_for_url("**severity=low*")
    expect(alert).to_have_count(0)
    expect(page.locator("#rows")).not_to_have_class(re.compile(r"\bold\b"))
    expect(page.locator("#rows")).to_contain_text("Severity: Low")
    if rows_shown(page):
        expect(export).to_be_enabled()


def test_the_order_stays_when_the_filter_changes(open_page):
    page = open_page("operator", SCREEN)
    page.goto("/discrepancies/")

    page.get_by_role("link", name="First seen").click()
    page.wait_for_url("**sort=first_seen*")
    page.get_by_role("link", name="First seen").click()
    page.wait_for_url("**sort=-first_seen*")
    choose_fuel(page, "electricity")

    assert "sort=-first_seen" in page.url
    expect(page.locator("th", has_text="First seen")).to_have_attribute("aria-sort", "descending")
    dates = page.locator("#rows tbody tr td:nth-child(14)").all_inner_texts()
    assert len(set(dates)) > 1
    page.reload()
    assert page.locator("#rows tbody tr td:nth-child(14)").all_inner_texts() == dates


def test_the_focus_stays_on_what_sorts_and_turns_pages(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/?state=all")
    rows = page.locator("#rows")

    rows.get_by_role("link", name="Wrong since").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=wrong_since*")
    expect(rows.get_by_role("link", name="Wrong since")).to_be_focused()
    rows.get_by_role("link", name="Last").focus()
    page.keyboard.press("Enter")

    expect(rows.get_by_role("link", name="Next")).to_have_count(0)
    expect(rows.get_by_role("region")).to_be_focused()


def test_rows_that_are_awaited_can_not_be_exported(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/")
    answers = []

    def wait(route: Route) -> None:
        answers.append(route)

    page.route("**/discrepancies/?*", wait)

    page.get_by_label("Fuel", exact=True).select_option("gas")

    expect(page.locator("#rows")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("button", name=re.compile("^Export"))).to_be_disabled()
    answers[0].continue_()
    expect(page.locator("#rows")).to_contain_text("Fuel: Gas")
    expect(page.get_by_role("button", name=re.compile("^Export"))).to_be_enabled()


def test_a_job_that_cannot_be_followed_says_so(open_page):
    page = open_page("operator", breaks=True)
    page.goto("/discrepancies/")
    page.route("**/jobs/*/", lambda route: route.continue_())
    page.get_by_role("button", name=re.compile("^Export")).click()
    page.wait_for_url("**/jobs/*/")
    done = page.get_by_role("link", name=re.compile("^Download"))
    done.wait_for(timeout=60_000)

    # As if it were at work still: the part asks for itself, and nobody answers.
    page.context.set_offline(True)
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#job', swap: 'outerHTML'}).catch(() => null)")

    expect(page.locator("#job").get_by_role("alert")).to_contain_text("Not refreshed. The server cannot be reached.")


def test_the_head_of_a_table_stays_in_sight(open_page):
    page = open_page("operator")
    page.goto("/work/")

    page.mouse.wheel(0, 1_000)

    page.wait_for_function("scrollY > 300 && document.querySelector('#list thead th').getBoundingClientRect().y === 0")
