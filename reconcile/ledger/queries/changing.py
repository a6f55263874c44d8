"""The Meter Points behind the figures of what if: a page of them, or a CSV.

In: a scope, a WhatIf, which of its points. Out: rows in the order of their numbers. Called by the page, the API,
the command and export_changes.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reconcile.domain.policies import reading_named
from reconcile.domain.vocabulary import FIRST_MPAN
from reconcile.feeds.sql import literal
from reconcile.lake import changing, store
from reconcile.models import Run

from ..access import Scope
from ..inputs import of_run
from ..safe_csv import safe_sql
from .comparing import NotThere
from .what_if import NONE, PARTIES, Counted, WhatIf, pairs, within

logger = logging.getLogger(__name__)
COLUMNS = ("mpxn", "network", "supplier", "flag", "expected", "expected_then")
"""Of the CSV, which has no text for no flag."""


@dataclass(frozen=True)
class Asked:
    """Which of the points that change: by what is expected now and then (a flag or `none`), party and rule broken now.

    A party is a code; empty is any, and `supplier` may be `none`: no supplier.
    """

    now: str = ""
    then: str = ""
    network: str = ""
    supplier: str = ""
    rule: str = ""

    def in_words(self, of: WhatIf) -> list[str]:
        """What narrows the points, in words."""
        parts = [f"{name} {value}" for name, value in (("from", self.now), ("to", self.then)) if value]
        kinds = {"network": self.network, "supplier": self.supplier, "rule": self.rule}
        return [*parts, *(of.names.get((kind, code), code) for kind, code in kinds.items() if code)]


EVERY_CHANGE = Asked()


@dataclass(frozen=True)
class ChangingPage:
    """A page of the points that change; `after`: the number that the next page begins beyond, None at the end."""

    what_if: WhatIf
    rows: list[dict[str, Any]]
    total: int
    after: int | None


def changing_page(*, scope: Scope, of: WhatIf, only: Asked = EVERY_CHANGE, after: int = 0, size: int) -> ChangingPage:
    """The points that change, in the order of their numbers. Raises NotThere."""
    total = sum(row.changed for row in of.counted if _is_asked(row, only))
    if not total:
        return ChangingPage(of, [], 0, None)
    with _read(of.run):
        rows = changing.page(
            of_run(of.run).inputs,
            reading_named(of.run.policy),
            _changes(of, only),
            where=_where(scope, only),
            after=after,
            size=size + 1,
            total=total,
        )
    more = len(rows) > size
    return ChangingPage(of, rows[:size], total, rows[size - 1]["mpxn"] if more else None)


def changing_csv(
    *,
    scope: Scope,
    of: WhatIf,
    only: Asked = EVERY_CHANGE,
    target: Path,
    report: Callable[[float], None] = lambda share: None,
) -> int:
    """Write the points that change to `target`, each share of it told; gives their number. Raises NotThere."""
    texts = {name: f"{safe_sql(name)} AS {name}" for name in PARTIES}
    flags = {name: f"nullif({name}, '') AS {name}" for name in ("flag", "expected", "expected_then")}
    with store.scratch() as folder, _read(of.run):
        return changing.write_csv(
            of_run(of.run).inputs,
            reading_named(of.run.policy),
            _changes(of, only),
            where=_where(scope, only),
            columns={name: {**texts, **flags}.get(name, name) for name in COLUMNS},
            folder=folder,
            target=target,
            report=report,
        )


def _is_asked(row: Counted, only: Asked) -> bool:
    said = {
        "now": row.expected,
        "then": row.expected_then,
        "network": row.network,
        "supplier": row.supplier,
        "rule": row.rule,
    }
    return all(value in ("", said[name] or NONE) for name, value in vars(only).items())


def _changes(of: WhatIf, only: Asked) -> pa.Table:
    """The cells whose points change and are asked for."""
    cells = pairs(of.against, of.policy).to_pylist()
    asked = {"expected": only.now, "expected_then": only.then, "rule": only.rule}
    rows = [
        cell
        for cell in cells
        if cell["expected"] != cell["expected_then"]
        and all(value in ("", cell[name] or NONE) for name, value in asked.items())
    ]
    return pa.Table.from_pylist(rows, changing.CHANGES)


@contextmanager
def _read(run: Run) -> Iterator[None]:
    """Raises NotThere where the files that the run read cannot be read any more."""
    try:
        yield
    except duckdb.IOException as error:
        logger.exception("What run %s read cannot be read", run.pk)
        raise NotThere(
            f"Files that the run as of {run.as_of:%-d %b %Y} read were thinned away: its figures stand, its Meter "
            "Points cannot be listed any more. Ask about a later run."
        ) from error


def _where(scope: Scope, only: Asked) -> changing.Where:
    """What a scope and a choice of parties mean for the points and their numbers."""
    tests = [within(scope)]
    if only.network:
        tests.append(f"network = {literal(only.network)}")
    if only.supplier:
        tests.append("supplier IS NULL" if only.supplier == NONE else f"supplier = {literal(only.supplier)}")
    return changing.Where(" AND ".join(tests), *_numbers_of(only.network))


def _numbers_of(network: str) -> tuple[int, int]:
    """The first and the last number of a Network Party: those of an MPAN begin with its distributor id."""
    if network.isascii() and network.isdigit() and len(network) == 2:
        size = FIRST_MPAN // 10
        return int(network) * size, (int(network) + 1) * size - 1
    return 0, 10**15
