"""How long pages take while 20 people work at a person's pace, on the loaded market of VAR_DIR.

In: VAR_DIR and DATABASE_URL of a product that has a run. Out: a table in Markdown, then JSON. Run by hand:
`VAR_DIR=... python -m benchmarks.paced`; `--only queue`: such pages alone.
"""

import http.client
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.pages import (
    CLIENTS,
    asked,
    connection,
    heads_of,
    logged,
    only,
    pages,
    printed,
    quantile,
    sample_points,
    server_times,
    serving,
    session,
    settings,
)

READS = (1.0, 3.0)
"""Seconds for which somebody looks at a page before they ask for the next."""
SECONDS = float(os.environ.get("PACED_SECONDS", "240"))
POINTS = 10_000
"""Meter Points that people open: so many that hardly any is opened twice."""
WARM = 5.0
"""Of those that ask within the first seconds, nothing is said: processes and what is kept are new then."""


def main() -> None:
    """Let people work, and print how long they waited."""
    log, chosen = settings.VAR_DIR / "requests.log", random.Random(2)
    log.unlink(missing_ok=True)
    wanted = only(pages(sample_points(chosen, POINTS), most_points=POINTS))
    cookies = [session() for _ in range(CLIENTS)]
    connection.close()
    with serving(*logged(log)) as port, ThreadPoolExecutor(CLIENTS) as people:
        started = time.monotonic()
        found = people.map(lambda n: person(port, cookies[n], wanted, random.Random(n), started), range(CLIENTS))
        waits = [wait for waited in found for wait in waited]
    served = server_times(log)
    rows = {name: figures([ms for page, ms in waits if page == name], served.get(name, [])) for name in wanted}
    every = [ms for name in wanted for ms in served.get(name, [])]
    rows["all of them"] = figures([ms for _, ms in waits], every)
    print(printed(rows))
    print(json.dumps({"people": CLIENTS, "reads": READS, "seconds": SECONDS, "pages": rows}))


def figures(waits: list[float], served: list[float]) -> dict[str, Any]:
    """Of one page: how often it was asked for, and the milliseconds of clients and of the server."""
    if not waits or not served:
        return {"requests": len(waits)}
    said = {"requests": len(waits)}
    for prefix, times in (("", waits), ("server_", served)):
        said |= {f"{prefix}p{at}": round(quantile(times, at), 1) for at in (50, 95)}
        said |= {f"{prefix}max": round(max(times), 1)}
    return said


def person(
    port: int, cookie: str, wanted: dict[str, list[str]], chosen: random.Random, started: float
) -> list[tuple[str, float]]:
    """One person: a page, a while to read it, another page. Each page with the milliseconds that it took."""
    waits = []
    for name, path in deck(wanted, chosen):
        time.sleep(chosen.uniform(*READS))
        since = time.monotonic() - started
        if since > SECONDS:
            return waits
        tag = name if since > WARM else "warming"
        began = time.perf_counter()
        # Nobody's browser waits for seconds with its line open.
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        answer = asked(line, path, heads_of(cookie, tag))
        line.close()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        if tag == name:
            waits.append((name, (time.perf_counter() - began) * 1000))
    raise AssertionError("the deck has no end")


def deck(wanted: dict[str, list[str]], chosen: random.Random) -> Iterator[tuple[str, str]]:
    """Every page equally often, in an order of the person's own, each time at another of its addresses."""
    names = list(wanted)
    while True:
        chosen.shuffle(names)
        for name in names:
            yield name, chosen.choice(wanted[name])


if __name__ == "__main__":
    main()
