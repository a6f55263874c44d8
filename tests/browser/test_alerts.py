"""A storm at a network's alert desk: one line of the queue, looked at, taken and closed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_a_storm(open_page: Open, no_barriers: Callable[[Page], None]):
    page = open_page("network")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Look up").click()
    page.get_by_role("link", name="Alerts", exact=True).click()
    no_barriers(page)
    page.get_by_label("Storms").select_option("area")
    page.get_by_role("button", name="Show").click()

    storm = page.locator("#rows tbody tr")
    expect(storm).to_have_count(1)
    expect(storm).to_contain_text("12 Meter Points: 12 act")
    storm.get_by_role("link", name="One postcode area").click()
    expect(page.locator("#rows tbody tr", has_text="Supply restored")).to_have_count(12)
    no_barriers(page)
    page.get_by_label("Note").fill("A cable; crew on its way.")
    page.get_by_role("button", name="Take").click()
    expect(page.locator("main")).to_contain_text("Taken, network")
    page.get_by_label("Outcome").select_option("Crew sent")
    page.get_by_role("button", name="Close with this outcome").click()

    expect(page.locator("main")).to_contain_text("Closed, network: Crew sent")
    expect(page.get_by_role("heading", name="What was done").locator("..")).to_contain_text("A cable; crew on its way.")


def test_on_a_narrow_window_the_count_stands_beside_a_short_reason(open_page: Open):
    page = open_page("network", {"width": 720, "height": 900})
    page.goto("/alerts/")
    expect(page.locator("#rows tbody tr")).not_to_have_count(0)

    gaps = page.locator("#rows tbody tr").evaluate_all(
        """rows => rows.flatMap(row => {
            const said = document.createRange();
            said.selectNodeContents(row.querySelectorAll("td.words")[1]);
            const [why, count] = [said, row.querySelector("td.number")].map(part => part.getBoundingClientRect());
            return Math.abs(why.top - count.top) < 8 ? [count.left - why.right] : [];
        })"""
    )

    assert max(gaps, default=0) <= 16
