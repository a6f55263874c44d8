"""What people come for, from log-in to the CSV in their hands, in a real browser; axe looks at every page passed."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import DESK, PHONE
from tests.web.addresses import addresses

WRONG_FILTERS = ("/discrepancies/?mpxn=1&state=nonsense", "/points/?q=12", "/nothing/")
"""Pages that say what cannot be done."""
NO_PAGES = {"logout", "take_back", "health", "api-docs"}
"""Addresses that do something, or are no page of ours."""


def number(text: str) -> int:
    """The first whole number in a text, thousands separated."""
    return int(re.search(r"\d[\d,]*", text)[0].replace(",", ""))


def rows_shown(page: Page) -> int:
    """The count that the list states: '1-50 of 1,234'."""
    return number(page.locator("#rows strong").first.inner_text().split("of")[-1])


def download(page: Page, name: str | re.Pattern) -> Path:
    with page.expect_download() as waited:
        page.get_by_role("link", name=name).click()
    return waited.value.path()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_from_the_overview_to_one_meter_point(open_page, no_barriers):
    page = open_page("operator")
    expect(page.get_by_role("heading", level=1)).to_contain_text("per 1,000 at")
    no_barriers(page)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Parties").click()
    expect(page.get_by_role("navigation", name="Parties").get_by_role("link", name="Suppliers")).to_be_visible()
    no_barriers(page)
    page.locator("main table tbody a[href*='/networks/']").first.click()
    page.wait_for_url("**/networks/*/")
    no_barriers(page)

    page.locator("main a[href*='rule=']").first.click()
    page.wait_for_url("**/discrepancies/?*rule=*")
    asked = parse_qs(urlsplit(page.url).query)
    shown = rows_shown(page)
    assert shown > 0
    no_barriers(page)

    point = page.locator("#rows tbody a[href*='/points/']").first
    mpxn = re.search(r"/points/(\d+)/", point.get_attribute("href"))[1]
    point.click()
    page.wait_for_url(f"**/points/{mpxn}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(mpxn)
    expect(page.locator("main")).to_contain_text(asked["rule"][0])
    no_barriers(page)


def test_nine_o_clock_from_the_headline_to_a_page_of_evidence(open_page, tmp_path):
    page = open_page("supplier")
    expect(page.get_by_role("heading", level=1)).to_contain_text("per 1,000 at")
    first = page.get_by_role("region", name="Do first").locator("tbody tr").first.locator("td a").first
    expected = number(first.inner_text())

    first.click()
    page.wait_for_url("**/discrepancies/?*rule=*")
    assert rows_shown(page) == expected > 0
    rule = parse_qs(urlsplit(page.url).query)["rule"][0]
    page.locator("#rows tbody a[href*='/points/']").first.click()
    page.wait_for_url("**/points/*/")
    told = printed(page, tmp_path / "evidence.pdf")

    mpxn = re.search(r"/points/(\d+)/", page.url)[1]
    files = page.get_by_role("region", name="Sources").locator("tbody tr")
    assert files.count() > 1
    checksums = [one.get_attribute("title")[:12] for one in files.locator("td.code").all()]
    for words in (mpxn, rule, "Printed", "bysupplier", "policymp077", page.url, *checksums):
        assert words in told, words


def printed(page: Page, path: Path) -> str:
    """The words of a page printed on A4, without the gaps: where lines break is the printer's affair."""
    page.pdf(path=path, format="A4", prefer_css_page_size=True)
    return "".join("".join(sheet.extract_text() for sheet in PdfReader(path).pages).split())


def test_a_figure_on_the_overview_is_the_number_of_rows_behind_it(open_page):
    page = open_page("operator")
    links = page.locator(".page-head a[href*='?']").all() + page.locator("table.bars a[href*='/discrepancies/']").all()
    figures = {link.get_attribute("href"): number(link.inner_text()) for link in links}
    assert len(figures) > 10

    for address, figure in figures.items():
        page.goto(address)
        assert rows_shown(page) == figure, address


def test_an_mpan_typed_into_the_search_opens_the_meter_point(open_page, site, no_barriers):
    registration = next(site.last_day.glob("registration_electricity_*"))
    mpan = registration.read_text().splitlines()[1].split(",")[0]
    page = open_page("operator")

    page.get_by_label("MPAN or MPRN").fill(f" {mpan[:2]} {mpan[2:]} ")
    page.get_by_role("button", name="Find").click()

    page.wait_for_url(f"**/points/{mpan}/")
    no_barriers(page)


