"""Answers close the loop: matched to file and line, shown, and what was rejected or forgotten is to do again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from reconcile.domain.corrections import LeftOut
from reconcile.ledger import corrections, operations, queries, working
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.corrections.making import Wanted, make
from reconcile.ledger.queries import Answers
from reconcile.models import Correction, CorrectionFile, CorrectionLine, Discrepancy, Extract, WorkItem
from tests.ledger.market import put, reconcile

from .conftest import DAY, NOW, OLD, POINTS, SENT, installed, registered

pytestmark = pytest.mark.django_db
LATER = DAY + timedelta(days=14)
THEN = datetime(2025, 6, 16, 12, tzinfo=UTC)


def answer(name: str, outcome: str, flag: str | None, reason: str | None = None) -> dict:
    return {
        "mpxn": POINTS[name],
        "outcome": outcome,
        "flag": flag,
        "flag_from": OLD if flag else None,
        "reason": reason,
    }


@pytest.fixture
def sent(people) -> Correction:
    """The operator's sending, with the answers of the days after and the registration of two weeks later."""
    made = make(Wanted(people["olu"], "", (), 6, 20_000, 1, NOW))
    file = made.files.get(network__code="10")
    put("responses", "delta", DAY + timedelta(days=2), [answer("live", "RJ", None, "48")])
    put("responses", "delta", DAY + timedelta(days=2), [answer("gas", "AC", "N"), answer("gas too", "RJ", "A")])
    told = {"file": file.identifier, "received": 3, "accepted": 2, "rejected": 1}
    put("confirmations", "delta", DAY + timedelta(days=3), [told])
    return made


def standing() -> dict[str, tuple[str, bool]]:
    names = {mpxn: name for name, mpxn in POINTS.items()}
    lines = CorrectionLine.objects.order_by("pk").values_list("mpxn", "outcome", "shown_on")
    return {names[mpxn]: (outcome, shown is not None) for mpxn, outcome, shown in lines}


def two_weeks_later() -> None:
    registered(LATER, gone="N", rival="N", gas="N")
    installed(LATER)
    run = reconcile(LATER)
    working.follow(as_of=run.as_of, today=run.as_of, now=THEN)
    corrections.follow(now=THEN)


def work_of(desk: int) -> dict[str, tuple[str, str]]:
    names = {mpxn: name for name, mpxn in POINTS.items()}
    rows = WorkItem.objects.filter(party=desk, discrepancy__mpxn__in=[POINTS[name] for name in SENT])
    return {names[mpxn]: (state, why) for mpxn, state, why in rows.values_list("discrepancy__mpxn", "state", "why")}


def test_two_weeks_end_with_exactly_the_planted_ones_mended_rejected_and_unanswered(sent, people):
    desk = people["olu"].desk.party
    assert {state for state, _ in work_of(desk).values()} == {"explained"} and len(work_of(desk)) == 6

    two_weeks_later()

    assert standing() == {
        "gone": ("accepted", True), "live": ("rejected", False), "rival": ("accepted", True),
        "installed": ("", False), "gas": ("accepted", True), "gas too": ("rejected", False),
    }  # fmt: skip
    mended = {POINTS[name] for name in ("gone", "rival", "gas")}
    assert set(Discrepancy.objects.filter(resolved_on=LATER).values_list("mpxn", flat=True)) >= mended
    told = work_of(desk)
    assert {name: state for name, (state, _) in told.items()} == {
        **dict.fromkeys(("gone", "rival", "gas"), "closed"),
        **dict.fromkeys(("live", "gas too", "installed"), "to_do"),
    }
    assert told["live"][1].startswith("Registration rejected its correction")
    assert told["installed"][1].startswith("Its correction was not answered in time")
    again = corrections.planned(actor=people["olu"], query="", ids=(), most=20, now=THEN)
    # Those three, and the one whose change was in flight two weeks before.
    assert (again.count, LeftOut.SENT in again.left_out) == (4, False)


def test_each_file_says_what_became_of_it(sent, people):
    two_weeks_later()

    def of(code: str) -> Answers:
        file = CorrectionFile.objects.get(network__code=code)
        return queries.answers_of(actor=people["olu"], file_id=file.pk, now=THEN)

    assert of("10") == Answers(sent=3, accepted=2, rejected=1, waiting=0, unanswered=0, shown=2)
    assert of("12") == Answers(sent=1, accepted=0, rejected=0, waiting=0, unanswered=1, shown=0)
    assert of("CADENT") == Answers(sent=2, accepted=1, rejected=1, waiting=0, unanswered=0, shown=1)
    file = CorrectionFile.objects.get(network__code="12")
    assert queries.answers_of(actor=people["mia"], file_id=file.pk, now=THEN).sent == 0
    line = queries.meter_point(scope=EVERYTHING, mpxn=POINTS["live"]).sent[0].facts()
    assert (line["outcome"], line["reason"]) == ("rejected", "Pending Change Already Exists (code 48)")
    assert "Wait until it is in force" in line["next_step"]
    rows = queries.discrepancies(scope=EVERYTHING, filters={"correction": "rejected", "rule": "NULL_COMMISSIONED"})
    assert [(row.mpxn, row.sent_outcome) for row in rows] == [(POINTS["live"], "rejected")]


def test_following_again_changes_nothing_and_a_withdrawn_answer_is_none(sent, people):
    assert corrections.follow(now=NOW + timedelta(days=4))["answered"] == 5
    assert corrections.follow(now=NOW + timedelta(days=4))["answered"] == 0

    gone = Extract.objects.filter(table="responses").first()
    operations.withdraw(actor=people["olu"], extract_id=gone.pk, reason="Wrong file.", now=timezone.now())
    corrections.follow(now=NOW + timedelta(days=4))

    assert standing()["live"] == ("", False)
    assert standing()["gas"] == ("accepted", False)


def test_a_load_of_answers_is_about_the_files_that_it_speaks_of_alone(sent):
    live, gas = Extract.objects.filter(table="responses").order_by("pk").values_list("pk", flat=True)
    counts = Extract.objects.get(table="confirmations").pk
    then = NOW + timedelta(days=4)

    assert corrections.follow(now=then, answers=live) == {"answered": 3}
    assert {name: outcome for name, (outcome, _) in standing().items() if outcome} == {
        "gone": "accepted", "live": "rejected", "rival": "accepted",
    }  # fmt: skip
    assert corrections.follow(now=then, answers=counts) == {"answered": 0}
    assert corrections.follow(now=then, answers=gas) == {"answered": 2}
    assert corrections.follow(now=then)["answered"] == 0


def test_an_answer_to_something_else_is_none_and_an_older_sending_stays_as_it_was(market, people):
    make(Wanted(people["olu"], "fuel=gas", (), 2, 20, 1, NOW))
    put("responses", "delta", DAY - timedelta(days=30), [answer("gas", "RJ", "N")])
    put("responses", "delta", DAY + timedelta(days=2), [answer("gas too", "AC", "I")])

    corrections.follow(now=NOW + timedelta(days=3))

    assert standing() == {"gas": ("", False), "gas too": ("", False)}
