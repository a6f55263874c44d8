"""SMETS1 or SMETS2, by what the inventory says of a meter."""

import pytest

from reconcile.domain.smets import generation


@pytest.mark.parametrize(
    "version, region, expected",
    [
        ("SMETS V1.2", "", "SMETS1"),
        ("SMETS V1.58", None, "SMETS1"),
        ("SMETS1", "", "SMETS1"),
        ("smets 1", "", "SMETS1"),
        ("V1.3", "", "SMETS1"),
        ("1.2", "", "SMETS1"),
        ("", "SMETS1", "SMETS1"),
        ("SMETS V4.1", "smets1 ", "SMETS1"),
        ("SMETS V2.0", "North", "SMETS2"),
        ("SMETS2", "4G South", "SMETS2"),
        ("SMETS2+", "", "SMETS2"),
        ("SMETS_V5.2", "", "SMETS2"),
        ("V4.2", None, "SMETS2"),
        ("SMETS V10.1", "", "SMETS2"),
        ("CHTS V1.4", "Central", "not_known"),
        ("", "", "not_known"),
        (None, None, "not_known"),
        ("SMETS", "Unknown", "not_known"),
        ("SMETS V0.9", "", "not_known"),
    ],
)
def test_the_generation_of_a_meter(version: str | None, region: str | None, expected: str):
    assert generation(version, region) == expected
