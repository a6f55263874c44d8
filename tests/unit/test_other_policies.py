"""The other policies, all 6,144 cells of each, against the sources' own words said a second time.

The statements here work with counts of meters by status and with what each flag means, not with lines of a table.
"""

from collections.abc import Callable

import pytest

from reconcile.domain.differing import differing, moved
from reconcile.domain.mp077 import MP077
from reconcile.domain.policies import OTHERS, WAYS, UnknownPolicy, choices, policy_named, reading_named
from reconcile.domain.policy import truth_table
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import FLAGS, Flag

NAMES = ("Pending", "Whitelisted", "INC", "Commissioned", "Decommissioned", "Withdrawn", "Suspended", "Recovery",
         "Recovered")  # fmt: skip
Stated = tuple[str, bool, str]
"""Accepted flags as letters (`-`: none), the one to suggest first; left open; what else replaces a flag."""


class Meters:
    """What a point's meters show, asked as the papers ask."""

    def __init__(self, mask: int, ever: bool) -> None:
        self.there = {name for place, name in enumerate(NAMES) if mask >> place & 1}
        self.ever = ever

    def any(self, *names: str) -> bool:
        return not self.there.isdisjoint(names)

    def all(self, *names: str) -> bool:
        return self.there != set() and not self.there - set(names)


def before(meters: Meters) -> Stated:
    """'A' when the first meter is commissioned, kept when all are removed; 'S' all suspended; 'W' all withdrawn."""
    if meters.any("Commissioned", "Decommissioned"):
        return "A", False, ""
    if meters.any("Withdrawn"):
        return ("WA", True, "") if meters.all("Withdrawn") else ("A", False, "")
    if meters.all("Suspended"):
        return "SA-", True, ""
    if meters.any("Suspended", "Recovery", "Recovered"):
        return "A-", True, ""
    return "-A", True, ""


def requirements(meters: Meters) -> Stated:
    """N: a meter is INC, or all are INC, Decommissioned, Recovery or Recovered. S: all are Suspended."""
    listed = ("INC", "Decommissioned", "Recovery", "Recovered")
    if meters.any("Commissioned"):
        return "A", False, ""
    if meters.all(*listed):
        return "N", False, ""
    if meters.any("INC"):
        return "N", True, ""
    if meters.any("Suspended"):
        return ("SN" if meters.all("Suspended") else "NS"), True, ""
    if not meters.any("Decommissioned", "Recovery", "Recovered", "Withdrawn") and not meters.ever:
        return "-N", True, "N"
    return "N", True, ""


def pia(meters: Meters) -> Stated:
    """A: a meter is commissioned. N: one is decommissioned or unlinked, and no other is associated."""
    if meters.any("Commissioned"):
        return "A", False, ""
    if meters.any("Decommissioned"):
        return ("N", False, "") if meters.all("Decommissioned") else ("AN", True, "")
    if meters.any("Suspended", "Recovery", "Recovered", "Withdrawn"):
        return "AN-", True, ""
    if not meters.ever:
        return "-N", True, "" if meters.any("INC") else "N"
    if meters.any("INC"):
        return "-AN", True, ""
    return ("NA-" if meters.there else "N-"), True, ""


def mp077(meters: Meters) -> Stated:
    """The code in force, which tests/unit/test_policy.py states by itself."""
    if meters.any("Commissioned"):
        return "A", False, ""
    paused = meters.any("Suspended", "Recovery", "Recovered")
    if meters.any("INC"):
        return ("IA" if paused else "I"), paused or meters.any("Pending", "Whitelisted"), ""
    if paused:
        return "AIN-", True, ""
    if meters.any("Decommissioned", "Withdrawn") or meters.ever:
        return "N", False, ""
    return "-N", True, "N"


def alternative(meters: Meters) -> Stated:
    """As mp077, and S where the last meter has been suspended."""
    if not meters.any("Suspended") or meters.any("Commissioned", "INC"):
        return mp077(meters)
    if meters.all("Suspended"):
        return "S", False, ""
    return ("SAIN-" if meters.any("Recovery", "Recovered") else "S"), True, ""


STATED = {"before": before, "requirements": requirements, "pia": pia, "alternative": alternative, "mp077": mp077}


