"""Corrections of everything that can be sent: chosen, written, then every line answered and matched.

In: VAR_DIR of a product that has a run: a copy, for it is written to. Out: a line of JSON; it fails where a line is not
answered. Run by hand: `VAR_DIR=... python -m benchmarks.corrections`.
"""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.utils import timezone  # noqa: E402

from benchmarks.desk import seconds_of  # noqa: E402
from benchmarks.what_if import peak  # noqa: E402
from reconcile.domain.corrections import D0350  # noqa: E402
from reconcile.domain.vocabulary import mpxn_text  # noqa: E402
from reconcile.ledger import corrections, operations, queries  # noqa: E402
from reconcile.ledger.actors import MACHINE  # noqa: E402
from reconcile.ledger.corrections.files import INSTRUCTIONS  # noqa: E402
from reconcile.models import Correction, CorrectionFile, CorrectionLine, Job  # noqa: E402

TODAY = datetime.now(UTC)
REJECTED_OF = 100
"""One line in so many is rejected."""


def main() -> None:
    """Choose, write, answer, match; then match again, when nothing is new."""
    now, out = timezone.now(), settings.VAR_DIR / "bench-corrections"
    shutil.rmtree(out, ignore_errors=True)
    found: list[queries.Foreseen] = []
    choose = seconds_of(lambda: found.append(queries.foreseen_corrections(actor=MACHINE, now=now)))
    count = found[0].plan.count
    job = operations.start_correction(actor=MACHINE, count=count, target=out / "sent", now=now)
    write = seconds_of(lambda: done(job))
    sending = Correction.objects.get(job=job.pk)
    answers = [path for file in corrections.files_of(sending) for path in answers_to(file, out)]
    load = sum(seconds_of(lambda path=path: done(loading(path))) for path in answers)
    again = seconds_of(lambda: corrections.follow(now=now + timedelta(days=1)))
    rejected = CorrectionLine.objects.filter(file__correction=sending, outcome="rejected").count()
    answered = CorrectionLine.objects.filter(file__correction=sending).exclude(outcome="").count()
    if answered != count:
        raise SystemExit(f"{answered:,} of {count:,} lines are answered")
    took = {"choose": choose, "write": write, "load_and_match": load, "match_again": again}
    told = {
        "corrections": count,
        "files": sending.files.count(),
        "answers": len(answers),
        "rejected": rejected,
        "peak_mb": peak(),
    }
    shutil.rmtree(out)
    print(json.dumps(told | {"peak_mb": peak()} | {name: round(seconds, 2) for name, seconds in took.items()}))


def done(job: Job) -> None:
    """A job, done in this process."""
    ended = operations.perform(actor=MACHINE, job_id=job.pk)
    if ended.state != Job.State.DONE:
        raise SystemExit(f"{ended.title}: {ended.message}")


def loading(path: Path) -> Job:
    """A load of an answer."""
    return operations.start_load(actor=MACHINE, path=path, name=path.name, every_guard=True, now=timezone.now())


def answers_to(file: CorrectionFile, folder: Path) -> list[Path]:
    """What registration answers to a file: an E46 for each line, or a D0351 of those rejected and a D0172 of all."""
    lines = list(file.lines.order_by("line"))
    if file.kind != D0350:
        return [_written(folder / f"E46_{file.pk}.csv", e46(lines))]
    rejected = [one for one in lines if one.line % REJECTED_OF == 0]
    told = [_written(folder / f"D0172_{file.pk}.usr", d0172(file, len(lines), len(rejected)))]
    return [_written(folder / f"D0351_{file.pk}.usr", d0351(file, rejected)), *told] if rejected else told


def e46(lines: list[CorrectionLine]) -> list[str]:
    """Responses of gas."""
    outcomes = ("RJ" if one.line % REJECTED_OF == 0 else "AC" for one in lines)
    rows = [
        f'"E46","{outcome}",{one.mpxn},"{one.flag}",{one.flag_from:%Y%m%d}'
        for outcome, one in zip(outcomes, lines, strict=True)
    ]
    return [f'"A00",1234,"E46",{TODAY:%Y%m%d},"120000",1', *rows, f'"Z99",{len(rows)}']


def d0351(file: CorrectionFile, rejected: list[CorrectionLine]) -> list[str]:
    """Rejections, each with its reason."""
    rows = []
    for place, one in enumerate(rejected, 1):
        asked = f"{file.number * INSTRUCTIONS + one.line}|{mpxn_text(one.mpxn)}|{TODAY:%Y%m%d}"
        supplier = one.supplier.code if one.supplier else ""
        rows.append(f"84H|{place}|DC11|{asked}|{one.flag}|{one.flag_from:%Y%m%d}|{supplier}|")
        rows.append("85H|23|")
    return framed(f"R{file.pk}", "D0351001", ["83H|1|", *rows])


def d0172(file: CorrectionFile, sent: int, rejected: int) -> list[str]:
    """How many of a file were taken."""
    counts = f"{sent}|{sent - rejected}|{rejected}"
    return framed(f"C{file.pk}", "D0172001", ["749|1|", f"357|1|DC90|{TODAY:%Y%m%d}|{file.identifier}|{counts}|"])


def framed(name: str, flow: str, body: list[str]) -> list[str]:
    """A user file."""
    made = f"{TODAY:%Y%m%d}120000"
    head = f"ZHV|{name}|{flow}|P|MPAS|Z|DCCO|{made}||||OPER|"
    return [head, *body, f"ZPT|{name}|{len(body)}||1|{made}|"]


def _written(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


if __name__ == "__main__":
    main()
