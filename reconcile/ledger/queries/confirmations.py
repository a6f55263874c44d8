"""What registration said of the D0350 files that told a run of one Meter Point: the counts of their D0172.

In: a run; a number. Out: Answered; Confirmed, the oldest first. Called by behind and by points, which knows the scope.
"""

from dataclasses import dataclass
from pathlib import Path

from reconcile.domain.tables import Table
from reconcile.lake import store
from reconcile.lake.confirmations import Confirmation, confirmations, holding
from reconcile.models import Extract, Run

from ..inputs import readable


@dataclass(frozen=True)
class Confirmed:
    """A file of updates, and what was said of it as a whole: a D0172 does not say which instructions were rejected."""

    sent: Extract
    counts: Confirmation


@dataclass(frozen=True)
class Answered:
    """Every answer of a D0172 that may be about a file of updates that a run read, and the files that they name."""

    answers: list[tuple[Extract, Confirmation]]
    named: list[Extract]


def answered(run: Run) -> Answered:
    """What was said of the files of updates that a run read."""
    sent = readable().filter(kind="d0350", pk__in=run.inputs.values("extract"), thinned_at=None)
    first = sent.order_by("as_of").first()
    if first is None:
        return Answered([], [])
    answering = readable().filter(table=Table.CONFIRMATIONS, as_of__gte=first.as_of, thinned_at=None)
    answers = [(one, told) for one in answering.order_by("as_of", "pk") for told in confirmations(_rows(one))]
    named = sent.filter(report__file__in={told.file for _, told in answers}).order_by("as_of", "pk")
    return Answered(answers, list(named))


def confirmed(told: Answered, mpxn: int) -> list[Confirmed]:
    """A confirmation is of the newest file that bore its identifier by then."""
    here = holding([_rows(extract) for extract in told.named], mpxn)
    found = ((_sent(told.named, answer, counts), counts) for answer, counts in told.answers)
    return [Confirmed(extract, counts) for extract, counts in found if extract and _rows(extract) in here]


def _sent(named: list[Extract], answer: Extract, told: Confirmation) -> Extract | None:
    """The file that an answer is about."""
    files = (one for one in reversed(named) if one.report["file"] == told.file and one.as_of <= answer.as_of)
    return next(files, None)


def _rows(extract: Extract) -> Path:
    path: Path = store.kept(extract, store.ROWS)
    return path
