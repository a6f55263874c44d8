"""The limit of memory that a process which does jobs has."""

import subprocess
import sys

WORK_AND_SAY = """
import django
django.setup()
import duckdb, pyarrow

def data():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmData"))

before = data()
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("CREATE TABLE kept AS SELECT range AS mpxn, range::VARCHAR AS words FROM range(6_000_000) ORDER BY words")
held = pyarrow.array(range(1_000_000))
most = data()
con.close()
del held
print(before, most, data())
"""


def test_what_one_job_gave_back_is_not_counted_against_the_next():
    """The kernel counts address space: a worker would fail at its second large file, with nothing in its memory."""
    done = subprocess.run([sys.executable, "-c", WORK_AND_SAY], capture_output=True, text=True, check=True)

    before, most, after = map(int, done.stdout.split())
    assert most - before > 200_000
    assert after - before < (most - before) / 4
