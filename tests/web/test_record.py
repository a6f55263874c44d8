"""Who took which rows along is on record, for managers; and no browser keeps them."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from reconcile.models import AuditEntry, Job

from .cast import Cast, make_job

Browse = Callable[[str], Client]
What = AuditEntry.What


@pytest.fixture
def exported(cast: Cast, tmp_path: Path) -> Job:
    """An export of our supplier's."""
    paths = {name: tmp_path / name for name in ("file", "manifest")}
    paths["file"].write_text("mpxn\n1\n")
    paths["manifest"].write_text(json.dumps({"filters": "Open; rule A_REMOVED"}))
    made = {name: str(path) for name, path in paths.items()}
    return make_job(cast.supplier, result={**made, "rows": 12345, "bytes": 7, "name": "mine.csv", "sha256": "ab" * 32})


def test_a_download_is_on_record_with_its_rows(browse: Browse, cast: Cast, exported: Job):
    browse("supplier").get(f"/jobs/{exported.pk}/download/", REMOTE_ADDR="10.0.0.7")
    browse("rival").get(f"/jobs/{exported.pk}/download/")

    entry = AuditEntry.objects.get()
    assert (entry.what, entry.name, entry.person, entry.address) == (
        What.DOWNLOADED, "supplier", cast.supplier.pk, "10.0.0.7",
    )  # fmt: skip
    assert (entry.about, entry.filters, entry.rows, entry.sha256, entry.job) == (
        "mine.csv", "Open; rule A_REMOVED", 12345, "ab" * 32, exported.pk,
    )  # fmt: skip


def test_rows_read_by_the_api_are_on_record(browse: Browse):
    answer = browse("supplier").get("/api/discrepancies/?rule=A_REMOVED").json()

    entry = AuditEntry.objects.get()
    sent = json.dumps(answer["results"], separators=(",", ":"), ensure_ascii=False).encode()
    assert (entry.what, entry.name, entry.filters) == (What.READ_API, "supplier", "rule: A_REMOVED")
    assert (entry.rows, entry.sha256) == (len(answer["results"]), hashlib.sha256(sent).hexdigest())


def test_rejected_lines_that_were_read_are_on_record(browse: Browse, cast: Cast, tmp_path: Path):
    path = tmp_path / "rejects.csv"
    path.write_text("line,reason,raw\n")
    job = make_job(cast.loader, "load", "held", result={"rejects_file": str(path)})

    browse("loader").get(f"/jobs/{job.pk}/rejects/")

    entry = AuditEntry.objects.get()
    assert (entry.what, entry.name, entry.about, entry.job) == (What.READ_REJECTS, "loader", "rejects.csv", job.pk)


def test_managers_see_the_record_and_narrow_it(browse: Browse, exported: Job):
    browse("supplier").get(f"/jobs/{exported.pk}/download/")
    Client().post("/login/", {"username": "network", "password": "wrong"})
    client = browse("operator")

    page = client.get("/record/").content.decode()
    narrowed = client.get("/record/?what=downloaded&name=Supplier").content.decode()

    assert "mine.csv; Open; rule A_REMOVED" in page and "12,345" in page and "<td>network</td>" in page
    assert "mine.csv" in narrowed and "<td>network</td>" not in narrowed
    assert "Nothing of this is on record" in client.get("/record/?until=2021-01-01").content.decode()
    assert "Nothing of this is on record" in client.get("/record/?since=nonsense").content.decode()


@pytest.mark.parametrize("address", ["/", "/discrepancies/", "/login/", "/api/runs/", "/nowhere/"])
def test_no_browser_keeps_rows_or_asks_the_device_for_anything(browse: Browse, address: str):
    answer = browse("operator").get(address)

    assert answer["Cache-Control"].startswith("no-store") or "no-store" in answer["Cache-Control"]
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize(
    "password",
    ["short pass", "password1234", "qwertyuiop12", "asdfghjkl;'#", "1q2w3e4r5t6y", "123456789012", "abcdefghijkl",
     "aaaaaaaaaaaa", "zxcvbnmzxcvbnm", "poiuytrewq99", "jane.smith.energy1"],
)  # fmt: skip
def test_a_password_that_is_easily_found_is_refused(cast: Cast, password: str):
    cast.supplier.username, cast.supplier.email = "jane.smith", "jane.smith@energy1.example"

    with pytest.raises(ValidationError):
        validate_password(password, cast.supplier)


@pytest.mark.parametrize("password", ["correct horse battery", "Tr0ub4dor and three", "vB9!kq2#Lw8z"])
def test_a_good_password_is_taken(cast: Cast, password: str):
    validate_password(password, cast.supplier)


def test_kinds_of_work_are_offered_to_those_who_manage_work_alone(browse: Browse, cast: Cast):
    cast.loader.is_superuser = True
    cast.loader.save()

    manager, other = (browse(part).get("/record/").content.decode() for part in ("operator", "loader"))

    assert '<option value="explained">' in manager and '<option value="logged in">' in other
    assert '<option value="explained">' not in other
