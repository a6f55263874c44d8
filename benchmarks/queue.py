"""A ledger of 800,000 open discrepancies of which 200,000 are worked on, made directly: for measuring the queue alone.

In: VAR_DIR and DATABASE_URL of an empty product. Out: parties, a run, rows, work of the operator's. Run as a process;
then `python -m benchmarks.pages --only queue` measures it.
"""

import os
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.people import benchmark_person  # noqa: E402
from reconcile.domain.rules import IDENTITY_BASE, RULES  # noqa: E402
from reconcile.domain.work import Act  # noqa: E402
from reconcile.lake import store  # noqa: E402
from reconcile.ledger import bulk, frame, operations  # noqa: E402
from reconcile.ledger.actors import actor_for  # noqa: E402
from reconcile.ledger.working import Change, Selection  # noqa: E402
from reconcile.models import Discrepancy, MeterKind, Party, Run  # noqa: E402

OPEN, RESOLVED, WORKED = 800_000, 200_000, 200_000
SUPPLIERS, KINDS = 60, 300
AS_OF = date(2026, 11, 16)
COUNTS = ("points", "meters", "mismatches", "in_flight", "watch", "new", "ongoing", "resolved", "regressed", "absent")
COLUMNS = (
    *("id", "mpxn", "rule", "severity", "network_id", "supplier_id", "flag", "expected", "mask", "meters", "in_flight"),
    *("kind_id", "postcode_area", "fingerprint", "first_seen", "opened_on", "opened_as", "last_seen", "resolved_on"),
    "wrong_since_latest",
)


def main() -> None:
    """Make all of it."""
    call_command("migrate", verbosity=0)
    suppliers = [
        Party.objects.create(kind=Party.Kind.SUPPLIER, code=f"S{n:03}", name=f"Supplier {n}").pk
        for n in range(SUPPLIERS)
    ]
    networks = [
        Party.objects.create(kind=Party.Kind.NETWORK, code=str(n), name=f"Network {n}", fuel="electricity").pk
        for n in range(10, 24)
    ]
    kinds = [
        MeterKind.objects.create(
            description=str(n), manufacturer=f"Maker {n % 12}", model=f"M{n % 60}", firmware=f"0{n % 9}.{n}",
            smets=f"SMETS{1 + n % 2}", csp_region=("North", "Central", "South")[n % 3],
        ).pk
        for n in range(KINDS)
    ]  # fmt: skip
    run = Run.objects.create(
        as_of=AS_OF, policy="mp077", policy_version="1", inputs_key="queue", started_at=timezone.now(),
        published_at=timezone.now(), snapshot="runs/queue", **dict.fromkeys(COUNTS, 0),
    )  # fmt: skip
    fill(suppliers, networks, kinds)
    (settings.LAKE_DIR / run.snapshot).mkdir(parents=True)
    frame.keep(run)
    work(run)


def fill(suppliers: list[int], networks: list[int], kinds: list[int]) -> None:
    """The discrepancies, each column by chance."""
    rules = ", ".join(f"('{rule.code}', '{rule.severity}', {rule.number})" for rule in RULES.values())
    with store.scratch() as folder, store.connected(folder) as con:
        con.execute("SELECT setseed(0.5)")
        con.execute(f"CREATE TABLE rules AS SELECT * FROM (VALUES {rules}) AS given(code, severity, number)")
        con.execute(f"""
            CREATE TABLE rows AS
            SELECT 1000000000000 + n AS mpxn, n, 1 + (random() * random() * {len(RULES)})::INT % {len(RULES)} AS place,
                (random() * random() * 3000)::INT AS days
            FROM range({OPEN + RESOLVED}) AS made(n)
        """)
        query = f"""
            SELECT mpxn * {IDENTITY_BASE} + number AS id, mpxn, code, severity, {chosen(networks)}, {chosen(suppliers)},
                'N', 'A', [1, 8, 16][1 + (n % 3)::INT], 1, n % 17 = 0, {chosen(kinds)},
                chr(65 + (n % 20)::INT) || chr(65 + (n % 7)::INT), n,
                (DATE '{AS_OF}' - (n % 40)::INT)::VARCHAR, (DATE '{AS_OF}' - (n % 40)::INT)::VARCHAR,
                CASE WHEN n % 11 = 0 THEN 'regressed' ELSE 'new' END,
                CASE WHEN n >= {OPEN} THEN '{AS_OF}' END, CASE WHEN n >= {OPEN} THEN '{AS_OF}' END,
                (DATE '{AS_OF}' - days)::VARCHAR
            FROM rows JOIN (SELECT *, row_number() OVER () AS place FROM rules) USING (place) ORDER BY id
        """
        bulk.insert(con, query, Discrepancy._meta.db_table, COLUMNS)


def chosen(ids: list[int]) -> str:
    """One of some ids, the first ones oftener than the last."""
    return f"{ids}[1 + (random() * random() * {len(ids)})::INT % {len(ids)}]"


def work(run: Run) -> None:
    """A quarter of what is open is assigned, raised or explained by the operator."""
    actor, (first, last) = actor_for(benchmark_person()), (1000000000000, 1000000000000 + WORKED)
    changes = (
        Change(Act.ASSIGN, assignee=actor.name, due=AS_OF), Change(Act.RAISE, to="network", due=AS_OF),
        Change(Act.EXPLAIN, reason="Site visit booked", until_changed=True),
    )  # fmt: skip
    rows = list(Discrepancy.objects.filter(mpxn__gte=first, mpxn__lt=last).order_by("pk").values_list("pk", flat=True))
    size = 1000
    for place in range(0, len(rows), size):
        change = changes[place // size % 3]
        of = Selection(tuple(rows[place : place + size]))
        operations.work_on(actor=actor, asked=change, of=of, now=timezone.now())
    print({"open": OPEN, "resolved": RESOLVED, "worked": len(rows), "run": run.pk})


if __name__ == "__main__":
    main()
