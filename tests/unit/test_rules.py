"""The catalogue of rules: exactly the codes of design.md, every field filled, numbers for ever."""

from dataclasses import fields

import pytest

from reconcile.domain.rules import INVENTORY_RULES, RULE_BY_NUMBER, RULES, Severity, discrepancy_id

# Part of the identity of every discrepancy ever recorded: a change here is a change of history.
NUMBERS = {
    "A_NO_METER": 1,
    "A_NOT_INSTALLED": 2,
    "A_NOT_COMMISSIONED": 3,
    "A_REMOVED": 4,
    "A_SUSPENDED": 5,
    "I_NO_METER": 6,
    "I_NOT_INSTALLED": 7,
    "I_COMMISSIONED": 8,
    "I_REMOVED": 9,
    "N_INSTALLED": 10,
    "N_COMMISSIONED": 11,
    "NULL_INSTALLED": 12,
    "NULL_COMMISSIONED": 13,
    "NULL_REMOVED": 14,
    "LEGACY_S": 15,
    "LEGACY_W": 16,
    "SMI_ONLY": 17,
    "FUEL_MISMATCH": 18,
    "MANY_METERS": 19,
    "UPDATE_REJECTED": 20,
    "DUPLICATE_FLAG": 21,
}


def test_codes_and_numbers():
    assert {code: rule.number for code, rule in RULES.items()} == NUMBERS
    assert {number: rule.code for number, rule in RULE_BY_NUMBER.items()} == {n: code for code, n in NUMBERS.items()}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_field_is_filled_and_reads_as_a_sentence(rule):
    assert all(getattr(rule, field.name) for field in fields(rule))
    assert rule.explanation.endswith(".") and rule.next_step.endswith(".")
    assert isinstance(rule.severity, Severity)
    assert len(rule.code) <= 20


def test_only_suspended_meters_are_a_watch():
    assert [code for code, rule in RULES.items() if rule.severity is Severity.WATCH] == ["A_SUSPENDED"]


def test_rules_of_the_inventory_alone():
    assert {"SMI_ONLY", "FUEL_MISMATCH", "MANY_METERS"} == INVENTORY_RULES


def test_the_identity_is_unique_and_keeps_the_order_of_mpxn():
    pairs = [(mpxn, code) for mpxn in (1, 2, 7400000108, 1000000000012, 9999999999999) for code in RULES]

    assert len({discrepancy_id(mpxn, code) for mpxn, code in pairs}) == len(pairs)
    assert discrepancy_id(1000000000012, "A_REMOVED") == 100000000001204
    assert discrepancy_id(1, "DUPLICATE_FLAG") < discrepancy_id(2, "A_NO_METER")
    assert max(discrepancy_id(*pair) for pair in pairs) < 2**63
