"""*Send* and *answers*: from rows of the queue to files, from the file that comes back to the queue again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_data import at_both_widths

Open = Callable[..., Page]
Checked = Callable[..., None]
RULE = "N_COMMISSIONED"


def test_flags_are_corrected_and_a_rejection_comes_back(open_page: Open, no_barriers: Checked, tmp_path: Path):
    page = open_page("operator")
    page.goto(f"/work/?rule={RULE}&in_flight=no")
    page.get_by_label("that match").check()
    page.get_by_role("button", name="Correction file").click()
    at_both_widths(page, no_barriers)
    told = page.get_by_role("heading", level=1).inner_text()
    count = re.match(r"([\d,]+) correction", told)[1]
    page.get_by_role("button", name=f"Approve {count} and make the files").click()
    page.get_by_role("link", name="Open the sending").click(timeout=60_000)
    at_both_widths(page, no_barriers)
    sending = page.url
    page.get_by_role("link", name=re.compile(r"^D0350_")).first.click()
    at_both_widths(page, no_barriers)
    file = page.url

    with page.expect_download() as waited:
        page.get_by_role("link", name="Download").click()
    rejected = rejecting(waited.value.path().read_text())
    load(page, rejected, tmp_path)
    page.goto(file)

    bars = page.locator("table.bars")
    expect(bars.get_by_role("row", name=re.compile("Rejected"))).to_contain_text("1")
    line = page.get_by_role("row").filter(has_text="rejected on").first
    expect(line).to_contain_text("MPAN is Disconnected (code 23)")
    page.goto(f"/work/?rule={RULE}&came_back=rejected")
    expect(page.locator("[data-queue] tbody tr")).to_have_count(1)
    no_barriers(page)
    page.goto("/corrections/")
    at_both_widths(page, no_barriers)
    assert page.get_by_role("link", name=re.compile("Sending")).first.get_attribute("href") in sending


def rejecting(sent: str) -> str:
    """A D0351 of today that rejects the first instruction of a D0350, as its MPAN is disconnected."""
    first = next(line.split("|") for line in sent.splitlines() if line.startswith("82H|"))
    _, instruction, _, mpan, flag, since, supplier, *_ = first
    made = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    return (
        f"ZHV|R1|D0351001|P|MPAS|Z|DCCO|{made}||||OPER|\n83H|1|\n"
        f"84H|1|DC11|{instruction}|{mpan}|{made[:8]}|{flag}|{since}|{supplier}|\n85H|23|\nZPT|R1|3||1|{made}|\n"
    )


def load(page: Page, text: str, folder: Path) -> None:
    handed_in = folder / "answer.usr"
    handed_in.write_text(text)
    page.goto("/extracts/upload/")
    page.get_by_label("File").set_input_files(handed_in)
    page.get_by_role("button", name="Upload and load").click()
    expect(page.get_by_role("link", name="Open the load report")).to_be_visible(timeout=60_000)