def mpans(site, count: int) -> list[str]:
    """Of the newest registration extract."""
    lines = next(site.last_day.glob("registration_electricity_*")).read_text().splitlines()
    return [line.split(",")[0] for line in lines[1 : count + 1]]


def test_a_phone_call_and_the_next_one(open_page, site, no_barriers):
    first, second = mpans(site, 2)
    page = open_page("operator")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Look up").click()
    field = page.get_by_label("MPANs, MPRNs or device identifiers")
    expect(field).to_be_focused()

    page.keyboard.type(f"MPAN {first}")
    page.keyboard.press("Enter")

    answer = page.locator("#found .large")
    expect(answer).to_contain_text("the inventory")
    expect(page.locator("#found")).to_contain_text("day")
    no_barriers(page)
    page.keyboard.press("/")
    expect(answer).to_have_count(0)
    expect(field).to_have_value("")
    page.keyboard.type(second)
    page.keyboard.press("Enter")
    expect(page.locator("#found h2")).to_have_text(second)


def test_thirty_from_the_clipboard(open_page, site, no_barriers):
    thirty = mpans(site, 29)
    wrong = thirty[0][:-1] + str((int(thirty[0][-1]) + 1) % 10)
    page = open_page("operator")
    search = page.get_by_label("MPAN or MPRN", exact=True)

    text = ", ".join([*thirty, wrong])
    search.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
    page.wait_for_url("**/look-up/")

    expect(page.locator("#found")).to_contain_text("30 pasted · 29 numbers · 1 wrong check digit")
    shown = page.locator("#found tbody th").all_inner_texts()
    assert shown == [*thirty, wrong]
    no_barriers(page)
    with page.expect_download() as waited:
        page.get_by_role("button", name="Export CSV").click()
    rows = read_csv(waited.value.path())
    assert [row["input"] for row in rows] == [*thirty, wrong]
    assert {row["can_it_answer"] for row in rows} <= {"yes", "unlikely", "no", "unknown"}


def test_an_upload_with_bad_lines_gives_a_report_and_the_lines(open_page, site, no_barriers, tmp_path):
    lines = next(site.last_day.glob("registration_electricity_*")).read_text().splitlines()
    good = len(lines) - 1 - 3
    lines[5] = "1234567890123" + lines[5][13:]
    lines[9] = re.sub(r"^(\d{13}),[^,]*,", r"\1,T,", lines[9])
    lines[12] = "not a meter point,A,2025-01-01,WREN,AB1 2CD,SMETS2"
    handed_in = tmp_path / "network extract.csv"
    handed_in.write_text("\n".join(lines) + "\n")
    page = open_page("operator")

    page.goto("/extracts/")
    page.get_by_role("link", name="Upload a file").click()
    no_barriers(page)
    page.get_by_label("File").set_input_files(handed_in)
    page.get_by_label("Shows the state of").fill(f"{datetime.now(UTC):%Y-%m-%d}")
    page.get_by_role("button", name="Upload and load").click()
    page.get_by_role("link", name="Open the load report").click(timeout=60_000)
    no_barriers(page)

    facts = page.locator("main dl").first.inner_text()
    assert number(facts.split("Rows loaded")[1]) == good
    assert number(facts.split("Lines rejected")[1]) == 3
    rejects = read_csv(download(page, "Rejected lines as CSV"))
    assert [row["line"] for row in rejects] == ["6", "10", "13"]
    assert all(row["reason"] for row in rejects)
    assert rejects[2]["raw"] == lines[12]


def test_a_file_that_is_none_of_ours_is_refused_with_a_reason(open_page, no_barriers, tmp_path):
    handed_in = tmp_path / "holiday.csv"
    handed_in.write_text("colour,size\nred,12\n")
    page = open_page("operator")

    page.goto("/extracts/upload/")
    page.get_by_label("File").set_input_files(handed_in)
    page.get_by_role("button", name="Upload and load").click()

    expect(page.get_by_role("alert")).to_contain_text("colour,size", timeout=30_000)
    no_barriers(page)


