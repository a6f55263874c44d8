"""What killed processes leave under VAR_DIR goes by age and by whose it is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from reconcile.ledger import leftovers, operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Job

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=1)


def test_half_written_files_and_lists_of_no_load_go_after_a_while(lake_dir):
    operations.sweep_up(actor=MACHINE, now=timezone.now() + timedelta(days=1))
    names = [
        "rejects/killed.part",
        "rejects/nobodys.csv",
        "rejects/held.csv",
        "exports/.out.csv.part",
        "exports/out.csv",
    ]
    for name in names:
        (settings.VAR_DIR / name).parent.mkdir(exist_ok=True)
        (settings.VAR_DIR / name).touch()
    now = datetime.now(UTC)
    Job.objects.create(kind="load", title="held", created_at=now, result={"rejects_file": "rejects/held.csv"})

    assert leftovers.sweep(now - SOON) == []
    swept = operations.sweep_up(actor=MACHINE, now=now + timedelta(hours=7))

    assert sorted(swept) == [".out.csv.part", "killed.part", "nobodys.csv"]
    assert (settings.VAR_DIR / "rejects/held.csv").exists() and (settings.VAR_DIR / "exports/out.csv").exists()
    for name in names:
        (settings.VAR_DIR / name).unlink(missing_ok=True)
