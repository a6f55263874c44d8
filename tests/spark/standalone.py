"""A Spark of its own on this machine: a standalone master, two workers and a Spark Connect server.

In: CLUSTER_HOME, a folder with Spark's distribution; PYSPARK_PYTHON, which has pyarrow, for what executors read by it.
Out: its address. Called by tests/spark and benchmarks.spark.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dccflags.supervisor import Program

HOME = Path(os.environ.get("CLUSTER_HOME", ""))
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
WORKERS = 2
QUIET = {
    "spark.ui.enabled": "false",
    "spark.eventLog.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    # A market has some hundreds of pieces of code, the same on each day.
    "spark.sql.codegen.cache.maxEntries": "3000",
}
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For a small market, of which a JVM compiles much and runs little."""
PATIENCE_SECONDS = 300


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Standalone:
    """A cluster with its logs and scratch in `folder`.

    `memory`: megabytes of each executor and of the server; `java`: options of the JVM of each; `executors`: what the
    environment of executors has besides.
    """

    folder: Path
    memory: int = 1024
    java: str = ""
    executors: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    master_port: int = field(default_factory=free_port)
    running: list[Program] = field(default_factory=list)

    @property
    def url(self) -> str:
        """For ENGINE_URL."""
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start all of it, and wait until it answers."""
        here = ["--host", "127.0.0.1"]
        self._run("master", MASTER, *here, "--port", str(self.master_port), "--webui-port", "0")
        self._wait_for(self.master_port)
        for number in range(WORKERS):
            own = ["--webui-port", "0", "--cores", "1", "--memory", f"{self.memory}m"]
            work = ["--work-dir", str(self.folder / f"work-{number}")]
            master = f"spark://127.0.0.1:{self.master_port}"
            self._run(f"worker-{number}", WORKER, *here, *own, *work, master, **self.executors)
        self.start_server()

    def start_server(self) -> None:
        """Start the Spark Connect server, anew where it was ended."""
        told = {
            **QUIET,
            "spark.master": f"spark://127.0.0.1:{self.master_port}",
            "spark.driver.host": "127.0.0.1",
            "spark.executor.memory": f"{self.memory}m",
            "spark.executor.extraJavaOptions": self.java,
            "spark.driver.extraJavaOptions": self.java,
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(self.port),
        }
        conf = [word for name, value in told.items() for word in ("--conf", f"{name}={value}")]
        submit = "org.apache.spark.deploy.SparkSubmit"
        memory = ["--driver-memory", f"{self.memory}m"]
        self._run("server", submit, *conf, *memory, "--class", CONNECT, "spark-internal")
        self._wait_for(self.port)

    def stop(self) -> None:
        """End all of it."""
        for program in reversed(self.running):
            program.end()

    def processor_seconds(self) -> float:
        """Of every process of the cluster so far, its executors' among them."""
        return sum(_ticks(pid) for pid in self._pids()) / os.sysconf("SC_CLK_TCK")

    def _pids(self) -> list[int]:
        found = [program.process.pid for program in self.running if program.process]
        for pid in found:
            # A process is listed by the thread that started it: executors by threads of the workers.
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                with suppress(OSError):
                    found += map(int, children.read_text().split())
        return found

    def _run(self, name: str, *words: str, **env: str) -> None:
        own = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_DIRS": str(self.folder), "SPARK_LOCAL_IP": "127.0.0.1"}
        command = [str(HOME / "bin" / "spark-class"), *words]
        self.running.append(Program(name, command, self.folder / f"{name}.log", {**os.environ, **own, **env}))
        self.running[-1].start()

    def _wait_for(self, port: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while self.running[-1].running and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"Spark did not start; its logs are in {self.folder}.")


def _ticks(pid: int) -> int:
    """Processor time of a process and of those that it waited for, in clock ticks."""
    with suppress(FileNotFoundError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))
    return 0


@contextmanager
def standalone(folder: Path, memory: int = 1024, java: str = "", **executors: str) -> Iterator[Standalone]:
    """A cluster that lives within the block."""
    cluster = Standalone(folder, memory, java, executors)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
