"""Files by name in a place that is a folder of this machine or a bucket that speaks S3: put, fetch, list, delete.

In: a place's address (a path, or s3://bucket/prefix), names never used before. Out: files; StoreError, one sentence.
Called by lake.store, and by whoever keeps files that other machines read.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from pyarrow import NativeFile, fs

S3 = "s3://"
AT_ONCE = 4
"""Files of one folder that are on their way at once."""
DRAFT = "."
"""How the name of a file begins that is on its way."""
CHUNK = 8 * 1024**2
CONNECT_SECONDS, SILENT_SECONDS, TRIES = 3, 6, 2
"""A store that does not take a connection, or says nothing for so long, is asked once more and then given up."""
REFUSED = ("SIGNATURE_DOES_NOT_MATCH", "ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "INVALID_CLIENT_TOKEN_ID", "EXPIRED")
NO_BUCKET, SILENT = "NO_SUCH_BUCKET", "NETWORK_CONNECTION"


class StoreError(OSError):
    """The store cannot do it; one sentence that says what to do. Nothing half-done is visible."""


@dataclass(frozen=True)
class Object:
    """A file of a place: its name, its bytes, and when it was put there."""

    name: str
    bytes: int
    modified: datetime


@dataclass(frozen=True)
class Place:
    """A folder (`bucket` is empty), or what lies below a prefix of a bucket. Names are relative, with `/`."""

    root: str
    bucket: str = ""

    @property
    def address(self) -> str:
        """What settings say."""
        return f"{S3}{self.root}" if self.bucket else self.root

    def here(self, name: str) -> Path | None:
        """Where a file lies on this machine; None where it has to be fetched."""
        return None if self.bucket else Path(self.root, name)

    def put(self, source: Path, name: str) -> None:
        """Take over a finished file, or folder of files, under a name that was never used before. Raises StoreError."""
        with self._in_words():
            if not self.bucket:
                _move(source, Path(self.root, name))
                return
            files = [file for file in sorted(source.rglob("*")) if file.is_file()] if source.is_dir() else [source]
            at_once(lambda file: self._upload(file, _joined(name, file.relative_to(source))), files)

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file, which is at `target` only once it is whole. Raises FileNotFoundError, StoreError."""
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = _draft(target)
        try:
            with self._in_words():
                self._download(name, aside)
            aside.rename(target)
        finally:
            aside.unlink(missing_ok=True)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file to be read from its beginning. Raises FileNotFoundError, StoreError."""
        with self._in_words(), self._files().open_input_stream(self._at(name)) as stream:
            yield stream

    def list(self, within: str = "") -> list[Object]:
        """Every file below a name, in order of names, but those on their way in; none where there is nothing.

        Raises StoreError.
        """
        with self._in_words():
            wanted = fs.FileSelector(self._at(within).rstrip("/"), recursive=True, allow_not_found=True)
            found = self._files().get_file_info(wanted)
            if not found and self.bucket and self._files().get_file_info(self.bucket).type == fs.FileType.NotFound:
                raise StoreError(self._sentence(NO_BUCKET))
        root, files = len(self.root) + 1, [one for one in found if one.type == fs.FileType.File]
        whole = [one for one in files if not one.base_name.startswith(DRAFT)]
        return sorted((Object(one.path[root:], one.size, _moment(one)) for one in whole), key=lambda one: one.name)

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where there is none. Raises StoreError."""
        with self._in_words():
            found = self._files().get_file_info(self._at(name))
        return found.size if found.type == fs.FileType.File else None

    def delete(self, name: str) -> None:
        """Remove a file, or all that lies below a name; one that is not there is gone already. Raises StoreError."""
        with suppress(FileNotFoundError), self._in_words():
            files, at = self._files(), self._at(name)
            found = files.get_file_info(at)
            if found.type == fs.FileType.File:
                files.delete_file(at)
            elif found.type == fs.FileType.Directory:
                files.delete_dir(at)

    def _upload(self, file: Path, name: str) -> None:
        """A stream that is closed is an object, whatever was written into it: of what was broken off none stays."""
        stream = self._files().open_output_stream(self._at(name))
        try:
            with file.open("rb") as source:
                while chunk := source.read(CHUNK):
                    stream.write(chunk)
            stream.close()
        except BaseException:
            with suppress(OSError):
                stream.close()
                self._files().delete_file(self._at(name))
            raise

    def _download(self, name: str, target: Path) -> None:
        with self._files().open_input_file(self._at(name)) as source, target.open("wb") as file:
            at_once(lambda start: _copy_part(source, file.fileno(), start), range(0, source.size(), CHUNK))

    def _at(self, name: str) -> str:
        return f"{self.root}/{name}"

    def _files(self) -> fs.FileSystem:
        return _s3(os.getpid()) if self.bucket else _local()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say what the store says in one sentence."""
        try:
            yield
        except (StoreError, FileNotFoundError):
            raise
        except OSError as error:
            if not self.bucket or error.errno is not None:
                raise
            raise StoreError(self._sentence(str(error))) from error

    def _sentence(self, said: str) -> str:
        if any(code in said for code in REFUSED):
            return (
                f"The store {self.address} refuses the credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "and that they may list, read, write and delete there."
            )
        if NO_BUCKET in said:
            return f"The store has no bucket {self.bucket}: make it, or set LAKE_URL to one that is there."
        if SILENT in said:
            return (
                f"The store {self.address} does not answer: check the network and AWS_ENDPOINT_URL, and try it again."
            )
        return f"The store {self.address} could not do it ({said.splitlines()[0]}). Try it again."


def place(address: str) -> Place:
    """The place at a path, a file:// or an s3:// address. Raises ValueError where it is none of these."""
    if address.startswith(S3):
        root = address.removeprefix(S3).rstrip("/")
        if not (bucket := root.partition("/")[0]):
            raise ValueError(f"{address} names no bucket: say s3://bucket/prefix.")
        return Place(root, bucket)
    path = address.removeprefix("file://")
    if "://" in path:
        raise ValueError(f"{address} must be a path, file:// and a path, or s3://bucket/prefix.")
    return Place(str(Path(path)))


