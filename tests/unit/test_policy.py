"""Policy mp077: all 6,144 cells against the two tables of design.md, written out here as data."""

from itertools import product

import pytest

from reconcile.domain.mp077 import MP077, judge
from reconcile.domain.policies import DEFAULT_POLICY, POLICIES, UnknownPolicy, policy_named
from reconcile.domain.policy import truth_table
from reconcile.domain.rules import RULES
from reconcile.domain.vocabulary import FLAGS, Flag, Status, statuses_in

ORDER = ("Pending", "Whitelisted", "InstalledNotCommissioned", "Commissioned", "Decommissioned", "Withdrawn",
         "Suspended", "Recovery", "Recovered")  # fmt: skip

# The first table, from its last row up, so that a later line takes over from an earlier one:
# (one of these is in S, accepted, undetermined). INC has its own columns, by what else is in S.
ACCEPTED_BY_ANY_OF = (
    ({"Decommissioned", "Withdrawn"}, "N", False),
    ({"Suspended", "Recovery", "Recovered"}, "AIN-", True),
)
ACCEPTED_WITH_INC = (
    (set(ORDER), "I", False),
    ({"Pending", "Whitelisted"}, "I", True),
    ({"Suspended", "Recovery", "Recovered"}, "IA", True),
)
WITHOUT_EVIDENCE = {True: ("N", False), False: ("-N", True)}

# The second table as it stands in design.md: flag, then a rule for each column ("." is no rule).
COLUMNS = ("no meter", "not installed", "INC", "Commissioned", "removed", "paused")
RULE_TABLE = {
    "A": "A_NO_METER A_NOT_INSTALLED A_NOT_COMMISSIONED . A_REMOVED A_SUSPENDED",
    "I": "I_NO_METER I_NOT_INSTALLED . I_COMMISSIONED I_REMOVED .",
    "N": ". . N_INSTALLED N_COMMISSIONED . .",
    "-": "NULL_REMOVED NULL_REMOVED NULL_INSTALLED NULL_COMMISSIONED NULL_REMOVED .",
    "S": "LEGACY_S LEGACY_S LEGACY_S LEGACY_S LEGACY_S LEGACY_S",
    "W": "LEGACY_W LEGACY_W LEGACY_W LEGACY_W LEGACY_W LEGACY_W",
}


def stated_accepted(names: set[str], ever: bool) -> tuple[str, bool]:
    """Accepted flags as letters in their order (`-` is none), and whether the case is undetermined."""
    if "Commissioned" in names:
        return "A", False
    answer = WITHOUT_EVIDENCE[ever]
    for some, letters, undetermined in ACCEPTED_WITH_INC if "InstalledNotCommissioned" in names else ACCEPTED_BY_ANY_OF:
        if some & names:
            answer = (letters, undetermined)
    return answer


def stated_column(names: set[str]) -> str:
    tests = (
        ("Commissioned", "Commissioned" in names),
        ("INC", "InstalledNotCommissioned" in names),
        ("paused", bool(names & {"Suspended", "Recovery", "Recovered"})),
        ("removed", bool(names & {"Decommissioned", "Withdrawn"})),
        ("not installed", bool(names)),
        ("no meter", True),
    )
    return next(column for column, holds in tests if holds)


def stated_cell(letter: str, mask: int, ever: bool) -> tuple[str, str, str, bool]:
    """(accepted, expected, rule, undetermined) of one cell."""
    names = {name for place, name in enumerate(ORDER) if mask >> place & 1}
    accepted, undetermined = stated_accepted(names, ever)
    expected = letter if letter in accepted else accepted.strip("-")[0]
    rule = RULE_TABLE[letter].split()[COLUMNS.index(stated_column(names))]
    if letter in accepted and rule != "A_SUSPENDED":
        rule = "."
    return accepted, expected, rule, undetermined


def cell_of(flag, mask, ever) -> tuple[str, str, str, bool]:
    verdict = judge(flag, statuses_in(mask), ever)
    accepted = "".join(accepted or "-" for accepted in verdict.accepted)
    return accepted, verdict.expected or "-", verdict.rule or ".", bool(verdict.undetermined)


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("ever", [False, True])
def test_every_cell_is_as_design_states(flag, ever):
    different = {
        mask: (cell_of(flag, mask, ever), stated)
        for mask in range(512)
        if cell_of(flag, mask, ever) != (stated := stated_cell(flag or "-", mask, ever))
    }

    assert different == {}


