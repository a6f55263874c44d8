"""`python -m benchmarks --size 0.5,5.4`: measure the product and its peers on the same files, and keep the figures.

In: sizes in millions of Meter Points. Out: benchmarks/results/<date>-<size>.json and .md, the chart, the README's
table. Fails loudly where an answer differs.
"""

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconcile.domain.mp077 import BROKEN, LEGACY
from tests.with_postgres import postgres

from . import machine, product, report
from .market import Market, market
from .measure import PYTHON, ROOT, BenchmarkError, Server, run, watching
from .peers import PEERS, Peer
from .peers.common import WATCHED

BENCH_PYTHON = ROOT / ".venv-bench/bin/python"
PARTS = ("product", "peers", "second-day", "pages")
SMI_ONLY = "SMI_ONLY"
JUDGED = {*BROKEN.values(), *LEGACY.values(), WATCHED, SMI_ONLY}
"""The rules that product and peers both judge: the truth table's, and meters without a registered point."""
Row = dict[str, Any]


def main() -> None:
    """Measure every size that was asked for, then draw and write."""
    options = arguments()
    folder = Path(os.environ.get("BENCH_DIR", "/var/tmp/dccflags-bench"))  # noqa: S108 - large, and safe to lose
    for size in options.size:
        made = market(folder / f"{size:g}m", round(size * 1_000_000))
        say(f"{size:g} million: {made.points:,} Meter Points, {made.devices:,} devices, {made.megabytes:,} MB of CSV")
        result = measured(made, size, options)
        report.keep(result)
        if not options.keep:
            shutil.rmtree(made.folder / "work", ignore_errors=True)
    report.publish()


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--size", type=sizes, default=[0.5], help="millions of Meter Points, a comma between sizes")
    parser.add_argument("--repeat", type=int, default=1, help="runs of everything; the table then has their spread")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), help=", ".join(PARTS))
    parser.add_argument("--databases", type=lambda text: text.split(","), default=["SQLite", "PostgreSQL"])
    parser.add_argument("--keep", action="store_true", help="leave the databases and lakes where they are")
    return parser.parse_args()


def sizes(text: str) -> list[float]:
    """Comma-separated millions."""
    return [float(one) for one in text.split(",")]


def measured(made: Market, size: float, options: argparse.Namespace) -> dict[str, Any]:
    """Everything that is measured of one market, `repeat` times over."""
    began = machine.facts()
    rounds = [one_round(made, options) for _ in range(options.repeat)]
    rows = [merged([one["rows"][at] for one in rounds]) for at in range(len(rounds[0]["rows"]))]
    return {
        "size": size,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "points": made.points,
        "devices": made.devices,
        "csv_mb": made.megabytes,
        "repeat": options.repeat,
        "machine": began | {"load_at_end": os.getloadavg()[0], "commit_at_end": machine.commit()},
        "rows": rows,
        "agreement": agreement(rows),
        "second_day": rounds[-1]["second_day"],
        "pages": rounds[-1]["pages"],
    }


def one_round(made: Market, options: argparse.Namespace) -> dict[str, Any]:
    """The product on each database, then the peers."""
    found: dict[str, Any] = {"rows": [], "second_day": {}, "pages": {}}
    for database in options.databases if "product" in options.only else []:
        measure_product(made, database, options.only, found)
    for peer in PEERS if "peers" in options.only else ():
        if made.points > peer.most_points:
            say(f"  {peer.title}: left out, it needs more memory than this machine has")
            continue
        found["rows"].append(measure_peer(made, peer))
        say_row(found["rows"][-1])
    agreement(found["rows"])
    return found


