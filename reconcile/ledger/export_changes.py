"""A CSV of the Meter Points whose expected flag another policy changes, with the manifest that proves it complete.

In: what is asked, a scope. Out: a file, its manifest and their facts, as of any export. Called by ledger.work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reconcile.domain.policies import UnknownPolicy

from . import export, kept_files, queries
from .access import Scope
from .queries import ChangesAsked, NotThere, WhatIf


@dataclass(frozen=True)
class ChangesWanted:
    """Two policies (`against`: that of the run if empty), a run, and which of the Meter Points that change."""

    policy: str
    against: str
    run: int
    only: ChangesAsked = queries.EVERY_CHANGE

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {"policy": self.policy, "against": self.against, "run": self.run, "only": vars(self.only)}

    @classmethod
    def kept(cls, told: Mapping[str, Any]) -> "ChangesWanted":
        """As a job kept it."""
        return cls(told["policy"], told["against"], told["run"], ChangesAsked(**told["only"]))


def found_of(wanted: ChangesWanted, scope: Scope) -> WhatIf:
    """The sums. Raises ExportError where there are none."""
    try:
        found = queries.what_if(scope=scope, policy=wanted.policy, against=wanted.against, run_id=wanted.run)
    except (UnknownPolicy, NotThere) as problem:
        raise export.ExportError(str(problem)) from problem
    if found is None:
        raise export.ExportError(f"There is no run {wanted.run}.")
    return found


def in_words(found: WhatIf, only: ChangesAsked) -> str:
    """What the file holds, in a sentence."""
    return "; ".join((f"What if {found.policy.name} instead of {found.against.name}", *only.in_words(found)))


def name_of(wanted: ChangesWanted, job: int) -> str:
    """The file's name."""
    return f"what-if-{wanted.policy}-run-{wanted.run}-{job}.csv".replace(":", "-")


def export_changes(
    *, target: Path, wanted: ChangesWanted, scope: Scope, now: datetime, report: Callable[[str, float], None]
) -> dict[str, Any]:
    """Write them to `target`. Gives file, name, rows, bytes, sha256, manifest, filters. Raises ExportError."""
    report("Adding up", 0.0)
    found, aside = found_of(wanted, scope), kept_files.aside_of(str(target))
    try:
        written = queries.changing_csv(
            scope=scope,
            of=found,
            only=wanted.only,
            target=aside,
            report=lambda share: report("Looking through the Meter Points", share),
        )
    except NotThere as gone:
        raise export.ExportError(str(gone)) from gone
    told = {"columns": queries.CHANGE_COLUMNS, "filters": in_words(found, wanted.only)}
    made = export.hand_over(aside, target, told, rows=written, run=found.run, scope=scope, now=now)
    return {**made, "filters": told["filters"]}
