"""The contract of a place for files, kept by a folder and by a real object store alike."""

import os
import signal

import pytest
from django.conf import settings

from reconcile.lake import objects
from tests import with_store


@pytest.fixture(params=["folder", "store"])
def place(request, tmp_path):
    """An empty place of each kind."""
    if request.param == "folder":
        return objects.place(f"file://{tmp_path / 'place'}")
    request.getfixturevalue("in_store")
    return objects.place(settings.LAKE_URL)


def some(folder, **files):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def names(place, within=""):
    return [one.name for one in place.list(within)]


def test_a_folder_that_was_put_is_listed_fetched_read_and_deleted(place, tmp_path):
    assert names(place) == []

    place.put(some(tmp_path / "first", a="one", b="three"), "flags/day-1")
    place.put(some(tmp_path / "second", a="two"), "flags/day-10")
    (tmp_path / "file").write_text("four")
    place.put(tmp_path / "file", "flags/day-1/c")

    assert [(one.name, one.bytes) for one in place.list("flags/day-1")] == [
        ("flags/day-1/a", 3), ("flags/day-1/b", 5), ("flags/day-1/c", 4),
    ]  # fmt: skip
    assert all(one.modified.year > 2000 for one in place.list())
    place.fetch("flags/day-1/c", tmp_path / "new" / "c")
    assert (tmp_path / "new" / "c").read_text() == "four"
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["c"]
    with place.opened("flags/day-1/b") as stream:
        assert (stream.read(2), stream.read()) == (b"th", b"ree")
    assert (place.size("flags/day-1/b"), place.size("flags/day-1"), place.size("flags/day-2")) == (5, None, None)

    place.delete("flags/day-1/c")
    place.delete("flags/day-10")
    place.delete("flags/day-10")
    assert names(place) == ["flags/day-1/a", "flags/day-1/b"]


def test_what_is_not_there_is_said_and_leaves_nothing(place, tmp_path):
    with pytest.raises(FileNotFoundError):
        place.fetch("flags/day-1/a", tmp_path / "new" / "a")
    with pytest.raises(FileNotFoundError), place.opened("flags/day-1/a"):
        pass

    assert not list((tmp_path / "new").iterdir())


def test_only_a_folder_has_its_files_here(tmp_path):
    assert objects.place(str(tmp_path)).here("a/b") == tmp_path / "a" / "b"
    assert objects.place("s3://bucket/prefix/").here("a/b") is None
    assert objects.place("s3://bucket/prefix/").address == "s3://bucket/prefix"


@pytest.mark.parametrize("address", ["s3://", "s3:///prefix", "https://example.com/lake"])
def test_an_address_that_is_no_place_is_refused(address):
    with pytest.raises(ValueError, match=r"s3://bucket/prefix"):
        objects.place(address)


def asked(address):
    """Each thing that can be asked of a place."""
    place = objects.place(address)
    return {
        "list": lambda folder: place.list("flags"),
        "put": lambda folder: place.put(some(folder / "put", a="one"), "flags/day-1"),
        "fetch": lambda folder: place.fetch("flags/day-1/a", folder / "a"),
        "delete": lambda folder: place.delete("flags"),
    }


@pytest.mark.parametrize("what", ["list", "put", "fetch", "delete"])
def test_a_wrong_secret_is_refused_in_a_sentence(in_store, monkeypatch, tmp_path, what):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")

    with pytest.raises(objects.StoreError, match=r"refuses the credentials: check AWS_ACCESS_KEY_ID"):
        asked(f"s3://{with_store.BUCKET}/refused")[what](tmp_path)


@pytest.mark.parametrize("what", ["list", "put"])
def test_a_bucket_that_is_missing_is_named(in_store, tmp_path, what):
    with pytest.raises(objects.StoreError, match=r"has no bucket elsewhere: make it"):
        asked("s3://elsewhere/prefix")[what](tmp_path)


@pytest.mark.parametrize("what", ["list", "put", "fetch", "delete"])
def test_a_store_that_is_away_is_said_in_a_sentence(in_store, monkeypatch, tmp_path, what):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{with_store.free_port()}")

    with pytest.raises(objects.StoreError, match=r"does not answer: check the network and AWS_ENDPOINT_URL"):
        asked(f"s3://{with_store.BUCKET}/away")[what](tmp_path)


def test_a_store_that_hangs_is_given_up(in_store, monkeypatch, tmp_path):
    monkeypatch.setattr(objects, "SILENT_SECONDS", 1)
    in_store.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(objects.StoreError, match=r"does not answer"):
            objects.place(f"s3://{with_store.BUCKET}/hung").list()
    finally:
        in_store.process.send_signal(signal.SIGCONT)


def test_a_process_that_was_forked_asks_by_itself(in_store, tmp_path):
    place = objects.place(settings.LAKE_URL)
    place.put(some(tmp_path / "put", a="one"), "flags/day-1")

    child = os.fork()
    if not child:
        os._exit(0 if names(place) == ["flags/day-1/a"] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_after_a_failure_nothing_else_is_begun():
    begun = []

    def fail(number):
        begun.append(number)
        raise objects.StoreError("away")

    with pytest.raises(objects.StoreError, match="away"):
        objects.at_once(fail, range(10_000))
    assert len(begun) < 10_000
