"""Corrections: counted, written as files, and answered, beside plain DuckDB, which writes the same points by network.

In: VAR_DIR of a product that has a run, whose ledger then holds the sending; FIRST of its open discrepancies by QUERY.
Out: a line of JSON. Run by hand: `VAR_DIR=... python -m benchmarks.corrections`.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from .desk import beside, seconds_of
from .measure import PYTHON, ROOT, Measured, run

QUERY = os.environ.get("QUERY", "")
REJECTED = 10
"""Every tenth line of a D0350 comes back."""
PARTED = """
    COPY (SELECT mpxn, flag, left(mpxn::VARCHAR, 2) AS network FROM read_csv('{table}') ORDER BY mpxn)
    TO '{out}' (FORMAT csv, PARTITION_BY network)
"""


def main() -> None:
    """Count, write, answer."""
    with TemporaryDirectory(dir=os.environ["VAR_DIR"]) as folder:
        sent = Path(folder, "sent")
        counted = _manage("correct", sent, "--query", QUERY, "--json")
        count = counted.output["corrections"]
        made = _manage("correct", sent, "--query", QUERY, "--yes", str(count), "--json")
        answers = list(_answers(sent, Path(folder)))
        answered = _manage("load", *answers, "--json")
        parted = PARTED.format(table=sent / "corrections.csv", out=Path(folder, "bare"))
        bare = seconds_of(lambda: duckdb.connect().execute(parted))
    told = {
        "corrections": count,
        "files": counted.output["files"],
        "count": counted.seconds,
        "answers": len(answers),
        "answered": answered.seconds,
        "peak_mb": max(one.peak_mb for one in (counted, made, answered)),
    }
    print(json.dumps(told | beside(made.seconds, bare)))


def _answers(sent: Path, folder: Path) -> Iterator[Path]:
    """A D0351 for each D0350, made a minute from now, that rejects some of its instructions."""
    at = f"{datetime.now(UTC) + timedelta(minutes=1):%Y%m%d%H%M%S}"
    for number, file in enumerate(sorted(sent.glob("D0350_*"))):
        lines = [line.split("|") for line in file.read_text().splitlines() if line.startswith("82H|")][::REJECTED]
        told = [
            f"84H|{place}|DC11|{line[1]}|{line[3]}|{at[:8]}|{line[4]}|{line[5]}|{line[6]}|\n85H|23|\n"
            for place, line in enumerate(lines, 1)
        ]
        path = folder / f"D0351_{number}.usr"
        head = f"ZHV|R{number}|D0351001|P|MPAS|Z|DCCO|{at}||||OPER|\n83H|{len(lines)}|\n"
        path.write_text(head + "".join(told) + f"ZPT|R{number}|{2 * len(lines) + 1}||1|{at}|\n")
        yield path


def _manage(*words: str | Path) -> Measured:
    return run(PYTHON, ROOT / "manage.py", *words, env={"VAR_DIR": os.environ["VAR_DIR"]})


if __name__ == "__main__":
    main()
