"""One command for a day: in the right order, stopping where a person is needed, and told apart by its exit code."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command

from reconcile.feeds import FEEDS
from reconcile.feeds.order import ORDER, in_order
from reconcile.models import Extract, Run
from tests.machine import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]
FLAGS = "mpan,dcc_service_flag,supplier\n1000000000012,A,SUPA\n"
METERS = (
    "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN\n"
    "00-00-00-00-00-00-00-01,ESME,Commissioned,2025-01-01,1000000000012\n"
)
UPDATE = (
    "ZHV|0000000001|D0350001|Z|DCCO|P|EELC|20250304060000||||OPER|\n"
    "81H|1|\n82H|1|DC01|1000000000012|N|20250301|TERN|\nZPT|0000000001|{count}||1|20250304060000|\n"
)


@pytest.fixture
def folder(tmp_path, lake_dir) -> Path:
    """A day whose files have names of every kind."""
    made = tmp_path / "incoming"
    made.mkdir()
    (made / "AA update 2025-03-04.txt").write_text(UPDATE.format(count=2))
    (made / "smi_2025-03-04.csv").write_text(METERS)
    (made / "extract of ours 2025-03-04.csv").write_text(FLAGS)
    (made / "readme.txt").write_text("Files of the fourth.\n")
    return made


def day(*words: object) -> tuple[int, dict, str]:
    """The exit code, what was printed, and the error."""
    said, trouble = StringIO(), ""
    code = 0
    try:
        call_command("day", *map(str, words), "--json", stdout=said, stderr=StringIO())
    except CommandError as error:
        code, trouble = error.returncode, str(error)
    return code, json.loads(said.getvalue() or "{}"), trouble


def test_a_folder_is_loaded_in_order_reconciled_and_exported(folder, tmp_path):
    code, told, _ = day(folder, "--out", tmp_path / "out.csv")

    assert code == 0
    assert [file["kind"] for file in told["files"]] == ["registration", "smi", "d0350"]
    assert (told["state"], told["passed_over"]) == ("done", ["readme.txt"])
    assert told["run"]["as_of"] == "2025-03-04" and told["run"]["points"] == 1
    assert (tmp_path / "out.csv").read_text().count("\n") == 1 + told["export"]["rows"]


def test_a_held_file_stops_the_day_before_old_data_is_reconciled(folder):
    (folder / "AA update 2025-03-04.txt").write_text(UPDATE.format(count=9))
    (folder / "e46_2025-03-04.csv").write_text("x")

    code, told, trouble = day(folder)

    assert (code, told["state"], told["not_loaded"]) == (3, "held", ["e46_2025-03-04.csv"])
    assert "The trailer says 9 records" in trouble and "Nothing was reconciled." in trouble
    assert not Run.objects.exists()


def test_a_file_that_fails_is_told_apart_from_one_that_is_held(folder):
    (folder / "smi_2025-03-04.csv").write_text("%PDF-1.7\n")

    code, told, _ = day(folder)

    assert (code, told["state"], told["not_loaded"]) == (1, "failed", ["AA update 2025-03-04.txt"])
    assert not Run.objects.exists()


def test_one_may_go_on_and_is_told_all_the_same(folder):
    (folder / "AA update 2025-03-04.txt").write_text(UPDATE.format(count=9))

    code, told, trouble = day(folder, "--go-on")

    assert (code, told["state"]) == (3, "held")
    assert told["run"]["points"] == 1 and "Nothing was reconciled" not in trouble


def test_a_day_that_is_done_again_changes_nothing(folder):
    first, second = day(folder)[1], day(folder)[1]

    assert all(file["duplicate"] for file in second["files"])
    assert first["run"]["run"] == second["run"]["run"]
    assert Extract.objects.count() == 3


def test_a_file_that_was_named_and_is_none_fails(folder):
    assert day(folder / "readme.txt")[0] == 1


@pytest.mark.parametrize("given", ["nowhere", "empty"])
def test_a_day_without_files_fails(tmp_path, given):
    (tmp_path / "empty").mkdir()

    code, _, trouble = day(tmp_path / given)

    assert code == 1 and trouble.startswith("There is no ")


def test_days_that_were_missed_come_one_after_the_other(tmp_path):
    names = ["smi_2025-03-05.csv", "d0350_20250304.txt", "smi_2025-03-04.csv", "registration_2025-03-05.csv"]
    for name in names:
        (tmp_path / name).touch()

    ordered, _ = in_order(tmp_path.iterdir())

    assert [path.name for path in ordered] == [names[2], names[1], names[3], names[0]]


def test_every_kind_has_its_place():
    assert set(ORDER) == set(FEEDS)


def manage(*words: str, **env: str) -> subprocess.CompletedProcess:
    own = {name: value for name, value in environment().items() if name not in {"VAR_DIR", "DATABASE_URL"}}
    return subprocess.run(
        [sys.executable, product.BASE_DIR / "manage.py", *words],
        env=own | env, cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_one_file_of_settings_is_read_by_every_program(tmp_path):
    """As cron runs it: without the environment of the unit."""
    file = tmp_path / "settings.env"
    file.write_text(f"VAR_DIR={tmp_path}/var\nDATABASE_URL=sqlite:///{tmp_path}/own.sqlite3\nGRACE_DAYS=9\n")
    program = "print(settings.VAR_DIR, settings.DATABASES['default']['NAME'], settings.GRACE_DAYS)"
    ask = ["shell", "-c", f"from django.conf import settings; {program}"]

    told = manage(*ask, DCCFLAGS_ENV=str(file))
    closer = manage(*ask, DCCFLAGS_ENV=str(file), GRACE_DAYS="4")

    assert told.stdout.splitlines()[-1] == f"{tmp_path}/var {tmp_path}/own.sqlite3 9", told.stderr
    assert closer.stdout.splitlines()[-1].endswith(" 4")


def test_a_file_of_settings_that_is_not_there_is_said_in_one_sentence():
    told = manage("load", "x", DCCFLAGS_ENV="/nowhere/settings.env")

    assert told.returncode == 1
    assert told.stderr.strip() == "DCCFLAGS_ENV names /nowhere/settings.env, and there is no such file."


def test_the_version_is_told(client):
    told = manage("--version", VAR_DIR=os.fspath(product.VAR_DIR))

    assert told.stdout.strip() == product.VERSION
    assert f"Version {product.VERSION}" in client.get("/login/").content.decode()
    assert client.get("/health/").json()["version"] == product.VERSION
