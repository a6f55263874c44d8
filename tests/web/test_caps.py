"""Nobody can ask for more at a time than others can wait for, and nothing that was made for them stays for ever."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as product
from django.test import Client
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Job

from .cast import Cast, make_job

Browse = Callable[[str], Client]


@pytest.mark.parametrize("address", ["/discrepancies/export/", "/runs/reconcile/"])
def test_a_person_can_ask_for_so_many_at_a_time(browse: Browse, cast: Cast, address: str):
    client = browse("operator")

    answers = [client.post(address) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 2
    assert "5 of your jobs of this kind wait or run. Wait until one has ended" in answers[-1].content.decode()
    assert Job.objects.count() == 5
    assert browse("loader").post(address).status_code == 302
    Job.objects.filter(requested_by=cast.operator).update(state="done")
    assert client.post(address).status_code == 302


@pytest.mark.usefixtures("own_lake")
@pytest.mark.parametrize(("days", "stays"), [(35, False), (0, True)])
def test_the_file_of_an_old_export_is_removed_by_the_rule(browse: Browse, cast: Cast, settings, days: int, stays: bool):
    settings.KEEP_EXPORT_DAYS = days
    folder = product.VAR_DIR / "exports"
    folder.mkdir(exist_ok=True)
    age = (timezone.now() - timedelta(days=36)).timestamp()
    paths = {name: folder / name for name in ("old.csv", "old.csv.manifest.json", ".killed.csv.part", "new.csv")}
    for name, path in paths.items():
        path.write_text("mpxn\n")
        if name != "new.csv":
            os.utime(path, (age, age))
    job = make_job(cast.supplier, result={"file": str(paths["old.csv"]), "rows": 0, "bytes": 5, "name": "old.csv"})

    result = operations.perform(
        actor=MACHINE, job_id=operations.start_tidy(actor=MACHINE, now=timezone.now()).pk
    ).result

    assert [path.exists() for path in paths.values()] == [stays, stays, stays, True]
    assert (result["exports"], result["bytes"] >= 5) == ((0, False) if stays else (1, True))
    page = browse("supplier").get(f"/jobs/{job.pk}/").content.decode()
    assert ("Its file has been removed" in page) == (not stays)
    paths["new.csv"].unlink()
