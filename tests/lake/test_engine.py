"""The engine's shape: slices do not change the answer, the SQL is the reviewed SQL, one point is judged as all are."""

import dataclasses
import itertools
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.domain.mp077 import MP077
from reconcile.lake import engine, steps, store
from reconcile.lake.contract import COVERED
from reconcile.lake.trace import trace
from reconcile.ledger.inputs import of_run, select
from reconcile.ledger.queries.points import standing_at
from reconcile.models import Discrepancy
from tests.ledger.market import put, reconcile

SNAPSHOT = Path(__file__).parent / "engine.sql"
DAY = date(2025, 3, 3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    """A thousand points of one network, with an update and a device response, so that every step has work."""
    numbers = [1000000000000 + n for n in range(1_000)]
    flags = [None, "A", "N", "I", "S", "W"]
    put("flags", "full", DAY, [{"mpxn": m, "flag": flags[m % 6], "network": "10"} for m in numbers])
    put("flags", "delta", DAY, [{"mpxn": numbers[7], "flag": "N", "flag_from": DAY, "network": "10"}])
    statuses = ["Commissioned", "Decommissioned", "InstalledNotCommissioned", "Pending", "Suspended"]
    meters = [
        {
            "device_id": f"{m}",
            "device_type": "ESME",
            "status": statuses[m % 5],
            "status_from": DAY,
            "mpxn": m,
            "role": "import",
        }
        for m in numbers[::2]
    ]
    put("devices", "full", DAY, meters)
    put("devices", "delta", DAY, [{**meters[0], "status": "Withdrawn"}])


def findings(slice_rows: int) -> list[dict]:
    """What the engine finds when it works in slices of so many rows."""
    with store.scratch() as folder:
        judged = engine.judge_market(
            select(DAY).inputs, MP077, open_before=COVERED.empty_table(), workdir=folder, slice_rows=slice_rows
        )
        return judged.findings.sort_by("id").to_pylist()


def test_slices_do_not_change_the_answer(market, monkeypatch):
    whole = findings(slice_rows=10_000)
    bounds = [(0, 1000000000299), (1000000000300, 1000000000300), (1000000000301, 10**15)]
    monkeypatch.setattr(engine, "slices", lambda *_: bounds)

    assert len(whole) > 100
    assert findings(slice_rows=1) == whole


def test_a_judgement_that_is_not_of_its_schemas_is_refused(market):
    with store.scratch() as folder:
        judged = engine.judge_market(select(DAY).inputs, MP077, open_before=COVERED.empty_table(), workdir=folder)

    assert judged.meters == 500
    with pytest.raises(TypeError, match=r"^covered is not of its schema: "):
        dataclasses.replace(judged, covered=judged.findings)


def test_slices_cover_every_number_once(market):
    with store.scratch() as folder, store.connected(folder) as con:
        bounds = engine.slices(con, select(DAY).inputs, slice_rows=1)

    assert bounds[0][0] == 0
    assert all(first == last + 1 for (_, last), (first, _) in itertools.pairwise(bounds))
    assert bounds[-1][1] >= 10**13


def test_the_sql_is_the_sql_that_was_reviewed(market):
    """Set UPDATE_SNAPSHOTS=1 to accept a change; the file's diff is what there is to review."""
    compiled = steps.as_text(select(DAY).inputs)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(compiled)

    assert compiled == SNAPSHOT.read_text()


def test_one_point_is_traced_as_the_run_judged_it(market):
    run = reconcile(DAY)
    inputs = of_run(run).inputs
    rows = {}
    for row in Discrepancy.objects.all():
        rows.setdefault(row.mpxn, []).append(row)

    for mpxn in [1000000000000 + n for n in range(40)]:
        found = trace(inputs, MP077, mpxn, standing_at(mpxn))
        assert found.rules == [row.rule for row in sorted(rows.get(mpxn, []), key=lambda row: row.pk)]
        for row in rows.get(mpxn, []):
            assert (found.flag or "", found.verdict.expected or "") == (row.flag, row.expected)
    assert trace(inputs, MP077, 1999999999999, standing_at(1999999999999)) is None


def test_a_point_that_an_earlier_inventory_showed_with_a_live_meter_is_traced_as_such(lake_dir):
    meter = {"device_id": "1", "device_type": "ESME", "status": "Commissioned", "mpxn": 1000000000000, "role": "import"}
    put("devices", "full", DAY - timedelta(days=7), [meter])
    put("devices", "full", DAY, [])
    put("flags", "full", DAY, [{"mpxn": 1000000000000, "flag": None, "network": "10"}])
    inputs = of_run(reconcile(DAY)).inputs

    found = trace(inputs, MP077, 1000000000000, standing_at(1000000000000))

    assert (found.ever, found.rules) == (True, ["NULL_REMOVED"])


def test_a_point_that_an_extract_gave_two_flags_is_traced_with_both(lake_dir):
    two = [{"mpxn": 1000000000000, "flag": flag, "flag_from": DAY, "network": "10"} for flag in ("N", "A")]
    put("devices", "full", DAY, [])
    put("flags", "full", DAY, [*two, {"mpxn": 1000000000001, "flag": "A", "network": "10"}])
    inputs = of_run(reconcile(DAY)).inputs

    assert trace(inputs, MP077, 1000000000000, standing_at(1000000000000)).other_flags == ["A, N"]
    assert trace(inputs, MP077, 1000000000001, standing_at(1000000000001)).other_flags == []


def test_scratch_leaves_nothing(lake_dir):
    with store.scratch() as folder:
        (folder / "half").write_text("half")

    assert list((lake_dir / store.ASIDE).iterdir()) == []


def test_of_two_snapshots_of_one_name_both_are_kept(lake_dir):
    names = []
    for text in ("first", "second"):
        with store.scratch() as folder:
            made = folder / "snapshot"
            made.mkdir()
            (made / "rows").write_text(text)
            names.append(store.publish(made, "flags/x"))

    assert [(lake_dir / name / "rows").read_text() for name in names] == ["first", "second"]


def test_only_old_folders_that_no_row_uses_are_swept_up(lake_dir):
    now = datetime.now(UTC)
    for name, age in [("flags/used", 9), ("flags/left", 9), ("flags/young", 1), (".aside/left", 9)]:
        (lake_dir / name).mkdir(parents=True)
        then = (now - timedelta(hours=age)).timestamp()
        os.utime(lake_dir / name, (then, then))

    swept = store.sweep({"flags/used"}, now - timedelta(hours=6), now)

    assert sorted(swept) == [".aside/left", "flags/left"]
    assert (lake_dir / "flags/used").exists() and (lake_dir / "flags/young").exists()