def test_an_export_is_exactly_the_filtered_list(open_page, no_barriers):
    page = open_page("operator")
    page.goto("/discrepancies/?state=all&flag=A&fuel=electricity")
    shown = rows_shown(page)
    listed = [cell.inner_text().strip() for cell in page.locator("#rows tbody a[href*='/points/']").all()]

    page.get_by_role("button", name=re.compile("^Export")).click()
    page.get_by_role("link", name=re.compile("^Download")).wait_for(timeout=60_000)
    no_barriers(page)
    rows = read_csv(download(page, re.compile("^Download")))

    assert len(rows) == shown > 0
    assert {row["flag"] for row in rows} == {"A"}
    assert {row["fuel"] for row in rows} == {"electricity"}
    assert [(row["mpxn"], row["rule"]) for row in rows] == sorted((row["mpxn"], row["rule"]) for row in rows)
    assert set(listed) <= {row["mpxn"] for row in rows}


def test_a_filter_changes_rows_and_address_without_a_reload(open_page, no_barriers):
    page = open_page("operator")
    page.goto("/discrepancies/")
    everything = rows_shown(page)
    page.evaluate("window.sameLoad = true")

    page.get_by_label("Fuel", exact=True).select_option("gas")
    page.wait_for_url("**fuel=gas*")
    page.wait_for_function(
        "total => !document.querySelector('#rows strong').innerText.endsWith(`of ${total}`)", arg=f"{everything:,}"
    )

    assert 0 < rows_shown(page) < everything
    assert page.evaluate("window.sameLoad") is True
    no_barriers(page)
    filtered = rows_shown(page)
    page.reload()
    assert rows_shown(page) == filtered


@pytest.mark.parametrize("person", ["supplier", "network"])
def test_a_partys_person_sees_their_own_rows_only(person, open_page, no_barriers):
    whole = open_page("operator")
    whole.goto("/discrepancies/?state=all")
    page = open_page(person)
    no_barriers(page)

    page.goto("/discrepancies/?state=all")

    assert 0 < rows_shown(page) < rows_shown(whole)
    codes = page.locator(f"#rows tbody a[href*='/{person}s/']")
    assert len(set(codes.evaluate_all("links => links.map(link => link.getAttribute('href'))"))) <= 1


def test_everything_is_reached_with_the_keyboard(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["y"] >= 0
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.innerText"))

    for link in page.get_by_role("navigation", name="Main").get_by_role("link").all():
        assert link.inner_text() in reached
    assert {"q", "mpxn", "state"} <= set(reached)
    skip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_place_of_the_keyboard_can_be_seen(open_page):
    page = open_page("operator")

    for _ in range(15):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.boxShadow]; })()"
        )
        assert style != ["none", "none"], page.evaluate("document.activeElement.outerHTML")


def pages_of(page: Page) -> Iterator[str]:
    """One address of every page: those without arguments, and of the others the first that a page links to."""
    plain = [one.filled() for one in addresses() if not one.arguments and not one.route.startswith("api/")]
    waiting, seen = [*plain, *WRONG_FILTERS], set()
    while waiting:
        address = waiting.pop(0)
        name = "" if address in WRONG_FILTERS else resolve(address).url_name or ""
        if name in seen | NO_PAGES:
            continue
        answer = page.request.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html") or answer.status == 405:
            continue
        seen |= {name} - {""}
        yield address
        found = re.findall(r'href="(/[^"?#]*)', answer.text())
        waiting += [link for link in dict.fromkeys(found) if resolves(link)]


def resolves(link: str) -> bool:
    """Whether it is the address of a page of ours, and has arguments: the others are known."""
    try:
        return bool(resolve(link).kwargs) and not link.startswith(("/admin/", "/api/", "/static/"))
    except Resolver404:
        return False


def test_no_page_has_a_barrier_or_scrolls_sideways_in_light_and_dark(open_page, no_barriers):
    page, walked = open_page("operator"), []

    for address in pages_of(page):
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        page.goto(address)
        no_barriers(page, settled=False)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(PHONE)
        no_barriers(page, settled=False)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        walked.append(address)

    assert len(walked) > 35


def test_every_page_is_two_touches_away_on_a_phone(open_page, no_barriers):
    page = open_page("operator", PHONE)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Data").click()
    page.wait_for_url("**/extracts/")
    no_barriers(page)
    page.get_by_role("navigation", name="Data").get_by_role("link", name="Runs").click()
    page.wait_for_url("**/runs/")


def test_a_slash_goes_to_the_search(open_page):
    page = open_page("operator")

    page.keyboard.press("/")

    expect(page.get_by_label("MPAN or MPRN")).to_be_focused()
    page.keyboard.type("1/2")
    expect(page.get_by_label("MPAN or MPRN")).to_have_value("1/2")


