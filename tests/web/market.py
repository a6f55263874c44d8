"""Four weeks of a small market whose every discrepancy is known beforehand, loaded and reconciled as the product does.

In: an empty database and lake. Out: the rows that real runs wrote, to be put back before each test, and the script.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from reconcile.domain.rules import discrepancy_id
from reconcile.domain.vocabulary import FIRST_MPAN, mpan_check_digit
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import (
    Discrepancy,
    DiscrepancyCount,
    Event,
    Extract,
    ExtractNetwork,
    Job,
    MeterKind,
    MismatchCount,
    MoveCount,
    Party,
    PointCount,
    Run,
    RunInput,
)

DAYS = [date(2021, 11, 4) + timedelta(weeks=week) for week in range(4)]
FIRST_DAY, LAST_DAY = DAYS[0], DAYS[-1]
LONG_AGO = date(2021, 6, 1)
BAD_LINES = 2
RIGHT = ("A", "Commissioned")
KEPT = (
    Party, Extract, ExtractNetwork, Run, RunInput, PointCount, DiscrepancyCount, MismatchCount, MoveCount, MeterKind,
    Discrepancy, Event,
)  # fmt: skip
"""What loads and runs write, in the order of their keys; the jobs that did it are left out."""


@dataclass(frozen=True)
class Case:
    """A Meter Point, week by week: (flag, statuses of its meters), or None if nobody knows it. Then how it stands."""

    rule: str
    weeks: tuple[tuple[str, str] | None, ...]
    state: str
    in_flight: bool = False
    absent: bool = False
    resolved_on: date | None = None
    status_from: date = LONG_AGO

    def is_wrong(self, told: tuple[str, str]) -> bool:
        """Whether the case breaks its rule in a week: its rule is that of the first week, or of the last."""
        wrong = next(week for week in (self.weeks[0], self.weeks[-1]) if week not in (None, RIGHT))
        return told == wrong


def always(flag: str, statuses: str) -> tuple[tuple[str, str], ...]:
    """The same in every week."""
    return ((flag, statuses),) * len(DAYS)


CASES = (
    Case("A_REMOVED", always("A", "Decommissioned"), "ongoing"),
    Case(
        "A_REMOVED", (RIGHT, RIGHT, RIGHT, ("A", "Decommissioned")), "new", in_flight=True,
        status_from=LAST_DAY - timedelta(days=2),
    ),
    Case("A_NO_METER", (RIGHT, RIGHT, RIGHT, ("A", "")), "new"),
    Case("A_SUSPENDED", always("A", "Suspended"), "ongoing"),
    Case(
        "NULL_INSTALLED",
        (("", "InstalledNotCommissioned"), ("I", "InstalledNotCommissioned"), ("I", "InstalledNotCommissioned"),
         ("", "InstalledNotCommissioned")),
        "regressed",
    ),
    Case("N_COMMISSIONED", (("N", "Commissioned"),) * 3 + (RIGHT,), "resolved", resolved_on=LAST_DAY),
    Case("A_NOT_INSTALLED", (("A", "Whitelisted"),) * 3 + (None,), "ongoing", absent=True),
    Case(
        "I_COMMISSIONED",
        (("I", "Commissioned+Decommissioned"),) + (("A", "Commissioned+Decommissioned"),) * 3,
        "resolved", resolved_on=DAYS[1],
    ),
)  # fmt: skip
FINE = Case("", always(*RIGHT), "")
NETWORKS = ("10", "12", "EA")
"""Two distributor ids, and a gas LDZ of Cadent's."""
SMETS = ("SMETS V1.2", "SMETS V4.1", "")
"""What the inventory says of meters, one after the other."""
SUPPLIERS = {"OURS": 3, "RIVL": 13, "": 3}
"""Supplier -> how many of its points at each network are fine in the last week."""


def _points() -> Iterator[tuple[int, str, str, Case]]:
    """Number, network, supplier and case of every Meter Point; the numbers come from the serial."""
    serial = 0
    for network in NETWORKS:
        for supplier, fine in SUPPLIERS.items():
            for case in (*CASES, *([FINE] * fine)):
                serial += 1
                yield _number(network, serial * 7), network, supplier, case


def _number(network: str, serial: int) -> int:
    if network.isdigit():
        stem = f"{network}{serial:010d}"
        return int(f"{stem}{mpan_check_digit(stem)}")
    # Its check digits are wrong, which a load warns of.
    return int(f"1{serial:06d}11")


POINTS = list(_points())
SCRIPT: dict[int, Case] = {discrepancy_id(mpxn, case.rule): case for mpxn, _, _, case in POINTS if case.rule}
"""How each discrepancy stands after the last run, by its id."""


def write_files(folder: Path, week: int, day: date) -> tuple[Path, Path]:
    """The registration extract and the inventory export of a day, on which the market is as in one of the weeks."""
    registration, inventory = (folder / f"{name}_{day}.csv" for name in ("registration", "smi"))
    with registration.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["mpxn", "dcc_service_flag", "effective_from", "supplier", "ldz"])
        lines.writerows(_registered(week))
        lines.writerows([[FIRST_MPAN, "A", LONG_AGO, "OURS", ""]] * BAD_LINES)
    with inventory.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["DeviceID", "DeviceType", "DeviceStatus", "StatusDate", "ImportMPxN", "SMETSCHTSVersion"])
        lines.writerows(_devices(week))
    return registration, inventory


def _registered(week: int) -> Iterator[list[Any]]:
    for mpxn, network, supplier, case in POINTS:
        if told := case.weeks[week]:
            yield [mpxn, told[0], LONG_AGO, supplier, "" if network.isdigit() else network]


def _devices(week: int) -> Iterator[list[Any]]:
    for place, (mpxn, _, _, case) in enumerate(POINTS, 1):
        told = case.weeks[week]
        for number, status in enumerate(told[1].split("+") if told and told[1] else ()):
            version = SMETS[place % len(SMETS)]
            kind = "ESME" if mpxn >= FIRST_MPAN else "GSME"
            since = case.status_from if told != RIGHT else LONG_AGO
            yield [f"00-00-00-00-00-00-{place:02X}-{number:02X}", kind, status, since, mpxn, version]


def play(folder: Path) -> None:
    """Load and reconcile every week."""
    for week, day in enumerate(DAYS):
        play_day(folder, week, day)


def play_day(folder: Path, week: int, day: date) -> None:
    """Load and reconcile a day, as the machine does: with its guards answered, for the market is small."""
    for path in write_files(folder, week, day):
        _do(operations.start_load(path=path, name=path.name, as_of=day, **_machine()))
    _do(operations.start_reconcile(as_of=day, **_machine()))


def _machine() -> dict[str, Any]:
    return {"actor": MACHINE, "every_guard": True, "now": timezone.now()}


def _do(job: Job) -> None:
    done = operations.perform(actor=MACHINE, job_id=job.pk)
    assert done.state == Job.State.DONE, done.message


def keep() -> list[tuple[type[models.Model], list[models.Model]]]:
    """Every row that was written."""
    return [(model, list(model._default_manager.order_by("pk"))) for model in KEPT]


def put_back(kept: list[tuple[type[models.Model], list[models.Model]]]) -> None:
    """Write the rows again, under their numbers; what is written after them goes on from there."""
    for model, rows in kept:
        model._default_manager.bulk_create(rows)
    statements = connection.ops.sequence_reset_sql(no_style(), [*KEPT])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
