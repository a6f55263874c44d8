"""A lake in a bucket, of which a cluster's executors read the files by pyarrow, with credentials of their own."""

from datetime import date

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark import cloudpickle

from reconcile.lake import read_by_pyarrow
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Discrepancy, Job, Run
from tests import with_store
from tests.ledger.market import NOW
from tests.ledger.test_sample_market import days_of, loaded
from tests.spark.standalone import SHORT_LIVED, standalone
from tests.spark.test_equal import same

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lake(in_store, tmp_path, settings):
    """An empty lake in the store, and no copy of it on this machine."""
    settings.LAKE_DIR = tmp_path / "copies"


@pytest.fixture
def last(lake, tmp_path):
    """The last day of a small market with updates, which is in the lake."""
    days = days_of(tmp_path / "market", "--meter-points", "1500", "--days", "2", "--seed", "7")
    for day in days:
        loaded(day)
    return date.fromisoformat(days[-1].name)


@pytest.fixture
def reads(monkeypatch):
    """What the cluster was told to read, a row group a task."""
    told, read = [], read_by_pyarrow.read
    monkeypatch.setattr(read_by_pyarrow, "ROWS", 1)
    monkeypatch.setattr(
        read_by_pyarrow, "read", lambda spark, files, schema: told.append(files) or read(spark, files, schema)
    )
    return told


def test_executors_read_a_bucket_by_themselves_and_find_what_duckdb_does(last, reads, tmp_path, settings):
    with standalone(tmp_path, java=SHORT_LIVED) as cluster:
        found = same(last, settings, cluster.url)

    assert found["findings"] and found["updates"] and found["kinds"]
    assert reads and all(address.startswith(settings.LAKE_URL) for files in reads for address in files)
    assert with_store.SECRET.encode() not in cloudpickle.dumps(read_by_pyarrow.LakeFiles)


def test_executors_with_a_wrong_secret_are_told_of_in_a_sentence_and_nothing_is_changed(
    last, server, tmp_path, settings
):
    # The store's own is in the environment of all others: of this process, and of the cluster's server.
    with standalone(tmp_path, java=SHORT_LIVED, AWS_SECRET_ACCESS_KEY="a wrong one") as cluster:
        settings.ENGINE_URL = cluster.url
        asked = operations.start_reconcile(actor=MACHINE, as_of=last, policy="mp077", now=NOW)
        refused = operations.perform(actor=MACHINE, job_id=asked.pk)

    assert refused.state == Job.State.FAILED
    assert "the store refuses AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of their environment" in refused.message
    assert refused.message.endswith("Nothing was changed: run it again once it does.") and "\n" not in refused.message
    assert not Run.objects.exists() and not Discrepancy.objects.exists()


def test_a_task_reads_row_groups_up_to_so_many_rows_and_a_file_without_rows_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(read_by_pyarrow, "ROWS", 6)
    parquet.write_table(pa.table({"n": range(11)}), tmp_path / "some", row_group_size=3)
    parquet.write_table(pa.table({"n": pa.array([], pa.int64())}), tmp_path / "none")

    assert read_by_pyarrow.parts("lake/some", tmp_path / "some") == [("lake/some", [0, 1], 0), ("lake/some", [2, 3], 6)]
    assert [name for name, _, _ in read_by_pyarrow.parts("lake/none", tmp_path / "none")] == ["lake/none"]