def measure_product(made: Market, database: str, parts: list[str], found: dict[str, Any]) -> None:
    """One database: the first day, the second, the pages. What was measured goes into `found`."""
    with server(made, wanted=database == "PostgreSQL") as (url, process):
        made.warm()
        subject = product.Product.fresh(made.folder / "work" / f"var-{database.lower()}", url)
        with watching(process) as watched:
            row = {"title": f"the product on {database}", "differs": "", **product.first_day(subject, made)}
        found["rows"].append(row | served(watched) | {"versions": ""})
        say_row(found["rows"][-1])
        if "second-day" in parts:
            found["second_day"][database] = product.second_day(subject, made)
        if "pages" in parts:
            found["pages"][database] = run(PYTHON, "-m", "benchmarks.pages", env=subject.env).output


def measure_peer(made: Market, peer: Peer) -> Row:
    """One peer, in its own process."""
    python = BENCH_PYTHON if peer.in_bench else PYTHON
    made.warm()
    with server(made, wanted=peer.server) as (url, process), watching(process) as watched:
        env: Mapping[str, str] = {"DATABASE_URL": url} if url else {}
        took = run(python, "-m", f"benchmarks.peers.{peer.module}", *peer.arguments, made.first, env=env)
    return {
        "title": peer.title,
        "differs": peer.differs,
        "stages": took.output["stages"],
        "seconds": took.seconds,
        "cpu_seconds": took.cpu_seconds,
        "busy_seconds": took.busy_seconds,
        "peak_mb": took.peak_mb,
        "answers": took.output["answers"],
        "versions": took.output["version"],
        **served(watched),
    }


def served(watched: Server) -> Row:
    """What the server took, for a row."""
    return {"server_mb": watched.peak_mb, "server_cpu_seconds": watched.cpu_seconds}


@contextmanager
def server(made: Market, *, wanted: bool) -> Iterator[tuple[str | None, int | None]]:
    """A PostgreSQL of its own with its process id, where one is wanted."""
    if not wanted:
        yield None, None
        return
    folder = made.folder / "work" / "postgres"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with postgres(folder) as url:
        yield url, int((folder / "data" / "postmaster.pid").read_text().split()[0])


def merged(rows: list[Row]) -> Row:
    """Runs of one subject as one row: the median run's figures, with every run's seconds."""
    ordered = sorted(rows, key=lambda row: row["seconds"])
    middle = ordered[len(ordered) // 2]
    every = [row["seconds"] for row in rows]
    spread = (max(every) - min(every)) / statistics.median(every)
    return middle | {"every_run": every, "spread": round(spread, 3), "peak_mb": max(row["peak_mb"] for row in rows)}


def agreement(rows: list[Row]) -> str:
    """That every row gives the same count for every rule that all of them judge. Raises BenchmarkError."""
    by_rule = {row["title"]: row["answers"] for row in rows if "total" not in row["answers"]}
    if not by_rule:
        return "nothing to compare"
    base, first = next(iter(by_rule.items()))
    for title, answers in by_rule.items():
        pairs = {rule: (first.get(rule, 0), answers.get(rule, 0)) for rule in JUDGED}
        differ = {rule: pair for rule, pair in pairs.items() if pair[0] != pair[1]}
        if differ:
            raise BenchmarkError(f"{title} disagrees with {base}: {differ}")
    wrong = sum(first.get(rule, 0) for rule in JUDGED - {WATCHED, SMI_ONLY})
    for row in rows:
        if row["answers"].get("total", wrong) != wrong:
            raise BenchmarkError(f"{row['title']} counts {row['answers']['total']:,} wrong flags, the others {wrong:,}")
    return f"All {len(rows)} agree: {wrong:,} wrong flags, and the same count for each of {len(JUDGED)} rules."


def say(words: str) -> None:
    """A line for whoever watches."""
    print(words, file=sys.stderr, flush=True)


def say_row(row: Row) -> None:
    """One subject as it comes in."""
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in row["stages"].items())
    say(f"  {row['title']}: {row['seconds']:.1f} s ({stages}), {row['peak_mb']:,.0f} MB")


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(f"benchmarks: {error}")
