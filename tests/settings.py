"""The product's settings with a VAR_DIR of its own for each test session. DATABASE_URL is the only setting let in."""

import os
import shutil
import tempfile
from pathlib import Path

for name in (
    "REDIS_URL",
    "LAKE_URL",
    "GRACE_DAYS",
    "MAX_EXTRACT_AGE_DAYS",
    "LOST_AFTER_SECONDS",
    "HTTPS",
    "ENGINE_URL",
):
    os.environ.pop(name, None)
os.environ["DCCFLAGS_ENV"] = ""
os.environ["VAR_DIR"] = str(Path(tempfile.mkdtemp(prefix="dccflags-test-")).resolve())
# Of pytest's first process; its workers, which begin with its environment, have VAR_DIRs of their own.
os.environ.setdefault("TESTS_SHARED_DIR", os.environ["VAR_DIR"])

from dccflags.settings import *  # noqa: E402, F403
from dccflags.settings import DATABASES, STATIC_ROOT, STORAGES, VAR_DIR  # noqa: E402
from reconcile.lake.objects import place  # noqa: E402

# A file, not memory: a real worker in another process has to see it.
DATABASES["default"]["TEST"] = (
    {"NAME": str(VAR_DIR / "test.sqlite3")}
    if "sqlite3" in DATABASES["default"]["ENGINE"]
    else {"NAME": "test_dccflags"}
)
# Tests make a run with the same number again and again; the one about keeping pages sets a cache of its own.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir()
# Commands are run in this process, which goes on after them; real workers and commands have settings of their own.
WORKER_MEMORY = 0
# Markets of tests are small: two threads of an engine only wait for each other. Real workers have as many as there are.
ENGINE_THREADS = 1
# A beat waits for the lock of the transaction that a test is in, and its job then waits for the beat, a minute long.
HEARTBEAT_SECONDS = 3600
IDENTITY = "the-identity-of-every-test-database"
(VAR_DIR / "lake").mkdir()
(VAR_DIR / "lake" / "identity").write_text(IDENTITY)
# Under tests.with_store lakes lie in a bucket, each test session's below a prefix of its own.
if BUCKET := os.environ.get("TEST_ON_STORE"):
    LAKE_URL, LAKE_DIR = f"s3://{BUCKET}/{VAR_DIR.name}", VAR_DIR / "lake-copies"
    shutil.copy(VAR_DIR / "lake" / "identity", VAR_DIR / "identity")
    place(LAKE_URL).put(VAR_DIR / "identity", "identity")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
