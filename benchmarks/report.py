"""Tables and pictures of what was measured.

In: a result. Out: results/<date>-<size>.json and .md, results/cost.svg, and the tables of README.md between its marks.
Called by __main__.
"""

import json
import re
from pathlib import Path
from typing import Any

from . import chart
from .peers import BASE

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"
README = FOLDER / "README.md"
MARKED = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)
Result = dict[str, Any]


def keep(result: Result) -> Path:
    """Write a result as JSON, and as a page to read."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result['at'][:10]}-{result['size']:g}m.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    path.with_suffix(".md").write_text(page(result))
    print(page(result))
    return path


def kept() -> list[Result]:
    """Every kept result, by size and then by time."""
    found = [json.loads(path.read_text()) for path in RESULTS.glob("*.json")]
    return sorted(found, key=lambda result: (result["size"], result["at"]))


def publish() -> None:
    """Draw the chart, and put the newest result of each size into the README."""
    results = kept()
    (RESULTS / "cost.svg").write_text(chart.cost_per_point(results))
    newest = {result["size"]: result for result in results}
    tables = "\n".join(page(result) for result in newest.values())
    README.write_text(MARKED.sub(lambda marks: f"{marks[1]}{tables}{marks[2]}", README.read_text()))


def page(result: Result) -> str:
    """One result in Markdown."""
    parts = [
        f"### {result['size']:g} million Meter Points, {result['at'][:10]}\n",
        f"{result['points']:,} Meter Points and {result['devices']:,} smart meters in {result['csv_mb']:,} MB of CSV. "
        f"{result['agreement']}\n",
        comparison(result),
        stages(result),
    ]
    if result["second_day"]:
        parts.append(second_day(result))
    if result["pages"]:
        parts.append(pages(result["pages"]))
    parts.append(machine(result))
    return "\n".join(parts) + "\n"


def table(headings: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; every column but the first is to the right if its heading ends in a unit or a number."""
    marks = ["---" if n == 0 or heading == "what it leaves out" else "---:" for n, heading in enumerate(headings)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [headings, marks, *rows]) + "\n"


def comparison(result: Result) -> str:
    """Every way with its time, memory, and its time against bare DuckDB's."""
    base = next((row for row in result["rows"] if row["title"] == BASE), None)
    rows = []
    for row in result["rows"]:
        runs = len(row["every_run"])
        rows.append(
            [
                row["title"],
                f"{row['seconds']:,.1f}" + (f" ± {row['spread'] / 2:.0%}" if runs > 1 else ""),
                f"{row['cpu_seconds']:,.1f}" + (f" + {row['server_cpu_seconds']:,.1f}" if row["server_mb"] else ""),
                f"{row['seconds'] / base['seconds']:.1f}" if base else "",
                f"{processor(row) / processor(base):.1f}" if base else "",
                f"{other_work(row, result['machine']['processors']):.0%}",
                f"{row['seconds'] / result['points'] * 1e6:.2f}",
                f"{row['peak_mb']:,.0f}" + (f" + {row['server_mb']:,.0f}" if row["server_mb"] else ""),
                row["differs"] or "Nothing: every check, every line of the ledger.",
            ]
        )
    headings = [
        "",
        "seconds",
        "processor s (+ server)",
        "x DuckDB",
        "x its processor s",
        "other work",
        "µs a point",
        "memory MB (+ server)",
        "what it leaves out",
    ]
    return table(headings, rows)


def processor(row: dict[str, Any]) -> float:
    """Processor seconds of a way, its server's with them."""
    return float(row["cpu_seconds"] + row["server_cpu_seconds"])


def other_work(row: dict[str, Any], processors: int) -> float:
    """The share of all processors' time that went to anything else on the machine while this ran."""
    return float(max(row["busy_seconds"] - processor(row), 0) / (row["seconds"] * processors))