@pytest.mark.parametrize("name", STATED)
def test_every_cell_is_as_the_sources_say(name: str):
    different = {
        (row.flag, row.mask, row.ever): (got, stated)
        for row in truth_table(reading_named(name))
        if (got := said(row.verdict)) != (stated := expected_of(STATED[name], row.flag or "-", row.mask, row.ever))
    }

    assert different == {}


def said(verdict) -> tuple[str, str, bool]:
    accepted = "".join(flag or "-" for flag in verdict.accepted)
    return accepted, verdict.expected or "-", bool(verdict.undetermined)


def expected_of(state: Callable[[Meters], Stated], letter: str, mask: int, ever: bool) -> tuple[str, str, bool]:
    accepted, left_open, once = state(Meters(mask, ever))
    if letter in accepted:
        return accepted, letter, left_open
    return accepted, once or accepted[0], left_open


@pytest.mark.parametrize("policy", choices(), ids=lambda one: one.name)
def test_a_rule_is_broken_exactly_where_a_flag_is_not_accepted(policy):
    for row in truth_table(policy):
        watch = row.verdict.rule and row.verdict.rule == "A_SUSPENDED"
        assert watch or (row.verdict.rule is None) == (row.flag in row.verdict.accepted)
        assert row.verdict.rule in {None, "NOT_ALLOWED", *RULES}


def test_a_policy_has_the_flags_that_its_sources_name():
    flags = {name: "".join(flag or "-" for flag in policy.flags) for name, policy in OTHERS.items()}

    assert flags == {"before": "A-SW", "requirements": "AN-S", "pia": "AN-", "alternative": "AIN-S"}


@pytest.mark.parametrize(("case", "way"), [(case, way) for case, ways in WAYS.items() for way in ways])
def test_a_reading_closes_its_case_and_leaves_the_others(case: str, way: str):
    reading = reading_named(f"mp077:{case}={way}")

    for plain, read in zip(truth_table(MP077), truth_table(reading), strict=True):
        line = next(one for one in MP077.cases if one.accepted == plain.verdict.accepted
                    and one.undetermined == plain.verdict.undetermined)  # fmt: skip
        if line.name == case:
            assert not read.verdict.undetermined
            assert set(read.verdict.accepted) == set(WAYS[case][way].accepted)
        else:
            assert read.verdict == plain.verdict


def test_readings_are_put_together_in_any_order():
    one, other = reading_named("mp077:unseen=none,paused=N"), reading_named("mp077:paused=N,unseen=none")

    assert one is other
    assert one.judge(None, frozenset(), False).accepted == (None,)
    assert one.judge(Flag.N, frozenset(), False).expected is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mp078", r"^There is no policy mp078\. Choose one of mp077, before, requirements, pia, alternative\.$"),
        ("pia:paused=N", r"^There is no policy pia:paused=N\. "),
        ("mp077:", r"^Nothing is no reading of mp077\. Those are, each once: installed-paused=I or A; "),
        ("mp077:paused=W", r"^paused=W is no reading"),
        ("mp077:paused=N,paused=stands", r"^paused=stands is no reading"),
    ],
)
def test_what_is_no_policy_is_one_plain_sentence(name: str, said: str):
    with pytest.raises(UnknownPolicy, match=said):
        reading_named(name)


def test_no_run_is_judged_by_what_if():
    with pytest.raises(UnknownPolicy, match=r"^Policy pia is there to ask what if\. A run is judged by mp077\.$"):
        policy_named("pia")


@pytest.mark.parametrize("name", OTHERS)
def test_the_cells_that_differ_are_all_that_do(name: str):
    now, then = MP077, OTHERS[name]
    tables = {
        policy: {(row.flag, row.mask, row.ever): row.verdict for row in truth_table(policy)} for policy in (now, then)
    }
    differs = {
        cell for cell in tables[now]
        if set(tables[now][cell].accepted) != set(tables[then][cell].accepted)
        or tables[now][cell].expected != tables[then][cell].expected
    }  # fmt: skip

    found = differing(now, then)

    assert {(cell.flag, cell.mask, cell.ever) for cell in found} == differs
    assert sum(moved(found).values()) == len(found) == len(differs) > 0
    assert differing(now, now) == ()
    assert len(FLAGS) * 1024 == 6144
