"""DuckDB and Spark on a market of so many million Meter Points, made and loaded here: both must find the same.

In: a size, BENCH_DIR. Out: a line of JSON. Called by `make spark`.
"""

import json
import os
import sys
from pathlib import Path

from .market import market
from .measure import run
from .peers.common import sources
from .product import Product


def main() -> None:
    """Make, load, have both judge it, print."""
    size = sys.argv[1]
    folder = Path(os.environ.get("BENCH_DIR", "/var/tmp/dccflags-bench"))  # noqa: S108 - large, and safe to lose
    made = market(folder / f"{size}m", int(float(size) * 1_000_000))
    subject = Product.fresh(made.folder / "work" / "var-spark", None)
    files = sources(made.first)
    subject.manage("load", files["electricity"], files["gas"], files["smi"], "--json")
    print(json.dumps(run(sys.executable, "-m", "benchmarks.engines", env=subject.env).output))


if __name__ == "__main__":
    main()
