"""*What if*: from a policy to what it would change, its Meter Points, and the file of them."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_data import at_both_widths

Open = Callable[..., Page]
Checked = Callable[..., None]


def in_every_look(page: Page, no_barriers: Checked) -> None:
    """axe finds nothing and nothing scrolls sideways, in light and dark, on a desk and on a phone."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        at_both_widths(page, no_barriers)


def test_a_policy_is_tried_and_its_meter_points_are_taken_along(open_page: Open, no_barriers: Checked):
    page = open_page("operator")
    page.goto("/policy/")
    page.get_by_role("link", name="What if").first.click()
    page.get_by_label("What if this were the code").select_option("requirements")
    page.get_by_label("Updates in one file").fill("20")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("were the code?")
    in_every_look(page, no_barriers)

    move = page.get_by_role("table").filter(has_text="From and to").get_by_role("row").filter(has_text="I to N")
    count = move.get_by_role("link").inner_text()
    move.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{count} Meter Point")
    in_every_look(page, no_barriers)
    point = page.get_by_role("table").get_by_role("row").nth(1).get_by_role("link").get_attribute("href")

    page.get_by_role("button", name=re.compile(f"^{count} rows? as CSV")).click()
    expect(page.get_by_role("link", name=re.compile("^Download what-if-requirements"))).to_be_visible(timeout=60_000)
    in_every_look(page, no_barriers)
    with page.expect_download() as waited:
        page.get_by_role("link", name=re.compile("^Download")).click()
    head, *rows = waited.value.path().read_text().splitlines()
    assert head == "mpxn,network,supplier,flag,expected,expected_then"
    assert len(rows) == int(count.replace(",", ""))
    assert all(row.endswith(",I,N") for row in rows)
    assert f"/points/{rows[0].split(',')[0]}/" == point
