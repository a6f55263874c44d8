"""Exports: exactly what is filtered, safe in a spreadsheet, proven whole by the manifest."""

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from reconcile.ledger import export
from reconcile.ledger.access import EVERYTHING, Scope
from reconcile.models import Party

from .market import NOW, put, reconcile

DAY = date(2025, 3, 3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Three discrepancies: two networks, two fuels, a supplier named like a formula."""
    row = {"flag": "A", "flag_from": date(2024, 5, 6)}
    put(
        "flags",
        "full",
        DAY,
        [
            {**row, "mpxn": 1000000000012, "network": "10", "supplier": "SUPA"},
            {**row, "mpxn": 1200000000011, "network": "12", "supplier": "SUPB"},
            {**row, "mpxn": 1000000008, "network": "NGN", "supplier": "=1+1", "flag": "S"},
        ],
    )
    meter = {"device_id": "00-00-00-00-00-00-00-01", "device_type": "ESME", "mpxn": 1200000000011, "role": "import"}
    put("devices", "full", DAY, [{**meter, "status": "Decommissioned", "status_from": date(2025, 1, 2)}])
    return reconcile(DAY)


def made(tmp_path: Path, query: str = "", run: int | None = None, scope: Scope = EVERYTHING) -> list[dict]:
    """The rows of an export, and the manifest held to them."""
    target = tmp_path / "out.csv"
    facts = export.export(target=target, query=query, run=run, scope=scope, now=NOW, report=lambda stage, share: None)
    data = target.read_bytes()
    manifest = json.loads(Path(facts["manifest"]).read_text())
    rows = list(csv.DictReader(data.decode().splitlines()))
    assert (manifest["rows"], manifest["sha256"]) == (len(rows), hashlib.sha256(data).hexdigest())
    assert manifest["bytes"] == len(data)
    return rows


def test_a_row_has_every_column_in_order(tmp_path, run):
    rows = made(tmp_path, "network=12")

    assert list(rows[0].items()) == [
        ("mpxn", "1200000000011"),
        ("fuel", "electricity"),
        ("network", "12"),
        ("supplier", "SUPB"),
        ("rule", "A_REMOVED"),
        ("severity", "high"),
        ("who_acts", "DCC (DSP)"),
        ("flag", "A"),
        ("flag_from", "2024-05-06"),
        ("expected", "N"),
        ("meter_statuses", "Decommissioned"),
        ("meters", "1"),
        ("latest_status_from", "2025-01-02"),
        ("wrong_since_earliest", "2025-01-02"),
        ("wrong_since_latest", "2025-01-02"),
        ("in_flight", "no"),
        ("state", "new"),
        ("first_seen", "2025-03-03"),
        ("last_seen", "2025-03-03"),
        ("age_days", "0"),
        ("undetermined", "no"),
        ("smets", ""),
        ("csp_region", ""),
        ("manufacturer", ""),
        ("model", ""),
        ("firmware", ""),
        ("commissioned", ""),
        ("postcode_area", ""),
        ("point_status", ""),
        ("contradicted_on", ""),
    ]


@pytest.mark.parametrize(
    "query, mpxns",
    [
        ("", ["1000000008", "1000000000012", "1200000000011"]),
        ("rule=A_REMOVED", ["1200000000011"]),
        ("network=10&network=NGN", ["1000000008", "1000000000012"]),
        ("supplier=SUPA", ["1000000000012"]),
        ("state=regressed", []),
    ],
)
def test_the_ledger_and_the_run_give_exactly_what_is_filtered(tmp_path, run, query, mpxns):
    assert [row["mpxn"] for row in made(tmp_path, query)] == mpxns
    assert made(tmp_path, query, run=run.pk) == made(tmp_path, query)


def test_text_that_a_spreadsheet_would_run_is_made_safe(tmp_path, run):
    assert made(tmp_path, "rule=LEGACY_S")[0]["supplier"] == "'=1+1"


def test_a_scope_sees_its_own_rows_only(tmp_path, run):
    scope = Scope(suppliers=frozenset({Party.objects.get(code="SUPA").pk}))

    assert [row["mpxn"] for row in made(tmp_path, scope=scope)] == ["1000000000012"]
    assert [row["mpxn"] for row in made(tmp_path, run=run.pk, scope=scope)] == ["1000000000012"]
    assert made(tmp_path, scope=Scope()) == []


@pytest.mark.parametrize(
    "query, number", [("rule=NO_SUCH_RULE", None), ("", 999), ("severity=high", 0), ("state=resolved", 0)]
)
def test_what_cannot_be_exported_is_said(tmp_path, run, query, number):
    with pytest.raises(export.ExportError):
        made(tmp_path, query, run=run.pk if number == 0 else number)


def test_a_manifest_names_only_the_files_that_the_asker_may_see(tmp_path):
    theirs, others = (
        put("flags", "full", DAY, [{"mpxn": number, "flag": "A", "network": network, "supplier": f"SUP{network}"}])
        for number, network in ((1200000000011, "12"), (1000000000012, "10"))
    )
    inventory = put("devices", "full", DAY, [])
    reconcile(DAY)
    supplier = Scope(suppliers=frozenset({Party.objects.get(code="SUP12").pk}))

    named = {}
    for whose, scope in (("operator", EVERYTHING), ("supplier", supplier)):
        made(tmp_path, scope=scope)
        manifest = json.loads((tmp_path / "out.csv.manifest.json").read_text())
        named[whose] = {extract["name"] for extract in manifest["extracts"]}

    assert named["operator"] == {theirs.name, others.name, inventory.name}
    assert named["supplier"] == {theirs.name, inventory.name}