def stages(result: Result) -> str:
    """Where the product's time goes."""
    products = {row["title"].removeprefix("the product on "): row for row in result["rows"] if "inside" in row}
    if not products:
        return ""
    rows = [
        [name, stage, f"{seconds:.2f}", f"{row['peak_mb_by_stage'][stage]:,.0f}"]
        for name, row in products.items()
        for stage, seconds in row["stages"].items()
    ]
    inside = "".join(
        f"Inside {stage}, in seconds: "
        + "; ".join(
            f"{name}: " + ", ".join(f"{part} {seconds:.2f}" for part, seconds in row["inside"][stage].items())
            for name, row in products.items()
        )
        + ".\n\n"
        for stage in ("load", "reconcile")
    )
    return f"{table(['the product on', 'stage', 'seconds', 'memory MB'], rows)}\n{published(result)}\n{inside}"


def published(result: Result) -> str:
    """The time from raw CSV to the published run, and how fast the export is, its process's start and end included."""
    base = next((row for row in result["rows"] if row["title"] == BASE), None)
    words = []
    for row in result["rows"]:
        if "inside" in row:
            seconds = row["seconds"] - row["stages"]["export"]
            ratio = f", {seconds / base['seconds']:.2f} times bare DuckDB" if base else ""
            speed = sum(row["answers"].values()) / row["stages"]["export"]
            name = row["title"].removeprefix("the product on ")
            worked = sum(sum(parts.values()) for parts in row["inside"].values())
            words.append(
                f"{name} {seconds:.1f} seconds{ratio}, {worked / result['points'] * 1e6:.2f} µs a Meter Point without "
                f"the starts of commands; export {speed:,.0f} rows a second"
            )
    return f"To the published run: {'. '.join(words)}.\n"


def second_day(result: Result) -> str:
    """What the ledger wrote on the first day and on a second."""
    changed = next(iter(result["second_day"].values()))["changed"]
    points = sum(changed.values()) / result["points"]
    words = (
        f"On the second day {sum(changed.values()):,} Meter Points ({points:.1%}) had changed: {changed['mended']:,} "
        f"were mended, {changed['broken']:,} went wrong, {changed['moved']:,} changed supplier. The ledger wrote:\n"
    )
    rows = []
    for database, days in result["second_day"].items():
        for day, name in (("first", "first day"), ("second", "second day")):
            wrote = days[day]
            counts = [f"{wrote[key]:,}" for key in ("discrepancies", "events", "summaries")]
            share = f"{wrote['ledger'] / days['first']['ledger']:.1%}"
            rows.append([f"{database}, {name}", *counts, share, f"{wrote['record']:.2f}"])
    headings = ["", "discrepancies", "events", "summary rows", "of the first day", "seconds to record"]
    return f"{words}\n{table(headings, rows)}"


def pages(found: dict[str, Any]) -> str:
    """Pages under load."""
    rows = []
    for database, measured in found.items():
        for name, times in measured["pages"].items():
            figures = [
                f"{times[key]:,.0f}" for key in ("p50", "p95", "server_p50", "server_p95", "alone_p50", "per_second")
            ]
            rows.append([database, name, *figures])
        looked = measured["evidence"]
        rows.append([database, "evidence, in process", f"{looked['p50']:.0f}", f"{looked['p95']:.0f}", "", "", "", ""])
    clients = next(iter(found.values()))["clients"]
    headings = ["", "page", "p50 ms", "p95 ms", "server p50", "server p95", "one client p50", "pages a second"]
    return f"{clients} clients at once; clients and server share the machine.\n\n{table(headings, rows)}"


def machine(result: Result) -> str:
    """What it was measured on."""
    on = result["machine"]
    used = on["versions"].items()
    versions = sorted(
        {f"{name} {number}" for name, number in used} | {row["versions"] for row in result["rows"]} - {""}
    )
    runs = f"{result['repeat']} runs each" if result["repeat"] > 1 else "One run each"
    return (
        f"{runs}. {on['processors']} processors ({on['model']}), {on['memory_gb']} GB, load {on['load']:.1f} before "
        f"and {on['load_at_end']:.1f} after; Python {on['python']}, {', '.join(versions)}; commit {on['commit']}"
        + ("." if on["commit"] == on["commit_at_end"] else f", which became {on['commit_at_end']} while this ran.")
    )
