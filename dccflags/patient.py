"""gunicorn's threads, which get a request once it is here: a slow connection costs a place in a list, and no thread.

In: connections. Out: those whose request is whole (with a body that no form passes: its head) to a thread; those that
take too long are closed. Named in `services.web_command`.
"""

import re
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from django.utils.module_loading import import_string
from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

READ_AHEAD = "reconcile.web.ahead.begin"
"""By name, as the next: there is no model of the product before Django is set up."""
TOO_LONG = "reconcile.web.refusals.too_long"
REQUEST_SECONDS = 10.0
"""How long a request may take to come, from its first byte or from the beginning of the connection."""
SILENCE_SECONDS = 30.0
"""How long a thread waits for more of an upload, or for a client to take more of an answer."""
PARTING_SECONDS = 2.0
"""How long a connection stays for what was on its way when it was refused: else the client never reads why."""
SWALLOW_SECONDS = 0.05
"""How long a thread swallows what was not asked for."""
MOST_HEAD = 64 * 1024
MOST_WHOLE = 256 * 1024 + MOST_HEAD
"""Bytes of a head, and of a request that is taken in whole: settings.MAX_FORM_BYTES and a head."""
PIECE = 64 * 1024
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)


def is_here(got: bytes | bytearray) -> bool:
    """Whether a thread can begin with a request: all of it is here, or too much for anything but an upload."""
    end = got.find(HEAD_END)
    if end < 0:
        return False
    length = LENGTH.search(got, 0, end + 2)
    whole = end + len(HEAD_END) + (int(length[1]) if length else 0)
    return len(got) >= whole or whole > MOST_WHOLE


class PatientWorker(ThreadWorker):
    """Waits for requests, and for clients to leave, in the one loop that waits for everything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coming: deque[tuple[float, TConn]] = deque()
        self.leaving: deque[tuple[float, TConn]] = deque()

    def run(self) -> None:
        """Serve, and read meanwhile what the first who ask would wait for."""
        import_string(READ_AHEAD)()
        super().run()

    def accept(self, listener: socket) -> None:
        """Take a connection and wait for its request."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            client, address = listener.accept()
            self.nr_conns += 1
            self._await_request(TConn(self.cfg, client, address, listener.getsockname()), bytearray())

    def on_client_socket_readable(self, conn: TConn, client: socket) -> None:
        """A connection that was kept has begun its next request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_request(conn, bytearray())

    def _await_request(self, conn: TConn, got: bytearray) -> None:
        conn.sock.setblocking(False)
        self.coming.append((time.monotonic() + REQUEST_SECONDS, conn))
        self.poller.register(conn.sock, EVENT_READ, partial(self._take_in, conn, got))

    def _take_in(self, conn: TConn, got: bytearray, client: socket) -> None:
        """Take what has come of a request; hand it to a thread once it is here."""
        piece = _received(client)
        if piece is None:
            return
        got += piece
        endless = len(got) > MOST_HEAD and got.find(HEAD_END, 0, MOST_HEAD) < 0
        if piece and not endless and not is_here(got):
            return
        self._forget(self.coming, conn)
        if not piece:
            self._close(conn)
            return
        if endless:
            with suppress(OSError):
                client.send(import_string(TOO_LONG)())
            self._leave(conn)
            return
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.initialized = True
        conn.parser.unreader.unread(bytes(got))
        self.enqueue_req(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer, and wait for nobody for ever."""
        conn.sock.settimeout(SILENCE_SECONDS)
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Whether another request can follow: not on a connection whose body nobody wanted and that is still coming."""
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + SWALLOW_SECONDS))

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep the connection, or part from it without holding up the loop."""
        if not fs.cancelled() and fs.exception() is None and fs.result():
            super().finish_request(conn, fs)
            return
        self._leave(conn)

    def _leave(self, conn: TConn) -> None:
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._part, conn))
        except (OSError, ValueError):
            self._close(conn)
        else:
            self.leaving.append((time.monotonic() + PARTING_SECONDS, conn))

    def _part(self, conn: TConn, client: socket) -> None:
        if _received(client) == b"":
            self._forget(self.leaving, conn)
            self._close(conn)

    def murder_pending(self) -> None:
        """Close what has taken too long; called every second."""
        super().murder_pending()
        for waiting in (self.coming, self.leaving):
            while waiting and waiting[0][0] <= time.monotonic():
                conn = waiting[0][1]
                self._forget(waiting, conn)
                self._close(conn)

    def _forget(self, waiting: deque[tuple[float, TConn]], conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        waiting.remove(next(item for item in waiting if item[1] is conn))

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _received(client: socket) -> bytes | None:
    """What has come, empty where nothing more will; None where there is nothing yet."""
    try:
        return client.recv(PIECE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
