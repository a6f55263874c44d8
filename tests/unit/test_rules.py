"""The catalogue of rules: exactly the codes of design.md, every field filled, numbers for ever."""

from dataclasses import fields

import pytest

from reconcile.domain.rules import INVENTORY_RULES, RULES, Severity, discrepancy_id, identities

# Part of the identity of every discrepancy ever recorded: a change here is a change of history.
NUMBERS = {
    "A_NEVER_ALERTS": 3,
    "A_NOT_COMMISSIONED": 4,
    "A_NOT_INSTALLED": 8,
    "A_NO_METER": 12,
    "A_REMOVED": 16,
    "A_SILENT": 18,
    "A_SUSPENDED": 20,
    "DSP_DIFFERS": 22,
    "DUPLICATE_FLAG": 24,
    "FUEL_MISMATCH": 28,
    "I_COMMISSIONED": 32,
    "I_NOT_INSTALLED": 36,
    "I_NO_METER": 40,
    "I_REMOVED": 44,
    "LEGACY_S": 48,
    "LEGACY_W": 52,
    "MANY_METERS": 56,
    "METER_DIFFERS": 58,
    "ALERT_ELSEWHERE": 2,
    "ALERTS_UNFLAGGED": 1,
    "NOT_NOTIFIED": 59,
    "NULL_COMMISSIONED": 60,
    "NULL_INSTALLED": 64,
    "NULL_REMOVED": 68,
    "N_COMMISSIONED": 72,
    "N_HEARD": 74,
    "N_INSTALLED": 76,
    "SMI_ONLY": 80,
    "UPDATE_REJECTED": 84,
}


def test_codes_and_numbers():
    assert {code: rule.number for code, rule in RULES.items()} == NUMBERS


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_field_is_filled_and_reads_as_a_sentence(rule):
    assert all(getattr(rule, field.name) for field in fields(rule))
    assert rule.explanation.endswith(".") and rule.next_step.endswith(".")
    assert isinstance(rule.severity, Severity)
    assert len(rule.code) <= 20


def test_severities_are_stored_and_exported_as_they_are():
    assert [*Severity] == ["high", "medium", "low", "watch"]


def test_only_what_is_no_error_of_the_flag_is_a_watch():
    watched = {code for code, rule in RULES.items() if rule.severity is Severity.WATCH}

    assert watched == {"A_NEVER_ALERTS", "A_SILENT", "A_SUSPENDED", "METER_DIFFERS", "ALERT_ELSEWHERE"}


def test_rules_of_the_inventory_alone():
    assert {"SMI_ONLY", "FUEL_MISMATCH", "MANY_METERS"} == INVENTORY_RULES


def test_the_identity_is_unique_and_in_the_order_of_mpxn_and_rule():
    pairs = [(mpxn, code) for mpxn in (1, 2, 7400000108, 1000000000012, 9999999999999) for code in sorted(RULES)]
    identities = [discrepancy_id(mpxn, code) for mpxn, code in pairs]

    assert identities == sorted(set(identities))
    assert discrepancy_id(1000000000012, "A_REMOVED") == 100000000001216
    assert max(identities) < 2**63


def test_the_identities_of_a_range_of_points_are_those_of_all_its_rules_and_of_no_other_point():
    found = identities(1000000000012, 1000000000013)

    assert (found.start, found.stop) == (100000000001200, 100000000001400)
    assert all(discrepancy_id(mpxn, code) in found for mpxn in (1000000000012, 1000000000013) for code in RULES)
    assert all(discrepancy_id(mpxn, code) not in found for mpxn in (1000000000011, 1000000000014) for code in RULES)