def test_a_firm_cell_breaks_its_rule_whatever_one_more_meter_shows():
    rules = {(row.flag, row.mask, row.ever): row.verdict.rule for row in truth_table(MP077)}

    for row in truth_table(MP077):
        with_one_more = {rules[row.flag, row.mask | 1 << place, row.ever] for place in range(9)}
        assert row.firm == (with_one_more == {row.verdict.rule})


def test_the_truth_table_has_every_cell_once():
    cells = [(row.flag, row.mask, row.ever) for row in truth_table(MP077)]

    assert len(cells) == 6 * 512 * 2 == 6_144
    assert set(cells) == set(product(FLAGS, range(512), (False, True)))
    assert all(row.verdict == judge(row.flag, statuses_in(row.mask), row.ever) for row in truth_table(MP077))


def test_every_rule_of_the_table_is_in_the_catalogue():
    emitted = {row.verdict.rule for row in truth_table(MP077)} - {None}
    stated = {rule for line in RULE_TABLE.values() for rule in line.split()} - {"."}

    assert emitted == stated
    assert emitted <= set(RULES)


def test_a_flag_breaks_a_rule_exactly_where_it_is_not_accepted():
    for row in truth_table(MP077):
        if row.verdict.rule != "A_SUSPENDED":
            assert (row.verdict.rule is None) == (row.flag in row.verdict.accepted)


def test_legacy_flags_are_never_accepted_nor_expected():
    for row in truth_table(MP077):
        assert not {Flag.S, Flag.W} & set(row.verdict.accepted)
        assert row.verdict.expected not in {Flag.S, Flag.W}


S = Status


@pytest.mark.parametrize(
    "flag, statuses, ever, expected, rule",
    [
        (Flag.A, {S.COMMISSIONED}, False, Flag.A, None),
        (Flag.A, {S.COMMISSIONED, S.DECOMMISSIONED}, False, Flag.A, None),
        (Flag.A, set(), False, Flag.N, "A_NO_METER"),
        (Flag.A, {S.DECOMMISSIONED}, True, Flag.N, "A_REMOVED"),
        (Flag.A, {S.SUSPENDED}, False, Flag.A, "A_SUSPENDED"),
        (Flag.A, {S.SUSPENDED, S.DECOMMISSIONED}, False, Flag.A, "A_SUSPENDED"),
        (Flag.A, {S.INSTALLED, S.SUSPENDED}, False, Flag.A, None),
        (Flag.N, {S.INSTALLED, S.SUSPENDED}, False, Flag.I, "N_INSTALLED"),
        (Flag.A, {S.INSTALLED, S.PENDING}, False, Flag.I, "A_NOT_COMMISSIONED"),
        (Flag.I, {S.INSTALLED, S.DECOMMISSIONED}, False, Flag.I, None),
        (Flag.N, {S.RECOVERY}, False, Flag.N, None),
        (None, {S.RECOVERED}, True, None, None),
        (None, set(), False, None, None),
        (None, set(), True, Flag.N, "NULL_REMOVED"),
        (None, {S.PENDING}, True, Flag.N, "NULL_REMOVED"),
        (None, {S.INSTALLED}, False, Flag.I, "NULL_INSTALLED"),
        (Flag.N, set(), False, Flag.N, None),
        (Flag.S, {S.SUSPENDED}, False, Flag.A, "LEGACY_S"),
        (Flag.W, set(), False, Flag.N, "LEGACY_W"),
    ],
)
def test_cases_people_ask_about(flag, statuses, ever, expected, rule):
    verdict = judge(flag, frozenset(statuses), ever)

    assert (verdict.expected, verdict.rule) == (expected, rule)


def test_a_policy_is_found_by_its_name():
    assert all(policy_named(name) is policy and policy.name == name for name, policy in POLICIES.items())
    assert DEFAULT_POLICY is policy_named("mp077")
    with pytest.raises(UnknownPolicy, match=r"^There is no policy mp078\. Choose one of mp077\.$"):
        policy_named("mp078")
