"""What a stranger can do to the web itself, asked of the real one: nothing but wait for an answer."""

import http.client
import socket
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from reconcile.models import Job
from tests import machine

MOST = 2_000_000
"""Bytes of the largest upload that this web takes."""
LARGE = 150_000_000
TOKEN = "t" * 32
FORM = "multipart/form-data; boundary=b"
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="smi_2021-11-25.csv"\r\n\r\n'


@pytest.fixture(scope="module")
def port(django_db_setup) -> Iterator[int]:
    """The port of a running web."""
    program, port = machine.web(MAX_UPLOAD_BYTES=str(MOST))
    yield port
    program.end()


def incoming() -> int:
    """Bytes that stand where uploads are written."""
    return sum(path.stat().st_size for path in (settings.VAR_DIR / "incoming").rglob("*") if path.is_file())


def cookies_of(person: User | None) -> str:
    client = Client()
    if person:
        client.force_login(person)
    kept = {"csrftoken": TOKEN} | {name: morsel.value for name, morsel in client.cookies.items()}
    return "; ".join(f"{name}={value}" for name, value in kept.items())


def begun(port: int, address: str, length: str, person: User | None = None) -> socket.socket:
    """A connection that has sent the head of a form with a file and the first of the file."""
    line = socket.create_connection(("127.0.0.1", port), timeout=8)
    head = (
        f"POST {address} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies_of(person)}\r\n"
        f"Content-Type: {FORM}\r\n{length}\r\n\r\n"
    )
    line.sendall(head.encode())
    return line


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def answer(line: socket.socket) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(line)
    response.begin()
    return response.status, response.read()


@pytest.mark.parametrize("address", ["/login/", "/health/", "/", "/admin/login/", "/api/runs/", "/nowhere/"])
@pytest.mark.parametrize("length", [f"Content-Length: {LARGE}", "Transfer-Encoding: chunked"], ids=["said", "chunked"])
def test_a_large_body_of_a_stranger_is_refused_before_it_is_read(port, address, length):
    line = begun(port, address, length)
    begin = FILE + b"x" * 500_000
    line.sendall(chunk(begin) if "chunked" in length else begin)

    status, words = answer(line)

    assert (status, b"Nothing was kept" in words) == (413, True)
    assert incoming() == 0


@pytest.mark.parametrize(
    "length", [f"Content-Length: {LARGE}", "Content-Length: 1500000", "Transfer-Encoding: chunked"]
)
@pytest.mark.parametrize("name", ["", "jo"], ids=["nobody", "somebody without a right"])
def test_an_upload_of_those_who_may_not_is_refused_before_it_is_read(port, length, name):
    line = begun(port, "/extracts/upload/", length, User.objects.create_user(name) if name else None)

    status, words = answer(line)

    assert (status, b"Only those who may load files" in words) == (403, True)
    assert incoming() == 0


def test_a_file_in_a_small_form_of_a_stranger_touches_no_disk(port):
    body = FILE + b"x" * 100_000 + b"\r\n--b--\r\n"
    line = begun(port, "/login/", f"Content-Length: {len(body)}")
    line.sendall(body[:-10])

    assert incoming() == 0
    line.sendall(body[-10:])
    assert answer(line)[0] in {200, 403}
    assert incoming() == 0


@pytest.mark.parametrize("chunked", [False, True], ids=["said", "chunked"])
@pytest.mark.parametrize(
    ("size", "status"), [(1_000_000, 302), (MOST + 300_000, 413)], ids=["small enough", "too large"]
)
def test_an_upload_is_taken_up_to_the_limit(port, chunked, size, status):
    fields = f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'.encode()
    body = fields + FILE + b"x" * size + b"\r\n--b--\r\n"
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    line = begun(port, "/extracts/upload/", length, User.objects.create_superuser("root"))

    try:
        for start in range(0, len(body), 50_000):
            piece = body[start : start + 50_000]
            line.sendall(chunk(piece) if chunked else piece)
        line.sendall(b"0\r\n\r\n" if chunked else b"")
    except ConnectionError:
        assert status == 413

    assert answer(line)[0] == status
    assert Job.objects.count() == (status == 302)
    assert incoming() == (size if status == 302 else 0)


def test_an_upload_that_is_cut_off_leaves_nothing(port):
    line = begun(port, "/extracts/upload/", f"Content-Length: {MOST}", User.objects.create_superuser("root"))
    line.sendall(FILE + b"x" * 500_000)
    machine.until(incoming)

    line.close()

    machine.until(lambda: incoming() == 0)
    assert not Job.objects.exists()
