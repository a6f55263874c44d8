"""A sending is made: its record in one transaction, which numbers its files; then, where asked for, a folder of them.

In: Wanted. Out: the Correction. Whoever asks again for the same job is given what it made.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from reconcile.domain.corrections import D0350
from reconcile.feeds.sql import literal
from reconcile.models import Correction, CorrectionFile, Party

from .. import bulk
from ..actors import Actor
from ..working import WorkError, leave_queue
from .choosing import FilePlan, Plan, chosen, networks_of, sender_of
from .files import csv_chunks, file_chunks, files_of, first_line, manifest

CSV, MANIFEST = "corrections.csv", "manifest.json"
PLAIN = re.compile(r"[A-Za-z0-9-]+")
NAMES = {D0350: "D0350_{network}_{number:06}.usr"}
GAS_NAME = "DXI_{network}_{number:06}.csv"


@dataclass(frozen=True)
class Wanted:
    """Who approves how many corrections of which rows, in files of at most so many lines. `job`: its number."""

    actor: Actor
    query: str
    ids: tuple[int, ...]
    count: int
    most: int
    job: int
    now: datetime


def make(wanted: Wanted, last_word: Callable[[], None] = lambda: None) -> Correction:
    """The sending of a job, once. Raises WorkError where there are not `count` corrections, and NotAllowed."""
    if made := Correction.objects.filter(job=wanted.job).first():
        return made
    asked = chosen(actor=wanted.actor, query=wanted.query, ids=wanted.ids, most=wanted.most, now=wanted.now)
    with asked as (con, plan):
        must_be(wanted.count, plan)
        with transaction.atomic():
            correction = _recorded(wanted, con, plan)
            last_word()
    return correction


def must_be(count: int, plan: Plan) -> None:
    """An approval is of a number. Raises WorkError where there are not so many."""
    if plan.count != count:
        raise WorkError(
            f"There are {plan.count:,} corrections now, not the {count:,} that were approved. Nothing was written: "
            "look at them again."
        )
    if not plan.count:
        raise WorkError("There is nothing to correct among these, so no file was written.")


def _recorded(wanted: Wanted, con: duckdb.DuckDBPyConnection, plan: Plan) -> Correction:
    sender = sender_of(wanted.actor)
    correction = Correction.objects.create(
        job=wanted.job,
        made_at=wanted.now.replace(microsecond=0),
        by=wanted.actor.person,
        name=wanted.actor.name,
        party_id=sender.party,
        desk=sender.desk.party if sender.desk else None,
        sight=sender.scope.as_json(),
        run=plan.run,
        organisation=settings.DCC_ORGANISATION,
        policy=f"{plan.run.policy} {plan.run.policy_version}",
        query=plan.query,
        filters=plan.filters,
        most=wanted.most,
        count=plan.count,
        left_out=plan.left_out,
    )
    files = _numbered(correction, plan)
    _write_lines(con, files)
    _seal(correction, files)
    if sender.desk:
        leave_queue(correction, actor=wanted.actor, desk=sender.desk, now=wanted.now)
    return correction


def _numbered(correction: Correction, plan: Plan) -> dict[FilePlan, CorrectionFile]:
    """The files with the next numbers to each network, whose row is locked, so that nobody else takes them."""
    networks = networks_of(plan)
    list(Party.objects.select_for_update(no_key=True).filter(pk__in=networks).order_by("pk").values_list("pk"))
    taken = CorrectionFile.objects.filter(network__in=networks).values_list("kind", "network")
    last = {(kind, network): number for kind, network, number in taken.annotate(last=Max("number"))}
    rows = [
        CorrectionFile(
            correction=correction,
            kind=one.kind,
            network=networks[one.network],
            number=(number := last.get((one.kind, one.network), 0) + one.part + 1),
            identifier=f"C{correction.pk:05}{place:04}",
            name=_name(one.kind, networks[one.network], number),
            rows=one.rows,
        )
        for place, one in enumerate(plan.files, 1)
    ]
    return dict(zip(plan.files, CorrectionFile.objects.bulk_create(rows), strict=True))


def _name(kind: str, network: Party, number: int) -> str:
    """A code comes from a file and may hold anything: one that is no plain word goes by the network's number."""
    code = network.code if PLAIN.fullmatch(network.code) else f"network{network.pk}"
    return NAMES.get(kind, GAS_NAME).format(network=code, number=number)


LINES = ("file_id", "line", "mpxn", "supplier_id", "flag_before", "flag", "flag_from", "rules")


def _write_lines(con: duckdb.DuckDBPyConnection, files: dict[FilePlan, CorrectionFile]) -> None:
    values = ", ".join(
        f"({literal(plan.kind)}, {plan.network}, {plan.part}, {file.pk}, {first_line(plan.kind)})"
        for plan, file in files.items()
    )
    query = f"""
        SELECT file_id, first + place_in_file AS line, mpxn, supplier_id, flag_before, flag,
            flag_from::VARCHAR AS flag_from, rules
        FROM lines
        JOIN (VALUES {values}) AS files(kind, network_id, part, file_id, first) USING (kind, network_id, part)
        ORDER BY file_id, line
    """
    bulk.insert(con, query, "reconcile_correctionline", LINES)


def _seal(correction: Correction, files: dict[FilePlan, CorrectionFile]) -> None:
    """Keep how long each file is and its checksum: whoever has it later has the same."""
    for file in files.values():
        file.bytes, file.sha256 = _sealed(file_chunks(file))
    CorrectionFile.objects.bulk_update(files.values(), ["bytes", "sha256"])
    correction.csv_bytes, correction.csv_sha256 = _sealed(csv_chunks(correction))
    Correction.objects.filter(pk=correction.pk).update(csv_bytes=correction.csv_bytes, csv_sha256=correction.csv_sha256)


def _sealed(chunks: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def refuse_folder(folder: Path) -> None:
    """Raises WorkError where a sending lies already, or no folder can be."""
    if folder.exists() and not folder.is_dir():
        raise WorkError(f"{folder} is a file: name a folder.")
    if any((folder / name).exists() for name in (CSV, MANIFEST)):
        raise WorkError(f"{folder} holds a sending already. Name another folder.")


def write_folder(correction: Correction, folder: Path) -> list[str]:
    """Write a sending into a folder, the manifest last: a folder with one is whole. Gives the names."""
    aside = folder / f".sending-{correction.pk}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    files: dict[str, Iterable[bytes]] = {one.name: file_chunks(one) for one in files_of(correction)}
    files |= {CSV: csv_chunks(correction), MANIFEST: [manifest(correction).encode()]}
    for name, chunks in files.items():
        with (aside / name).open("wb") as file:
            file.writelines(chunks)
    for name in files:
        (aside / name).replace(folder / name)
    aside.rmdir()
    return list(files)


def said_of(correction: Correction) -> dict[str, Any]:
    """What a job says of it."""
    return {
        "correction": correction.pk,
        "corrections": correction.count,
        "files": correction.files.count(),
        "left_out": correction.left_out,
        "filters": correction.filters,
    }
