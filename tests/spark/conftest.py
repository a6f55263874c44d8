"""One Spark for all tests of the folder; CLUSTER_URL names one that stands already."""

import os

import pytest

from tests.spark.standalone import SHORT_LIVED, standalone


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """The address of a cluster that answers."""
    if os.environ.get("CLUSTER_URL"):
        yield os.environ["CLUSTER_URL"]
        return
    with standalone(tmp_path_factory.mktemp("spark"), java=SHORT_LIVED) as cluster:
        yield cluster.url


@pytest.fixture
def on_spark(spark, settings):
    """Runs are Spark's."""
    settings.ENGINE_URL = spark
