"""Common causes: those that are there are found, chance is not taken for one, and figures are those of SciPy."""

import numpy as np
import pytest
from scipy import stats

from reconcile.domain.causes import ERROR_RATE, Found, adjusted, chances, strength
from reconcile.domain.facets import FACETS, Cube
from reconcile.ledger.cubes import Counts, Rows
from reconcile.ledger.queries.causes import clear_classes, strongest_classes

SIZES = {"network": 14, "supplier": 12, "manufacturer": 5, "model": 14, "firmware": 4, "csp_region": 3, "smets": 3}
SIZES |= {"postcode_area": 40, "commissioned": 48}
OF_OTHERS = {"generation": 2}
"""Columns that follow from others."""
KINDS = ("manufacturer", "model", "firmware", "csp_region", "smets", "generation")
PLANTED = (
    ("model_firmware_region", {"manufacturer": 2, "model": 7, "firmware": 3, "csp_region": 0}),
    ("supplier_month", {"supplier": 4, "commissioned": 20}),
    ("network_month", {"network": 9, "commissioned": 33}),
)
POINTS, RATE = 120_000, 0.01


def drawn(seed: int, rates: tuple[float, ...]) -> Counts:
    """A market drawn at random, with RATE wrong everywhere and more in the classes that are planted."""
    chance = np.random.default_rng(seed)
    codes = {name: chance.integers(0, size, POINTS) for name, size in SIZES.items()}
    # A model is its manufacturer's, a postcode area its network's, and a version of one generation.
    codes["manufacturer"] = codes["model"] % 5
    codes["generation"] = codes["smets"] % 2
    codes["postcode_area"] = codes["network"] * 2 + codes["postcode_area"] % 2
    rate = np.full(POINTS, RATE)
    for (_, cell), planted in zip(PLANTED, rates, strict=True):
        rate[Rows(codes, rate).are(cell)] = planted
    wrong = chance.random(POINTS) < rate
    one = np.ones(POINTS)
    return Counts(
        {cube: Rows(codes, one.copy()) for cube in Cube},
        Rows({name: column[wrong] for name, column in codes.items()}, one[wrong]),
        {name: list(range(size)) for name, size in (SIZES | OF_OTHERS).items()},
    )


def named(counted: Counts) -> set[tuple[str, tuple[tuple[str, int], ...]]]:
    return {(looked.facet.code, tuple(codes.items())) for looked, _, codes in strongest_classes(counted)}


WANTED = {(facet, tuple(cell.items())) for facet, cell in PLANTED}
"""Model 7 is manufacturer 2's."""


def test_three_planted_causes_and_no_other_are_found_over_twenty_seeds():
    """At most so many false ones as the error rate says: one in twenty of all that are named."""
    found = [named(drawn(seed, (0.35, 0.2, 0.2))) for seed in range(20)]

    assert all(causes >= WANTED for causes in found)
    false = sum(len(causes - WANTED) for causes in found)
    assert false <= ERROR_RATE * sum(map(len, found))


def test_noise_has_no_cause_over_twenty_seeds():
    found = [named(drawn(seed, (RATE,) * 3)) for seed in range(100, 120)]

    assert sum(1 for causes in found if causes) <= 20 * ERROR_RATE


def test_a_chart_shows_no_class_of_noise_over_twenty_seeds():
    shown = [
        sum(len(one.clear) for one in clear_classes(drawn(seed, (RATE,) * 3)).values()) for seed in range(200, 220)
    ]

    assert sum(1 for classes in shown if classes) <= 20 * ERROR_RATE


def test_lift_is_how_many_times_as_many_as_expected_with_wilsons_interval():
    found = Found(wrong=41, points=900, expected=9.0, all_wrong=1000, chance=1e-9)

    low, high = stats.binomtest(41, 1000).proportion_ci(method="wilson")
    assert found.lift == pytest.approx(41 / 9)
    assert found.interval == pytest.approx((low * 1000 / 9, high * 1000 / 9), rel=1e-6)
    assert found.excess == 32 and found.is_clear


@pytest.mark.parametrize(
    "changes", [{"chance": 0.06}, {"wrong": 4, "expected": 0.5}, {"wrong": 12, "expected": 9.0}, {"expected": 0.0}]
)
def test_what_may_be_chance_is_not_clear(changes):
    assert not Found(
        **{"wrong": 41, "points": 900, "expected": 9.0, "all_wrong": 1000, "chance": 1e-9} | changes
    ).is_clear


def test_chances_are_those_of_the_binomial_test():
    wrong, points = np.array([30.0, 5.0, 65.0]), np.array([100.0, 100.0, 800.0])

    found = chances(wrong, points)

    tests = [
        stats.binomtest(int(k), 100, n / 1000, alternative="greater").pvalue for k, n in zip(wrong, points, strict=True)
    ]
    assert found == pytest.approx(tests)
    assert list(chances(np.zeros(2), np.ones(2))) == [1.0, 1.0]


def test_chances_are_adjusted_for_all_families_together():
    one, two = adjusted([np.array([0.001, 0.5]), np.array([0.02, 0.9])])

    assert [*one, *two] == pytest.approx([0.004, 0.6666666, 0.04, 0.9])
    assert adjusted([]) == []


def test_the_class_that_fits_best_is_the_strongest_of_those_within_each_other():
    within, around = strength(np.array([40.0, 45.0]), np.array([100.0, 1000.0]))[:2]

    assert within > around
    assert strength(np.array([1.0, 99.0]), np.array([500.0, 500.0]))[0] == 0


def test_every_facet_is_counted_by_columns_of_its_cube():
    of_cube = {Cube.KINDS: {"network", "supplier", *KINDS}}
    of_cube[Cube.PLACES] = {"network", "supplier", "postcode_area", "commissioned"}

    assert all(set(facet.columns) <= of_cube[facet.cube] for facet in FACETS.values())
