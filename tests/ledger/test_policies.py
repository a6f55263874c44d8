"""A run is judged by the policy that it was asked for, keeps its name and version, and is explained by it."""

from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reconcile.domain import policies
from reconcile.domain.mp077 import MP077
from reconcile.domain.policy import Verdict
from reconcile.domain.vocabulary import Flag
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy, Job, Run

from .market import put

DAY = date(2025, 3, 3)
POINT = 1000000000012
# The policy is a table of the lake; every other run asks PostgreSQL to keep its name.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LAX = replace(
    MP077, name="lax", title="Lax", version="0.1", judge=lambda flag, statuses, ever: Verdict((*Flag, None), flag, None)
)
"""A policy that accepts whatever it sees."""


@pytest.fixture(autouse=True)
def market(monkeypatch, lake_dir):
    """A point that breaks a rule of MP077, and another policy to judge it by."""
    monkeypatch.setitem(policies.POLICIES, "lax", LAX)
    put("flags", "full", DAY, [{"mpxn": POINT, "flag": "A", "flag_from": date(2024, 1, 1), "network": "10"}])
    put("devices", "full", DAY, [])


def reconcile(*words: str) -> Run:
    call_command("reconcile", "--yes", *words, stdout=StringIO())
    return Run.objects.latest("pk")


def test_the_policy_goes_from_the_command_to_the_run():
    run = reconcile("--policy", "lax")

    assert (run.policy, run.policy_version, run.mismatches) == ("lax", "0.1", 0)
    assert Job.objects.get().options["policy"] == "lax"
    assert not Discrepancy.objects.exists()


def test_the_same_inputs_under_another_policy_are_another_run():
    lax, strict, again = reconcile("--policy", "lax"), reconcile(), reconcile()

    assert (strict.policy, strict.mismatches) == ("mp077", 1)
    assert lax.inputs_key != strict.inputs_key
    assert again == strict


@pytest.mark.parametrize("policy, said", [("lax", "Lax accepts"), ("mp077", "MP077 accepts no flag or N")])
def test_a_meter_point_is_explained_by_the_policy_of_its_run(policy, said):
    reconcile("--policy", policy)

    found = queries.evidence(scope=EVERYTHING, mpxn=POINT)

    assert dict(found.steps)["Policy"].startswith(said)
    assert (found.rules == []) == (policy == "lax")


def test_an_unknown_policy_is_one_plain_sentence():
    with pytest.raises(CommandError, match=r"^There is no policy mp078\. Choose one of mp077, lax\.$"):
        reconcile("--policy", "mp078")

    assert not Job.objects.exists()
