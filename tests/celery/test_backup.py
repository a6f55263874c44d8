"""What was backed up and is restored into a new place gives the same answers, on either database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from reconcile.sample.make import make_sample
from tests import migrated
from tests.celery.test_faults import manage, outcome
from tests.machine import web
from tests.with_postgres import cluster, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request, tmp_path, open_folder) -> Iterator[list[str]]:
    """Two databases: one that is ready, and an empty one."""
    if request.param == "sqlite":
        shutil.copy(migrated.sqlite(), tmp_path / "old.sqlite3")
        yield [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("old", "new")]
        return
    with running(open_folder, *cluster(open_folder)) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE new")
        outcome(manage("migrate", "--verbosity", "0", DATABASE_URL=url))
        yield [url, url.replace("/postgres?", "/new?")]


def place(tmp_path: Path, name: str, url: str) -> dict[str, str]:
    return {"VAR_DIR": str(tmp_path / name), "DATABASE_URL": url}


def test_a_backup_restored_elsewhere_is_the_same_product(databases, tmp_path):
    old, new = (place(tmp_path, name, url) for name, url in zip(("old", "new"), databases, strict=True))
    make_sample(tmp_path / "market", points=2_000, days=1, seed=3)
    (day,) = [path for path in (tmp_path / "market").iterdir() if path.is_dir()]
    outcome(manage("day", day, "--go-on", "--yes", "--out", tmp_path / "before.csv", "--json", **old))
    backup = tmp_path / "backup"

    told = outcome(manage("backup", backup, "--json", **old))
    again = outcome(manage("backup", backup, "--json", **old), expected=1)
    outcome(manage("restore", backup, "--json", **new))

    assert told["damaged"] == [] and told["snapshots"] > 5
    assert "is there already" in again["trouble"]
    assert outcome(manage("verify", "--json", **new))["damaged"] == []
    outcome(manage("export", tmp_path / "after.csv", "--json", **new))
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    assert (tmp_path / "before.csv").read_text().count("\n") > 10
    # Numbers go on after those that were restored, and what was loaded is known.
    assert outcome(manage("load", next(day.glob("smi_*")), "--json", **new))["duplicate"]
    assert "The database is not empty" in outcome(manage("restore", backup, "--json", **new), expected=1)["trouble"]
    program, port = web(**new)
    try:
        with urlopen(f"http://127.0.0.1:{port}/login/", timeout=30) as answer:
            assert answer.status == 200
    finally:
        program.end()


def test_what_is_no_backup_or_does_not_fit_is_refused_before_anything_changes(tmp_path):
    new = place(tmp_path, "new", f"sqlite:///{tmp_path}/new.sqlite3")
    (tmp_path / "half").mkdir()
    facts = '{"database": "%s", "version": "9.9", "migrations": [["reconcile", "9999_from_the_future"]]}'

    said = [outcome(manage("restore", tmp_path / "half", **new), expected=1)["trouble"]]
    for vendor in ("postgresql", "sqlite"):
        (tmp_path / "half" / "backup.json").write_text(facts % vendor)
        said.append(outcome(manage("restore", tmp_path / "half", **new), expected=1)["trouble"])

    assert "holds no whole backup" in said[0]
    assert "It is a backup of postgresql, and DATABASE_URL names sqlite." in said[1]
    assert "It was made by version 9.9, which is newer" in said[2]
    assert not os.path.exists(tmp_path / "new" / "lake" / "flags")  # noqa: PTH110
