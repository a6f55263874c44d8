"""How soon a page says something on a slow line, how much it sends until then, and whether it jumps: in Chromium.

In: VAR_DIR of a product that has a run, as for pages. Out: a table in Markdown. Run by hand:
`VAR_DIR=... python -m benchmarks.felt`; the line has 750 kbit/s and 200 ms, and nothing is in the browser's cache.
"""

import random
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.pages import connection, pages, sample_points, serving, session

CHROMIUM = "/usr/bin/chromium"
KILOBIT = 1000 / 8
LINE = {"offline": False, "latency": 200, "downloadThroughput": 750 * KILOBIT, "uploadThroughput": 750 * KILOBIT}
MEASURED = ("overview", "list", "Meter Point", "a network", "causes", "queue", "files", "a run", "rules")
SHIFTS = """
    window.shift = 0;
    new PerformanceObserver(list => { for (const one of list.getEntries()) window.shift += one.value; })
        .observe({type: "layout-shift", buffered: true});
"""
TIMES = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const page = performance.getEntriesByType("navigation")[0];
    return {words: paint ? paint.startTime : null, whole: page.domContentLoadedEventEnd, loaded: page.loadEventEnd};
}"""


def main() -> None:
    """Open each page once to warm the server, then on the slow line; print."""
    addresses, cookie = pages(sample_points(random.Random(1))), session()
    connection.close()
    rows = []
    with serving() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name in MEASURED:
            address = f"http://127.0.0.1:{port}{addresses[name][0]}"
            opened(browser, cookie, address, slow=False)
            rows.append((name, opened(browser, cookie, address, slow=True)))
        browser.close()
    print("| page | words ms | all in place ms | charts ms | kB before | kB in all | layout shift |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, found in rows:
        sizes = f"{found['before'] / 1000:.0f} | {found['sent'] / 1000:.0f}"
        times = " | ".join(f"{found[at] or 0:,.0f}" for at in ("words", "whole", "loaded"))
        print(f"| {name} | {times} | {sizes} | {found['shift']:.3f} |")


def opened(browser: Browser, cookie: str, address: str, *, slow: bool) -> dict[str, Any]:
    """Milliseconds until words are painted, until the page stands and until all is there; bytes before and in all."""
    name, _, value = cookie.partition("=")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.add_init_script(SHIFTS)
    sent = counted(context.new_cdp_session(page), page, slow=slow)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(500)
    found = page.evaluate(TIMES) | {"shift": page.evaluate("window.shift")}
    context.close()
    needed = sum(size for url, size in sent.items() if url == address or urlsplit(url).path.endswith(".css"))
    return found | {"before": needed, "sent": sum(sent.values())}


def counted(line: CDPSession, page: Page, *, slow: bool) -> dict[str, int]:
    """Bytes on the line by address, as they come."""
    sent: dict[str, int] = {}
    urls: dict[str, str] = {}
    line.send("Network.enable")
    if slow:
        line.send("Network.emulateNetworkConditions", LINE)
    line.on("Network.responseReceived", lambda got: urls.update({got["requestId"]: got["response"]["url"]}))
    line.on(
        "Network.loadingFinished",
        lambda got: sent.update({urls.get(got["requestId"], page.url): int(got["encodedDataLength"])}),
    )
    return sent


if __name__ == "__main__":
    main()
