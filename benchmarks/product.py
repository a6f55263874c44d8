"""The product itself, as its users run it: load, reconcile and export, each a process, then a second day.

In: a Market and a database. Out: stages with seconds and memory, answers by rule, rows written. Called by __main__.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .market import Market
from .measure import PYTHON, ROOT, Measured, run
from .peers.common import sources


@dataclass
class Product:
    """One fresh VAR_DIR and database, and what was measured on them."""

    var: Path
    env: Mapping[str, str]
    steps: dict[str, Measured] = field(default_factory=dict)

    @classmethod
    def fresh(cls, var: Path, database_url: str | None) -> "Product":
        """An empty product; SQLite where no database is given."""
        shutil.rmtree(var, ignore_errors=True)
        var.mkdir(parents=True)
        product = cls(var, {"VAR_DIR": str(var), "DATABASE_URL": database_url or f"sqlite:///{var}/dccflags.sqlite3"})
        product.manage("migrate", "--verbosity", "0")
        return product

    def manage(self, *words: str | Path) -> Measured:
        """One command of the product."""
        return run(PYTHON, ROOT / "manage.py", *words, env=self.env)

    def ledger(self, what: str) -> dict[str, Any]:
        """See `benchmarks.ledger`."""
        return run(PYTHON, "-m", "benchmarks.ledger", what, env=self.env).output


def first_day(product: Product, market: Market) -> dict[str, Any]:
    """Load the three files, reconcile, export every open discrepancy."""
    files = sources(market.first)
    steps = product.steps
    steps["load"] = product.manage("load", files["electricity"], files["gas"], files["smi"], "--json")
    steps["reconcile"] = product.manage("reconcile", "--json")
    exported = product.var / "open.csv"
    steps["export"] = product.manage("export", exported, "--json")
    # The answer is counted in the file that a user gets, not in the product's own tables.
    answers = run(PYTHON, "-m", "benchmarks.exported", exported).output["answers"]
    return {
        "stages": {name: measured.seconds for name, measured in steps.items()},
        "inside": {"load": product.ledger("loads"), "reconcile": product.ledger("seconds")},
        "seconds": round(sum(measured.seconds for measured in steps.values()), 3),
        "cpu_seconds": round(sum(measured.cpu_seconds for measured in steps.values()), 3),
        "busy_seconds": round(sum(measured.busy_seconds for measured in steps.values()), 3),
        "peak_mb": max(measured.peak_mb for measured in steps.values()),
        "peak_mb_by_stage": {name: measured.peak_mb for name, measured in steps.items()},
        "answers": answers,
        "lake_mb": megabytes(product.var / "lake"),
    }


def second_day(product: Product, market: Market) -> dict[str, Any]:
    """Load the changed registration, reconcile, and count what the ledger wrote on each day."""
    first = product.ledger("written") | {"record": product.ledger("seconds")["record"]}
    product.ledger("remember")
    files = sources(market.second)
    load = product.manage("load", files["electricity"], files["gas"], "--json")
    reconcile = product.manage("reconcile", "--json")
    second = product.ledger("written") | {"record": product.ledger("seconds")["record"]}
    product.ledger("forget")
    return {
        "changed": market.changed,
        "first": first,
        "second": second,
        "share_written": round(second["ledger"] / max(first["ledger"], 1), 4),
        "load": load.seconds,
        "reconcile": reconcile.seconds,
    }


def megabytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000
