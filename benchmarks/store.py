"""The same day with its lake in a folder and in a store on the same machine, one after the other.

In: a folder with a day's files. Out: a line of JSON each: seconds of wall and of processor, the store's apart; it fails
where what they export differs. Run by hand: `python -m benchmarks.store FOLDER`.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import with_store

from .measure import PYTHON, BenchmarkError, run, watching
from .peers.common import sources
from .product import Product, megabytes

COPIES = "lake-copies"


def main() -> None:
    """Both, compared."""
    files = sources(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        here = day(Product.fresh(Path(work, "folder"), None), files)
        (kept := Path(work, "server")).mkdir()
        with with_store.running(kept) as server:
            subject = Product.fresh(Path(work, "store"), None)
            subject.env = {**subject.env, **server.environment, "LAKE_URL": f"s3://{with_store.BUCKET}/bench"}
            there = day(subject, files, server.process.pid if server.process else None)
    if here["sha256"] != there["sha256"]:
        raise BenchmarkError("what is exported differs")
    for name, found in (("folder", here), ("store", there)):
        print(json.dumps({"lake": name, **found}))


def day(subject: Product, files: dict[str, Path], store: int | None = None) -> dict[str, Any]:
    """Load, reconcile, export; then, as a machine without copies, pages. `store`: the process of the store."""
    out = subject.var / "open.csv"
    commands = {
        "load": ("load", files["electricity"], files["gas"], files["smi"]),
        "reconcile": ("reconcile",),
        "export": ("export", out),
    }
    with watching(store) as server:
        steps = {name: subject.manage(*words, "--json") for name, words in commands.items()}
        shutil.rmtree(subject.var / COPIES, ignore_errors=True)
        shown = run(PYTHON, "-m", "benchmarks.store_pages", env=subject.env).output
    took = {name: [one.seconds, one.cpu_seconds] for name, one in steps.items()}
    copied = megabytes(subject.var / COPIES)
    return took | shown | {
        "store's processor": server.cpu_seconds, "copies for pages, MB": copied,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
    }  # fmt: skip


if __name__ == "__main__":
    main()
