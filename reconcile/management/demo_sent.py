"""Correction files in the demonstration, and what registration answers: some accepted, some rejected, some not yet.

In: the ledger after the last day but one. Out: a sending of the second supplier's manager, and its answers as files.
Called by `demo`; `answers_to` by benchmarks too.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from reconcile import tasks
from reconcile.domain.corrections import D0350
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import corrections, operations, queries, uploads
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.ledger.corrections.files import INSTRUCTIONS
from reconcile.models import Correction, CorrectionFile, CorrectionLine, Job

from . import demo

WHO = "supplier-2-manager"
REJECTED_OF, SILENT_OF = 4, 5
"""One line in so many is rejected, and one in so many not answered."""


def send_and_answer(*, follow: Callable[[Job], None]) -> Iterator[Job]:
    """Have the files made, and the answers loaded by the worker; once. Yields each job as it ends."""
    actor, now = actor_for(User.objects.get(username=WHO)), timezone.now()
    if Correction.objects.exists() or actor.desk is None:
        return
    count = queries.foreseen_corrections(actor=actor, now=now).plan.count
    if not count:
        return
    made = demo.ended(tasks.send(operations.start_correction(actor=actor, count=count, now=now)), follow)
    yield made
    sending = Correction.objects.filter(job=made.pk).first()
    for file in corrections.files_of(sending) if sending else ():
        lines = [one for one in file.lines.order_by("line") if one.pk % SILENT_OF]
        for name, text in answers_to(file, lines, now=now, rejected_of=REJECTED_OF).items():
            path = uploads.new_place()
            path.write_text(text)
            job = operations.start_load(actor=MACHINE, path=uploads.keep(path), name=name, now=now)
            yield demo.ended(tasks.send(job), follow)


def answers_to(file: CorrectionFile, lines: list[CorrectionLine], *, now: datetime, rejected_of: int) -> dict[str, str]:
    """Names and texts of what registration says of some lines of a file: an E46 of each, or D0351 and D0172.

    A D0172 counts the whole file, so there is none where lines are left unanswered.
    """
    rejected = [one for one in lines if one.pk % rejected_of == 0]
    if file.kind != D0350:
        return {f"E46_{file.pk}.csv": _text(_e46(lines, {one.pk for one in rejected}, now))} if lines else {}
    found = {f"D0351_{file.pk}.usr": _text(_d0351(file, rejected, now))} if rejected else {}
    if len(lines) == file.rows:
        found[f"D0172_{file.pk}.usr"] = _text(_d0172(file, len(rejected), now))
    return found


def _e46(lines: list[CorrectionLine], rejected: set[int], now: datetime) -> list[str]:
    rows = [
        f'"E46","{"RJ" if one.pk in rejected else "AC"}",{one.mpxn},"{one.flag}",{one.flag_from:%Y%m%d}'
        for one in lines
    ]
    return [f'"A00",1,"E46",{now:%Y%m%d},"{now:%H%M%S}",1', *rows, f'"Z99",{len(rows)}']


def _d0351(file: CorrectionFile, rejected: list[CorrectionLine], now: datetime) -> list[str]:
    rows = []
    for place, one in enumerate(rejected, 1):
        instruction = f"{file.number * INSTRUCTIONS + one.line}|{mpxn_text(one.mpxn)}|{now:%Y%m%d}"
        supplier = one.supplier.code if one.supplier else ""
        rows += [f"84H|{place}|DC11|{instruction}|{one.flag}|{one.flag_from:%Y%m%d}|{supplier}|", "85H|23|"]
    return _framed(f"R{file.pk}", "D0351001", ["83H|1|", *rows], now)


def _d0172(file: CorrectionFile, rejected: int, now: datetime) -> list[str]:
    counts = f"{file.rows}|{file.rows - rejected}|{rejected}"
    body = ["749|1|", f"357|1|DC90|{now:%Y%m%d}|{file.identifier}|{counts}|"]
    return _framed(f"C{file.pk}", "D0172001", body, now)


def _framed(name: str, flow: str, body: list[str], now: datetime) -> list[str]:
    made = f"{now:%Y%m%d%H%M%S}"
    return [f"ZHV|{name}|{flow}|P|MPAS|Z|DCCO|{made}||||OPER|", *body, f"ZPT|{name}|{len(body)}||1|{made}|"]


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