@cache
def _local() -> fs.LocalFileSystem:
    return fs.LocalFileSystem()


@cache
def _s3(process: int) -> fs.S3FileSystem:
    """One a process: what was made before a fork is of no use after it."""
    return s3_of_environment()


def s3_of_environment() -> fs.S3FileSystem:
    """The store that the environment names, with the credentials there, by the names that boto reads."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return fs.S3FileSystem(
        endpoint_override=endpoint,
        region=region or ("us-east-1" if endpoint else None),
        connect_timeout=CONNECT_SECONDS,
        request_timeout=SILENT_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
        # What is small goes in one request, so that nothing of it is left where its process ends meanwhile.
        allow_delayed_open=True,
    )


def at_once(do: Callable[[Any], Any], what: Iterable[Any]) -> list[Any]:
    """What `do` gives of each, several at a time. After a failure no other is begun, to be waited for in its turn."""
    failed: list[Any] = []

    def unless_one_failed(one: Any) -> Any:
        try:
            return None if failed else do(one)
        except BaseException:
            failed.append(one)
            raise

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(unless_one_failed, what))


def _copy_part(source: NativeFile, target: int, start: int) -> None:
    wanted = min(CHUNK, source.size() - start)
    if os.pwrite(target, part := source.read_at(wanted, start), start) < wanted or len(part) < wanted:
        raise StoreError("A file came only in part. Make sure that the disk has room, and try it again.")


def _move(source: Path, target: Path) -> None:
    """Onto another disk what is moved is first copied beside its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.stat().st_dev == target.parent.stat().st_dev:
        source.rename(target)
        return
    aside = _draft(target)
    shutil.move(source, aside)
    aside.rename(target)


def _draft(target: Path) -> Path:
    return target.with_name(f"{DRAFT}{target.name}.{uuid.uuid4().hex}")


def _joined(name: str, below: Path) -> str:
    return "/".join(filter(None, (name, "" if below == Path() else below.as_posix())))


def _moment(found: fs.FileInfo) -> datetime:
    return found.mtime or datetime.fromtimestamp(0, UTC)
