"""Run a command against a new object store: `python -m tests.with_store python -m pytest tests/ledger`.

In: a command. Out: its exit status, with the store's address and credentials in its environment. The server is a real
SeaweedFS, from its wheel; each test that asks for an empty lake gets a prefix of its own.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pyarrow import fs

from dccflags.supervisor import die_with_parent

ON_STORE = "TEST_ON_STORE"
"""In the environment of a test session: the bucket in which its lakes lie."""
BUCKET = "lake"
KEY, SECRET = "a-key", "the secret of that key"
SECONDS = 180
LISTENERS = ("master", "volume", "filer", "s3")


@dataclass
class Server:
    """One SeaweedFS with all its files in a folder; it may be killed and started again."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it, and wait until a read with the right secret works."""
        self.ports = self.ports or _free_ports()
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "s3.json").write_text(json.dumps({"identities": [IDENTITY]}))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log, preexec_fn=die_with_parent)  # noqa: PLW1509
        until = time.monotonic() + SECONDS
        while not self._reads():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"SeaweedFS did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a machine that fails."""
        self.process.kill()
        self.process.wait(30)

    def files(self, secret: str = SECRET) -> fs.S3FileSystem:
        """The store as its owner sees it, or as somebody with a wrong secret."""
        return fs.S3FileSystem(
            access_key=KEY, secret_key=secret, region="us-east-1", endpoint_override=self.endpoint, connect_timeout=2,
            request_timeout=5, allow_bucket_creation=True, retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
        )  # fmt: skip

    @property
    def endpoint(self) -> str:
        """Where S3 is spoken."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to use it, as boto names it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def _command(self) -> list[str]:
        ports = [f"-{name}.port{kind}={self.ports[name + kind]}" for name in LISTENERS for kind in ("", ".grpc")]
        return [
            str(_program()), "-logtostderr=true", "server", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", *ports, "-s3", f"-s3.config={self.folder / 's3.json'}", "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-volume.max=200", "-volume.preStopSeconds=0",
            "-master.volumeSizeLimitMB=256", "-master.telemetry=false", "-master.electionTimeout=1s",
        ]  # fmt: skip

    def _reads(self) -> bool:
        """Whether what was put can be read. Its port is open before that."""
        try:
            files = self.files()
            if files.get_file_info(BUCKET).type == fs.FileType.NotFound:
                files.create_dir(BUCKET)
            name = f"{BUCKET}/.ready/{uuid.uuid4().hex}"
            with files.open_output_stream(name) as stream:
                stream.write(b"ready")
            with files.open_input_stream(name) as stream:
                return stream.read() == b"ready"
        except OSError:
            return False


IDENTITY = {
    "name": "product",
    "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
    "actions": ["Admin", "Read", "List", "Tagging", "Write"],
}


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A store that is ended at the end."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _program() -> Path:
    beside = Path(sys.executable).with_name("weed")
    return beside if beside.exists() else Path(shutil.which("weed") or "weed")


def _free_ports() -> dict[str, int]:
    """Ports that nobody has, of every listener."""
    return _free([name + kind for name in LISTENERS for kind in ("", ".grpc")])


def free_port() -> int:
    """A port on which nobody listens."""
    return _free(["one"])["one"]


def _free(names: list[str]) -> dict[str, int]:
    with ExitStack() as held:
        sockets = {name: held.enter_context(socket.socket()) for name in names}
        for one in sockets.values():
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in sockets.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="dccflags-s3-") as folder, running(Path(folder)) as server:
        env = os.environ | server.environment | {ON_STORE: BUCKET}
        status = subprocess.run(sys.argv[1:], env=env, check=False).returncode
    sys.exit(status)
