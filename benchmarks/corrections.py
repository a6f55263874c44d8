"""Corrections of everything that can be sent: chosen, written, then every line answered and matched.

In: VAR_DIR of a product that has a run: a copy, for it is written to. Out: a line of JSON; it fails where a line is not
answered. Run by hand: `VAR_DIR=... python -m benchmarks.corrections`.
"""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.utils import timezone  # noqa: E402

from benchmarks.desk import seconds_of  # noqa: E402
from benchmarks.what_if import peak  # noqa: E402
from reconcile.ledger import corrections, operations, queries  # noqa: E402
from reconcile.ledger.actors import MACHINE  # noqa: E402
from reconcile.management.demo_sent import answers_to  # noqa: E402
from reconcile.models import Correction, CorrectionFile, CorrectionLine, Job  # noqa: E402

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
    told = [path for file in corrections.files_of(sending) for path in answers(file, out)]
    load = sum(seconds_of(lambda path=path: done(loading(path))) for path in told)
    again = seconds_of(lambda: corrections.follow(now=now + timedelta(days=1)))
    rejected = CorrectionLine.objects.filter(file__correction=sending, outcome="rejected").count()
    answered = CorrectionLine.objects.filter(file__correction=sending).exclude(outcome="").count()
    if answered != count:
        raise SystemExit(f"{answered:,} of {count:,} lines are answered")
    took = {"choose": choose, "write": write, "load_and_match": load, "match_again": again}
    facts = {
        "corrections": count,
        "files": sending.files.count(),
        "answers": len(told),
        "rejected": rejected,
    }
    shutil.rmtree(out)
    print(json.dumps(facts | {"peak_mb": peak()} | {name: round(seconds, 2) for name, seconds in took.items()}))


def done(job: Job) -> None:
    """A job, done in this process."""
    ended = operations.perform(actor=MACHINE, job_id=job.pk)
    if ended.state != Job.State.DONE:
        raise SystemExit(f"{ended.title}: {ended.message}")


def loading(path: Path) -> Job:
    """A load of an answer."""
    return operations.start_load(actor=MACHINE, path=path, name=path.name, every_guard=True, now=timezone.now())


def answers(file: CorrectionFile, folder: Path) -> list[Path]:
    """What registration answers to all of a file."""
    told = answers_to(file, list(file.lines.order_by("line")), now=timezone.now(), rejected_of=REJECTED_OF)
    for name, text in told.items():
        (folder / name).write_text(text)
    return [folder / name for name in told]


if __name__ == "__main__":
    main()
