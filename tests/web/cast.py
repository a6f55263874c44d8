"""A small market with known counts, and its cast: our supplier's analyst and viewer, a rival, a network's person, the
market operator's manager, analyst and viewer, a stranger.

In: an empty database. Out: Cast. The counts of the last run are worked out from the rows one by one, as an oracle.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import User

from reconcile.domain.rules import RULES, discrepancy_id
from reconcile.domain.vocabulary import Status, shows, statuses_in
from reconcile.ledger.actors import actor_for
from reconcile.models import (
    Discrepancy,
    DiscrepancyCount,
    Event,
    Extract,
    ExtractNetwork,
    Job,
    Membership,
    Party,
    PointCount,
    Run,
    RunInput,
)

FIRST_DAY, LAST_DAY = date(2021, 11, 4), date(2021, 11, 5)
NOW = datetime(2021, 11, 5, 6, 30, tzinfo=UTC)
PASSWORD = "a long enough password"
COMMISSIONED, REMOVED, WHITELISTED = Status.COMMISSIONED.bit, Status.DECOMMISSIONED.bit, Status.WHITELISTED.bit
INSTALLED, SUSPENDED = Status.INSTALLED.bit, Status.SUSPENDED.bit


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


def make_cast() -> Cast:
    """The whole market."""
    eastern = Party.objects.create(kind="network", code="10", name="Eastern Networks", fuel="electricity", mpid="EELC")
    london = Party.objects.create(kind="network", code="12", name="London Networks", fuel="electricity", mpid="LOND")
    cadent = Party.objects.create(kind="network", code="CADENT", name="Cadent", fuel="gas")
    ours = Party.objects.create(kind="supplier", code="OURS", name="Supplier OURS")
    theirs = Party.objects.create(kind="supplier", code="RIVL", name="Supplier RIVL")
    market = Party.objects.create(kind="operator", code="DCC", name="Market operator")
    people = {name: _person(name, party, role) for name, party, role in (
        ("supplier", ours, "analyst"), ("viewer", ours, "viewer"), ("rival", theirs, "analyst"),
        ("network", london, "analyst"), ("operator", market, "manager"), ("loader", market, "analyst"),
        ("watcher", market, "viewer"), ("stranger", None, ""),
    )}  # fmt: skip
    registration = _extract("registration.csv", "registration", "flags")
    inventory = _extract("smi.csv", "smi", "devices")
    for network in (eastern, london, cadent):
        ExtractNetwork.objects.create(extract=registration, network=network, points=40, active=30)
    first_run, last_run = _run(FIRST_DAY), _run(LAST_DAY)
    for run in (first_run, last_run):
        RunInput.objects.create(run=run, extract=inventory)
        for network in (eastern, london, cadent):
            RunInput.objects.create(run=run, extract=registration, network=network)
    _discrepancies([eastern, london, cadent], [ours, theirs, None], first_run, last_run)
    _points(last_run, [eastern, london, cadent], ours, theirs)
    count_discrepancies(last_run)
    return Cast(
        **people, london=london, eastern=eastern, cadent=cadent, ours=ours, theirs=theirs,
        first_run=first_run, last_run=last_run, registration=registration, inventory=inventory,
    )  # fmt: skip


def _person(name: str, party: Party | None, role: str) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    if party:
        Membership.objects.create(user=user, party=party, role=role)
    return user


def _extract(name: str, kind: str, table: str) -> Extract:
    return Extract.objects.create(
        sha256=name.ljust(64, "0"), name=name, kind=kind, table=table, coverage="full", as_of=LAST_DAY, size=123_456,
        rows=120, rejects=2, snapshot=f"{table}/x", loaded_at=NOW,
        report={"reasons": {"Wrong check digit.": 2}, "warnings": ["Three MPRNs look odd."], "rejects_file": ""},
    )  # fmt: skip


def _run(as_of: date) -> Run:
    return Run.objects.create(
        as_of=as_of, policy="mp077", policy_version="1.0", inputs_key=str(as_of), started_at=NOW, published_at=NOW,
        snapshot=f"runs/{as_of}", points=120, meters=100, mismatches=0, in_flight=0, watch=0, new=0, ongoing=0,
        resolved=0, regressed=0, absent=0,
    )  # fmt: skip


def _points(run: Run, networks: list[Party], ours: Party, theirs: Party) -> None:
    for network in networks:
        for supplier, share in ((ours, 10), (theirs, 25), (None, 5)):
            PointCount.objects.create(
                run=run, network=network, supplier=supplier, flag="A", shows="commissioned", points=share - 1
            )
            PointCount.objects.create(run=run, network=network, supplier=supplier, flag="A", shows="removed", points=1)


ROWS = (
    # rule, mask, flag, expected, in_flight, how it stands
    ("A_REMOVED", REMOVED, "A", "N", False, "ongoing"),
    ("A_REMOVED", REMOVED, "A", "N", True, "new"),
    ("A_NO_METER", 0, "A", "", False, "new"),
    ("A_SUSPENDED", SUSPENDED, "A", "A", False, "ongoing"),
    ("NULL_INSTALLED", INSTALLED, "", "I", False, "regressed"),
    ("N_COMMISSIONED", COMMISSIONED, "N", "A", False, "resolved"),
    ("A_NOT_INSTALLED", WHITELISTED, "A", "", False, "absent"),
    ("I_COMMISSIONED", COMMISSIONED | REMOVED, "I", "A", False, "resolved long ago"),
)


def _discrepancies(networks: list[Party], suppliers: list[Party | None], first_run: Run, last_run: Run) -> None:
    """Each of ROWS at each network, for each supplier; Meter Points are numbered as they come."""
    serial = 0
    for network, base in zip(networks, (10 * 10**11, 12 * 10**11, 10**9), strict=True):
        for supplier in suppliers:
            for case in ROWS:
                serial += 1
                row, stands = _row(base + serial * 7, network, supplier, case), case[-1]
                Event.objects.create(discrepancy=row, run=first_run, on=row.first_seen, after="new")
                if stands == "resolved":
                    Event.objects.create(discrepancy=row, run=last_run, on=LAST_DAY, before="ongoing", after="resolved")


def _row(mpxn: int, network: Party, supplier: Party | None, case: tuple[str, int, str, str, bool, str]) -> Discrepancy:
    rule, mask, flag, expected, in_flight, stands = case
    fresh = stands in {"new", "regressed"}
    return Discrepancy.objects.create(
        id=discrepancy_id(mpxn, rule), mpxn=mpxn, rule=rule, severity=RULES[rule].severity, network=network,
        supplier=supplier, flag=flag, flag_from=date(2021, 6, 1), expected=expected, mask=mask, meters=1,
        latest_status_from=date(2021, 7, 1), in_flight=in_flight, fingerprint=1,
        first_seen=LAST_DAY if stands == "new" else FIRST_DAY - timedelta(days=30),
        opened_on=LAST_DAY if fresh else FIRST_DAY - timedelta(days=30),
        opened_as="regressed" if stands == "regressed" else "new",
        last_seen=FIRST_DAY if stands in {"absent", "resolved", "resolved long ago"} else None,
        resolved_on={"resolved": LAST_DAY, "resolved long ago": FIRST_DAY}.get(stands),
    )  # fmt: skip


def state_of(row: Discrepancy) -> str:
    """A discrepancy's state after the last run, worked out by hand."""
    if row.resolved_on:
        return "resolved"
    return row.opened_as if row.opened_on == (row.last_seen or LAST_DAY) else "ongoing"


def count_discrepancies(run: Run) -> None:
    """The counts that a run would have written."""
    counts: Counter[tuple] = Counter()
    for row in Discrepancy.objects.all():
        if row.resolved_on is None or row.resolved_on == LAST_DAY:
            counts[
                row.network_id, row.supplier_id, row.rule, row.flag, shows(statuses_in(row.mask)).value, state_of(row),
                row.in_flight, row.last_seen is not None and row.resolved_on is None,
            ] += 1  # fmt: skip
    names = ("network_id", "supplier_id", "rule", "flag", "shows", "state", "in_flight", "absent")
    DiscrepancyCount.objects.bulk_create(
        DiscrepancyCount(run=run, discrepancies=number, **dict(zip(names, key, strict=True)))
        for key, number in counts.items()
    )


def make_job(by: User, kind: str = "export", state: str = "done", **more: object) -> Job:
    """A job of a person, done within what they see."""
    facts = {"sight": actor_for(by).scope.as_json(), "requested_name": by.username, "created_at": NOW, **more}
    return Job.objects.create(kind=kind, title=f"A {kind}", state=state, requested_by=by, **facts)
