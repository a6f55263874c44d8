"""Runs one command as a process of its own and says what it took.

In: a command. Out: Measured. Called by product and by __main__; this process stays small, because a child starts with
its parent's peak.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
MB = 1024
"""A megabyte in the kernel's kilobytes."""


class BenchmarkError(Exception):
    """A step did not work or an answer differs; the text says which."""


@dataclass(frozen=True)
class Measured:
    """Wall and processor seconds, the process's largest resident memory in MB, and the JSON it printed last.

    `busy_seconds` are those of every processor meanwhile, whoever used them: what is over is other work.
    """

    seconds: float
    cpu_seconds: float
    busy_seconds: float
    peak_mb: float
    output: dict[str, Any]


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end. It prints one JSON object as its last line. Raises BenchmarkError."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        busy = busy_seconds()
        started = time.perf_counter()
        process = subprocess.Popen(words, stdout=out, stderr=err, env=os.environ | (env or {}), cwd=ROOT)
        # wait4 gives this one child's own peak; RUSAGE_CHILDREN would give the largest of all so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        busy = busy_seconds() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        said, trouble = _text(out), _text(err)
    if process.returncode:
        raise BenchmarkError(f"{' '.join(words)} failed ({process.returncode}): {(trouble or said)[-2000:]}")
    return Measured(
        round(seconds, 3),
        round(usage.ru_utime + usage.ru_stime, 3),
        round(busy, 3),
        round(usage.ru_maxrss / MB, 1),
        _last_object(said),
    )


def busy_seconds() -> float:
    """Seconds that the machine's processors have worked since it started, over all of them."""
    user, nice, system, _idle, _waiting, *interrupts = (int(word) for word in _first_line("/proc/stat").split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _first_line(path: str) -> str:
    return Path(path).read_text().partition("\n")[0]


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", "replace"))


def _last_object(text: str) -> dict[str, Any]:
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return dict(json.loads(lines[-1])) if lines else {}


@dataclass
class Server:
    """What a server's processes took: processor seconds, and at most so much memory, what they share counted once."""

    peak_mb: float = 0.0
    cpu_seconds: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def watch(self, root: int) -> None:
        """Look at the processes under `root` ten times a second."""
        while not self.ended.wait(0.1):
            parts = [_memory(pid) for pid in (root, *_children(root))]
            self.peak_mb = max(self.peak_mb, round(sum(own for own, _ in parts) + max(shared for _, shared in parts)))


@contextmanager
def watching(root: int | None) -> Iterator[Server]:
    """What a server and its children take while the block runs; nothing where there is no server."""
    server = Server()
    if not root:
        yield server
        return
    before = cpu_seconds(root)
    watcher = threading.Thread(target=server.watch, args=(root,), daemon=True)
    watcher.start()
    try:
        yield server
    finally:
        server.ended.set()
        watcher.join()
        server.cpu_seconds = round(cpu_seconds(root) - before, 3)


def cpu_seconds(root: int) -> float:
    """Of a process, of its children that live, and of those that have ended."""
    ticks = 0
    for pid in (root, *_children(root)):
        with suppress(OSError):
            # The name before the closing bracket may hold blanks. From there: utime, stime, cutime, cstime.
            ticks += sum(int(word) for word in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(root: int) -> list[int]:
    with suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{root}/task/{root}/children").read_text().split()]
    return []


def _memory(pid: int) -> tuple[float, float]:
    """Private and shared memory of a process in MB; nothing where it has ended."""
    sizes = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("RssAnon", "RssShmem"):
                sizes[name] = int(value.split()[0]) / MB
    return sizes.get("RssAnon", 0.0), sizes.get("RssShmem", 0.0)
