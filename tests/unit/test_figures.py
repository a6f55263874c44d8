"""The figures: what each counts, stated here cell by cell."""

from itertools import product

import pytest

from reconcile.domain.figures import FIGURES

STATES = ("new", "ongoing", "regressed", "resolved", "withdrawn", "look-back")
A_MISMATCH, A_WATCH = "A_NO_METER", "A_SUSPENDED"


def counted_in(**row) -> set[str]:
    """The figures that count a discrepancy."""
    return {name for name, figure in FIGURES.items() if all(row[column] in values for column, values in figure.items())}


def stated(state: str, rule: str, in_flight: bool, absent: bool) -> set[str]:
    if state in {"resolved", "withdrawn"}:
        return {state}
    if absent:
        return {"absent"}
    kind = "watch" if rule == A_WATCH else "in_flight" if in_flight else "mismatches"
    return {kind, state} - {"look-back"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("rule", [A_MISMATCH, A_WATCH])
def test_each_discrepancy_counts_where_it_should(state, rule):
    for in_flight, absent in product((True, False), repeat=2):
        row = {"state": state, "rule": rule, "in_flight": in_flight, "absent": absent}
        assert counted_in(**row) == stated(**row), row
