"""What a stranger can do to the web itself, asked of the real one: nothing but wait for an answer."""

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

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
    """The port of a running web, whose processes have come up: what is asked of it has a few seconds."""
    program, port = machine.web(MAX_UPLOAD_BYTES=str(MOST))
    machine.until(lambda: _alive(port), every=0.2)
    yield port
    program.end()


def _alive(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with suppress(OSError, http.client.HTTPException):
        line.request("GET", "/health/alive/")
        return line.getresponse().status == 200
    return False


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


@pytest.mark.parametrize("chunked", [False, True], ids=["said", "counted"])
def test_an_upload_that_is_too_large_fails_early(port, chunked):
    """By its length before a byte of the file is sent; in chunks, once there are too many, whatever is to come."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {LARGE}"
    line = begun(port, "/extracts/upload/", length, User.objects.create_superuser("root"))

    if chunked:
        body = FILE + b"x" * (MOST + 100_000)
        with suppress(ConnectionError):
            for start in range(0, len(body), 50_000):
                line.sendall(chunk(body[start : start + 50_000]))
    status, words = answer(line)

    assert (status, b"Files of up to 0.0 GB are taken" in words) == (413, True)
    assert incoming() == 0
    line.close()


def test_an_upload_that_is_cut_off_leaves_nothing(port):
    line = begun(port, "/extracts/upload/", f"Content-Length: {MOST}", User.objects.create_superuser("root"))
    line.sendall(FILE + b"x" * 500_000)
    machine.until(incoming)

    line.close()

    machine.until(lambda: incoming() == 0)
    assert not Job.objects.exists()


SLOW = 60


def page(port: int, address: str = "/login/") -> tuple[int, float]:
    """The status of a page, and the seconds that it took."""
    began = time.monotonic()
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    web.request("GET", address)
    status = web.getresponse().status
    web.close()
    return status, time.monotonic() - began


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\nusername=",
        b"POST /extracts/upload/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1500000\r\n\r\n",
        b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["say nothing", "a head", "a form", "an upload", "in chunks"],
)
def test_slow_connections_hold_up_nobody(port, said):
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for line in slow:
        line.sendall(said)

    for line in slow[:20]:
        with suppress(ConnectionError):
            line.sendall(b"x" if said else b"")
        status, seconds = page(port)
        assert (status, seconds < 8) == (200, True), seconds
    for line in slow:
        line.close()


def test_a_request_in_small_pieces_is_answered(port):
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    for piece in (b"POST /login/ HTTP/1.1\r", b"\nHost: localhost\r\ncontent-length", b": 3\r\n\r", b"\nab", b"c"):
        line.sendall(piece)
        time.sleep(0.05)

    assert answer(line)[0] == 403


def test_requests_follow_each_other_on_one_connection(port):
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
    assert answer(line)[0] == 200
    line.close()
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(3):
        web.request("GET", "/login/")
        assert web.getresponse().read()


def test_a_connection_that_takes_too_long_is_closed(port, monkeypatch):
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    line.sendall(b"GET /login/ HTTP/1.1\r\n")

    assert line.recv(1) == b""


def test_a_head_without_an_end_is_not_taken(port):
    line = socket.create_connection(("127.0.0.1", port), timeout=5)

    with suppress(ConnectionError):
        for _ in range(200):
            line.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
        assert answer(line)[0] == 414


@pytest.mark.parametrize("size", [5_000, 60_000])
@pytest.mark.parametrize("address", ["/points/?q=", "/look-up/?numbers=", "/discrepancies/?mpxn="])
def test_a_long_address_is_answered_by_the_product(port, size, address):
    cookies = cookies_of(User.objects.create_superuser("long"))
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", address + "1+" * (size // 2), headers={"Cookie": cookies})

    got = line.getresponse()
    page = got.read()

    assert got.status in (200, 302, 400) and (got.status == 302 or b"DCC Service Flags</title>" in page)


def test_an_address_that_is_too_long_is_told_what_to_do(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", "/points/?q=" + "a" * 100_000)

    got = line.getresponse()

    assert got.status == 414
    assert "This address is too long" in (page := got.read().decode()) and "Look up, which takes 5,000" in page


def test_pages_answer_while_redis_is_frozen_and_a_job_waits_for_it(port, redis_server):
    cookies = cookies_of(User.objects.create_superuser("root"))
    redis_server.signal_group(signal.SIGSTOP)
    try:
        took = []
        for method, address in [
            ("GET", "/"),
            ("GET", "/discrepancies/"),
            ("POST", "/storage/tidy/"),
            ("GET", "/jobs/"),
        ]:
            began = time.monotonic()
            web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            head = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
            web.request(method, address, f"csrfmiddlewaretoken={TOKEN}" if method == "POST" else None, head)
            took.append((address, web.getresponse().status, round(time.monotonic() - began, 1)))
    finally:
        redis_server.signal_group(signal.SIGCONT)

    assert [status for _, status, _ in took] == [200, 200, 302, 200], took
    assert max(seconds for *_, seconds in took) < 6, took
    assert list(Job.objects.values_list("state", flat=True)) == ["queued"]
