"""The DSP's own view as a third side: what it contradicts, who is not accused, and what resolves it."""

from datetime import date, timedelta

import pytest

from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy

from .market import put, reconcile

pytestmark = pytest.mark.one_database

DAY = date(2025, 6, 2)
LONG_AGO, LATER = DAY - timedelta(days=400), DAY + timedelta(days=7)
CASES = {
    # registered flag, the meter's status, what the DSP holds, whether it says that it notified -> rules
    "the 45,000": ("A", "Decommissioned", "N", False, ["NOT_NOTIFIED"]),
    "an I that was never sent": (None, "InstalledNotCommissioned", "I", False, ["NOT_NOTIFIED"]),
    "sent, and not taken": ("A", "Decommissioned", "N", True, []),
    "registration has it all the same": ("N", "Decommissioned", "N", False, []),
    "an A that was never sent": ("N", "Commissioned", "A", False, []),
    "it does not say": ("A", "Decommissioned", "N", None, []),
    "N beside a live meter": ("A", "Commissioned", "N", True, ["DSP_DIFFERS"]),
    "both": ("A", "Commissioned", "N", False, ["NOT_NOTIFIED", "DSP_DIFFERS"]),
    "no status beside a live meter": ("A", "Commissioned", None, None, ["DSP_DIFFERS"]),
    "a status that the code dropped": ("A", "Suspended", "S", True, ["DSP_DIFFERS"]),
    "suspended, and every flag is allowed": ("A", "Suspended", "I", True, []),
    "not told of": ("A", "Decommissioned", "-", None, []),
}
OURS = ("NOT_NOTIFIED", "DSP_DIFFERS")


def mpan(place: int) -> int:
    stem = f"10{place:010}"
    return int(f"{stem}{mpan_check_digit(stem)}")


POINTS = {name: mpan(place) for place, name in enumerate(CASES, 1)}


def held(name: str, **other) -> dict:
    _, _, status, notified, _ = CASES[name]
    return {"mpxn": POINTS[name], "status": status, "status_from": LONG_AGO, "notified": notified} | other


def registered(day: date, **flags: str) -> None:
    rows = [
        {"mpxn": POINTS[name], "flag": flags.get(name.replace(" ", "_"), flag), "flag_from": LONG_AGO, "network": "10"}
        for name, (flag, *_) in CASES.items()
    ]
    put("flags", "full", day, rows)


@pytest.fixture
def market(db: None, lake_dir) -> None:
    registered(DAY)
    meters = [
        {"mpxn": POINTS[name], "device_id": f"00-DB-12-34-56-78-90-{place:02X}", "device_type": "ESME",
         "status": status, "status_from": LONG_AGO, "role": "import"}
        for place, (name, (_, status, *_)) in enumerate(CASES.items(), 1)
    ]  # fmt: skip
    put("devices", "full", DAY, meters)
    put("dsp_statuses", "delta", DAY, [held(name) for name, case in CASES.items() if case[2] != "-"])


def found() -> dict[str, list[str]]:
    rows = Discrepancy.objects.filter(rule__in=OURS, resolved_on=None).order_by("-id").values_list("mpxn", "rule")
    return {name: [rule for mpxn, rule in rows if mpxn == POINTS[name]] for name in CASES}


def test_exactly_what_the_dsp_contradicts_is_found_and_shown(market):
    reconcile(DAY)

    assert found() == {name: case[-1] for name, case in CASES.items()}
    for name, words in {
        "the 45,000": "holds status N from 28 Apr 2024, and says that registration was never notified",
        "it does not say": "does not say whether it told registration",
    }.items():
        trace = queries.meter_point(scope=EVERYTHING, mpxn=POINTS[name]).trace
        assert words in dict(trace.steps)["DSP"]
        assert [rule for rule in trace.rules if rule in OURS] == CASES[name][-1]
    assert queries.meter_point(scope=EVERYTHING, mpxn=POINTS["not told of"]).trace.dsp is None


def test_only_evidence_resolves(market):
    reconcile(DAY)
    registered(LATER, the_45000="A", **{"an_I_that_was_never_sent": "I"})
    again = [held("both", status="A", notified=True), held("N beside a live meter", notified=False)]
    put("dsp_statuses", "delta", LATER, [again[0]], unreadable=[POINTS["N beside a live meter"]])
    reconcile(LATER)

    open_now = found()
    assert open_now["an I that was never sent"] == []
    assert "NOT_NOTIFIED" not in open_now["both"]
    assert open_now["the 45,000"] == ["NOT_NOTIFIED"]
    assert open_now["N beside a live meter"] == ["DSP_DIFFERS"]


def test_of_two_lines_the_later_speaks_and_of_one_date_neither(market):
    put(
        "dsp_statuses",
        "delta",
        DAY,
        [
            held("the 45,000", status_from=DAY, notified=True),
            held("the 45,000"),
            held("both", status="A"),
            held("both"),
        ],
    )
    reconcile(DAY)

    assert (found()["the 45,000"], found()["both"]) == ([], [])
    trace = queries.meter_point(scope=EVERYTHING, mpxn=POINTS["both"]).trace
    assert "contradict each other" in dict(trace.steps)["DSP"]
