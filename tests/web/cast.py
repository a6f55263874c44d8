"""The cast of tests/web: our supplier's analyst and viewer, a rival, a network's person, the market operator's manager,
analyst and viewer, a stranger.

In: the ledger that real runs wrote (market.py). Out: Cast.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import User

from reconcile.ledger import operations
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import actor_for
from reconcile.ledger.cohorts import Frozen
from reconcile.ledger.saved_views import Look
from reconcile.ledger.working import Selection
from reconcile.models import (
    Cohort,
    Correction,
    CorrectionFile,
    CorrectionLine,
    Extract,
    Job,
    Membership,
    Party,
    Run,
    View,
)

from .market import FIRST_DAY, LAST_DAY

NOW = datetime(2021, 11, 25, 6, 30, tzinfo=UTC)
PASSWORD = "a long enough password"


@dataclass
class Cast:
    """Who plays."""

    supplier: User
    viewer: User
    rival: User
    network: User
    operator: User
    loader: User
    watcher: User
    stranger: User
    london: Party
    eastern: Party
    cadent: Party
    ours: Party
    theirs: Party
    first_run: Run
    last_run: Run
    registration: Extract
    inventory: Extract


PARTIES = {
    "eastern": ("network", "10", "Eastern Networks", "electricity", "EELC"),
    "london": ("network", "12", "London Networks", "electricity", "LOND"),
    "cadent": ("network", "CADENT", "Cadent", "gas", ""),
    "ours": ("supplier", "OURS", "Supplier OURS", "", ""),
    "theirs": ("supplier", "RIVL", "Supplier RIVL", "", ""),
    "market": ("operator", "DCC", "Market operator", "", ""),
}
"""Made before the files are loaded, which name them by their codes."""
PEOPLE = {
    "supplier": ("ours", "analyst"),
    "viewer": ("ours", "viewer"),
    "rival": ("theirs", "analyst"),
    "network": ("london", "analyst"),
    "operator": ("market", "manager"),
    "loader": ("market", "analyst"),
    "watcher": ("market", "viewer"),
    "stranger": ("", ""),
}


def make_parties() -> None:
    """Those of the market, and its operator."""
    for kind, code, name, fuel, mpid in PARTIES.values():
        Party.objects.create(kind=kind, code=code, name=name, fuel=fuel, mpid=mpid)


def make_cast() -> Cast:
    """The people, and what they look at."""
    parties = {part: Party.objects.get(kind=kind, code=code) for part, (kind, code, *_) in PARTIES.items()}
    people = {name: _person(name, parties.get(part), role) for name, (part, role) in PEOPLE.items()}
    del parties["market"]
    return Cast(
        **people,
        **parties,
        first_run=Run.objects.get(as_of=FIRST_DAY),
        last_run=Run.objects.get(as_of=LAST_DAY),
        registration=Extract.objects.get(kind="registration", as_of=LAST_DAY),
        inventory=Extract.objects.get(kind="smi", as_of=LAST_DAY),
    )


def _person(name: str, party: Party | None, role: str) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    if party:
        Membership.objects.create(user=user, party=party, role=role)
    return user


def make_job(by: User, kind: str = "export", state: str = "done", **more: object) -> Job:
    """A job of a person, done within what they see."""
    facts = {"sight": actor_for(by).scope.as_json(), "requested_name": by.username, "created_at": NOW, **more}
    return Job.objects.create(kind=kind, title=f"A {kind}", state=state, requested_by=by, **facts)


def make_view(by: User, name: str = "A view", query: str = "rule=A_REMOVED", *, shared: bool = True) -> View:
    """A view that a person saved."""
    return operations.save_view(actor=actor_for(by), name=name, look=Look(query), shared=shared, now=NOW)


def make_correction(cast: Cast, point: int) -> CorrectionFile:
    """What the operator sent for a Meter Point at London: one file of one line."""
    sending = Correction.objects.create(
        job=0, made_at=NOW, name="operator", sight=EVERYTHING.as_json(), run=cast.last_run, policy="mp077 1.0",
        most=20, count=1, filters="Open discrepancies", csv_sha256="none",
    )  # fmt: skip
    file = CorrectionFile.objects.create(
        correction=sending, kind="d0350", network=cast.london, number=1, identifier="C1", name="D0350_12_000001.usr",
        rows=1, sha256="none",
    )  # fmt: skip
    CorrectionLine.objects.create(
        file=file,
        line=3,
        mpxn=point,
        supplier=cast.ours,
        flag_before="A",
        flag="N",
        flag_from=LAST_DAY,
        rules="A_REMOVED",
    )
    return file


def make_cohort(by: User, ids: list[int], name: str = "A cohort") -> Cohort:
    """Rows that a person froze."""
    made = operations.freeze(actor=actor_for(by), name=name, rows=Frozen(Selection(tuple(ids))), now=NOW)
    assert isinstance(made, Cohort)
    return made
