"""A ledger of a few discrepancies and the people of three parties, for tests of work: rows alone, no lake.

In: nothing. Out: Office. Evidence moves by what a run would write, followed as a run follows it.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import User

from reconcile.domain.rules import RULES, discrepancy_id
from reconcile.ledger import working
from reconcile.ledger.actors import Actor, actor_for
from reconcile.models import Discrepancy, Membership, Party, Run

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = {
    "ann": ("supplier", "manager"),
    "bob": ("supplier", "analyst"),
    "vic": ("supplier", "viewer"),
    "rob": ("rival", "analyst"),
    "nel": ("network", "analyst"),
    "olu": ("operator", "manager"),
}
RULE = "N_COMMISSIONED"


def new_run(day: date) -> Run:
    """A published run without anything in it."""
    counts = (
        "points",
        "meters",
        "mismatches",
        "in_flight",
        "watch",
        "new",
        "ongoing",
        "resolved",
        "regressed",
        "absent",
    )
    return Run.objects.create(
        as_of=day, policy="mp077", policy_version="1", inputs_key=f"{day}-{Run.objects.count()}", started_at=NOW,
        published_at=NOW, snapshot="none", **dict.fromkeys(counts, 0),
    )  # fmt: skip


@dataclass
class Office:
    """Parties, people as actors, and the ids of discrepancies: ours, then the rival's."""

    parties: dict[str, Party] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    theirs: list[int] = field(default_factory=list)
    day: date = DAY

    def actor(self, name: str) -> Actor:
        """Somebody, with today's rights."""
        return actor_for(User.objects.get(username=name))

    def run(
        self,
        *,
        resolve: tuple[int, ...] = (),
        reopen: tuple[int, ...] = (),
        miss: tuple[int, ...] = (),
        see: tuple[int, ...] = (),
        unfounded: bool = False,
    ) -> Run:
        """What a run of the next day writes about these, and what follows from it."""
        self.day += timedelta(days=1)
        run = new_run(self.day)
        Discrepancy.objects.filter(pk__in=resolve).update(
            resolved_on=self.day, last_seen=self.day - timedelta(days=1), unfounded=unfounded
        )
        Discrepancy.objects.filter(pk__in=reopen).update(
            resolved_on=None, last_seen=None, opened_on=self.day, opened_as="regressed", unfounded=False
        )
        Discrepancy.objects.filter(pk__in=miss).update(last_seen=self.day - timedelta(days=1))
        Discrepancy.objects.filter(pk__in=see).update(last_seen=None)
        working.follow_cohorts(run)
        working.follow(as_of=self.day, today=self.day, now=NOW)
        return run


def open_office(count: int = 6, rule: str = RULE) -> Office:
    """Everybody, and `count` discrepancies of our supplier's and two of the rival's, all at one network."""
    office = Office()
    for code, kind in {
        "supplier": "supplier",
        "rival": "supplier",
        "network": "network",
        "operator": "operator",
    }.items():
        office.parties[code] = Party.objects.create(kind=kind, code=code[:4].upper(), name=code.capitalize())
    for name, (party, role) in PEOPLE.items():
        user = User.objects.create_user(name)
        Membership.objects.create(user=user, party=office.parties[party], role=role)
    new_run(DAY)
    office.ids = [_discrepancy(office, "supplier", 1_000_000_000_000 + one, rule) for one in range(count)]
    office.theirs = [_discrepancy(office, "rival", 1_100_000_000_000 + one, rule) for one in range(2)]
    return office


def _discrepancy(office: Office, supplier: str, mpxn: int, rule: str) -> int:
    return Discrepancy.objects.create(
        id=discrepancy_id(mpxn, rule), mpxn=mpxn, rule=rule, severity=RULES[rule].severity,
        network=office.parties["network"], supplier=office.parties[supplier], flag="N", expected="A", mask=8, meters=1,
        in_flight=False, fingerprint=0, first_seen=DAY, opened_on=DAY, opened_as="new",
    ).pk  # fmt: skip
