"""Files that pass between web and workers are the same by name on every machine, on one disk and in a store."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile.lake import objects
from reconcile.ledger import kept_files, leftovers, uploads
from reconcile.models import Job

# What rows name of files is a text, which tests of exports and loads ask PostgreSQL to keep.
pytestmark = [pytest.mark.a_folder, pytest.mark.one_database]
SOON = timedelta(hours=1)


@pytest.fixture(params=["disk", "store"])
def kept_on(request, settings, tmp_path) -> str:
    """Each way to pass files on."""
    if request.param == "store":
        request.getfixturevalue("in_store")
    return request.param


def written(name: str, text: str) -> str:
    aside = kept_files.aside_of(name)
    aside.write_text(text)
    return kept_files.keep(aside, name)


def test_a_file_is_there_whole_by_its_name_until_it_is_let_go(kept_on, settings, tmp_path):
    name = written(kept_files.new_name("exports", "all.csv"), "mpxn\n1\n")
    if kept_on == "store":
        settings.VAR_DIR = tmp_path / "another machine's"

    assert kept_files.is_there(name) and name.endswith("/all.csv")
    assert kept_files.opened(name).read() == b"mpxn\n1\n"
    assert kept_files.beginning(name, 2) == (b"mp", 7)
    with kept_files.at_hand(name) as path:
        assert (path.name, path.read_text()) == ("all.csv", "mpxn\n1\n")
    assert [(one.bytes, one.name.endswith("/all.csv")) for one in kept_files.listed("exports")] == [(7, True)]

    kept_files.remove(name)
    kept_files.remove(name)

    assert not kept_files.is_there(name) and kept_files.opened(name) is None
    assert kept_files.beginning(name, 2) == (b"", 0) and kept_files.listed("exports") == []
    with kept_files.at_hand(name) as path:
        assert not path.exists()


def test_on_one_disk_files_lie_where_people_look_for_them(settings):
    assert kept_files.in_full(kept_files.new_name("exports", "x.csv")) == f"{settings.VAR_DIR}/exports/x.csv"
    assert kept_files.new_name("rejects", "x.csv") == "rejects/x.csv"


def test_in_a_store_no_name_is_used_twice_and_this_disk_keeps_nothing(in_store):
    first, second = (written(kept_files.new_name("rejects", "x.csv"), text) for text in ("one", "two"))

    assert first != second and kept_files.opened(first).read() == b"one"
    assert [path for path in product.VAR_DIR.rglob("*") if path.is_file()] == []
    assert objects.place(product.LAKE_URL).list()[0].name.startswith(".files/rejects/")


def test_what_a_command_names_stays_on_its_own_disk(in_store, tmp_path):
    name = written(str(tmp_path / "out.csv"), "mpxn\n")

    assert (tmp_path / "out.csv").read_text() == "mpxn\n" and kept_files.is_there(name)
    assert objects.place(product.LAKE_URL).list() == []


@pytest.mark.django_db
def test_what_no_row_names_goes_from_the_store_by_its_age(in_store):
    now = datetime.now(UTC)
    named, unnamed = (written(kept_files.new_name("rejects", f"{name}.csv"), "line\n") for name in "ab")
    Job.objects.create(kind="load", title="held", created_at=now, result={"rejects_file": named})
    waits, left = (uploads.keep(_uploaded(text)) for text in ("waits", "left"))
    Job.objects.create(kind="load", title="waits", created_at=now, options={"path": waits})
    _uploaded("half an upload of a web that was killed")

    assert leftovers.sweep(now - SOON) == [] and uploads.sweep(now - SOON) == []
    uploads.clear_up_here(now - SOON)
    assert len(list(uploads.folder().iterdir())) == 1
    uploads.clear_up_here(now + SOON)
    assert list(uploads.folder().iterdir()) == []
    leftovers.sweep(now + SOON)
    uploads.sweep(now + SOON)

    assert kept_files.is_there(named) and not kept_files.is_there(unnamed)
    assert kept_files.is_there(waits) and not kept_files.is_there(left)


def _uploaded(text: str):
    path = uploads.new_place()
    path.write_text(text)
    return path


def test_rejected_lines_go_out_and_back_under_their_names(kept_on, settings, tmp_path):
    name = written(kept_files.new_name("rejects", "x.csv"), "line\n")
    kept_files.copy_out("rejects", tmp_path / "backup")
    kept_files.remove(name)

    kept_files.copy_in(tmp_path / "backup", "rejects")

    assert kept_files.opened(name).read() == b"line\n"


@pytest.mark.django_db
def test_a_wrong_secret_is_one_sentence_and_leaves_nothing(in_store, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    objects._s3.cache_clear()
    path = _uploaded("an upload")

    with pytest.raises(objects.StoreError, match="refuses the credentials"):
        uploads.keep(path)

    assert not path.exists()
    with pytest.raises(objects.StoreError, match="refuses the credentials"):
        kept_files.opened("exports/1/x.csv")
    assert kept_files.is_there_or_unknown("exports/1/x.csv")
    job = Job(options={"path": uploads.name_of("x")}, created_at=timezone.now())
    uploads.forget(job)


def test_a_file_of_before_the_store_is_still_read_from_this_disk(in_store):
    (product.VAR_DIR / "rejects").mkdir()
    (product.VAR_DIR / "rejects" / "old.csv").write_text("line\n")

    assert kept_files.opened("rejects/old.csv").read() == b"line\n"
    assert [path.name for path in (product.VAR_DIR / "rejects").iterdir()] == ["old.csv"]


def test_a_program_of_many_machines_is_not_started_with_a_secret_of_its_own(settings):
    settings.LAKE_URL, settings.SECRET_KEY_OF_THIS_DISK = "s3://bucket/prefix", True

    with pytest.raises(CommandError, match="Set SECRET_KEY, the same on every machine"):
        call_command("serve", only="worker")