def test_a_number_is_shown_in_groups_and_copied_without_gaps(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/?fuel=electricity")
    shown = page.locator("#rows td.mpxn a").first

    assert re.fullmatch(r"\d{13}", shown.inner_text())
    assert shown.locator("i").count() == 4
    assert shown.locator("i").nth(1).evaluate("group => parseFloat(getComputedStyle(group).marginLeft)") > 2


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_colours_can_be_switched_and_stay(open_page, no_barriers, system):
    page, other = open_page("operator"), {"light": "dark", "dark": "light"}[system]
    page.emulate_media(color_scheme=system)
    page.goto("/discrepancies/")
    as_the_system = page.evaluate("getComputedStyle(document.body).backgroundColor")
    no_barriers(page)

    page.get_by_role("button", name=other.capitalize(), exact=True).click()
    switched = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("/networks/")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == switched != as_the_system
    no_barriers(page)


def test_a_file_that_nobody_has_seen_is_explained_once(open_page, site, no_barriers, tmp_path):
    lines = next(site.last_day.glob("registration_electricity_*")).read_text().splitlines()
    flags = {line.split(",")[0]: line.split(",")[1] for line in lines[1:]}

    def handed_in(name: str, day: str) -> Path:
        path = tmp_path / f"{name} {day}.csv"
        rows = (f"{number};{flag};2025-01-0{1 + int(number) % 9};{name}\n" for number, flag in flags.items())
        path.write_text("Supply Ref;Svc Ind;Moved;Made\n" + "".join(rows))
        return path

    def upload(page: Page, path: Path) -> None:
        page.goto("/extracts/upload/")
        page.get_by_label("File").set_input_files(path)
        page.get_by_role("button", name="Upload and load").click()

    page = open_page("operator")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    upload(page, handed_in("Network report", today))
    page.get_by_role("link", name="Say what its headings mean").click(timeout=60_000)
    no_barriers(page)
    expect(page.get_by_label("DCC Service Flag")).to_have_value("1")

    page.get_by_label("Flag's effective from date").select_option("2")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator("#preview")).to_contain_text("Jan 2025")
    no_barriers(page)
    page.get_by_role("button", name="Keep and load").press("Enter")
    page.get_by_role("link", name="Open the load report").click(timeout=60_000)
    expect(page.locator("main")).to_contain_text("flag_from = Moved")

    upload(page, handed_in("Another", today))
    page.get_by_role("link", name="Open the load report").click(timeout=60_000)
    expect(page.locator("main")).to_contain_text("Network report")
    page.goto("/headings/")
    no_barriers(page)
    page.get_by_role("link", name="Network report", exact=True).click()
    no_barriers(page)


def test_a_chart_to_be_read_off_is_fetched_by_whoever_opens_it(open_page, no_barriers):
    page = open_page("operator")
    fetched: list[str] = []
    page.on("request", lambda asked: fetched.append(asked.url))
    page.goto("/networks/10/")
    no_barriers(page)
    assert not [url for url in fetched if "plotly" in url]

    page.get_by_text("Mismatches, new and resolved by run").press("Enter")

    expect(page.locator("[data-chart] .point").first).to_be_visible()
    assert len([url for url in fetched if "plotly" in url]) == 1
    no_barriers(page)


JUMPS = """
    window.jumped = 0;
    new PerformanceObserver(seen => seen.getEntries().forEach(one => { jumped += one.value; }))
        .observe({type: 'layout-shift', buffered: true});
"""
DRIBBLE = {"offline": False, "latency": 0, "downloadThroughput": 15_000, "uploadThroughput": 15_000}
"""A line on which a page comes in pieces: bytes a second."""


def test_nothing_jumps_while_a_page_comes(open_page):
    page = open_page("operator")
    page.goto("/discrepancies/")
    point = page.locator("td.mpxn a").first.get_attribute("href")
    page.add_init_script(JUMPS)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for address in ("/", point, "/networks/", "/work/", "/look-up/", "/networks/10/"):
            page.goto(address, wait_until="networkidle")
            assert page.evaluate("window.jumped") < 0.002, address


def test_nothing_jumps_while_a_page_comes_in_pieces(open_page):
    page = open_page("operator")
    for address in ("/work/", "/discrepancies/"):
        page.goto(address)
    page.add_init_script(JUMPS)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", DRIBBLE)

    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for address in ("/work/", "/discrepancies/"):
            page.goto(address, wait_until="load")
            assert page.evaluate("window.jumped") == 0, address
            expect(page.locator("#rows tbody tr").first).to_be_visible()
