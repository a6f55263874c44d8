"""A line to a server that a test can hold in the middle of what goes over it, and cut.

In: the server's port. Out: a port that programs use instead of it. Called by tests of what happens to a put or a fetch
that does not come to its end.
"""

import socket
import threading
from contextlib import suppress
from math import inf

CHUNK = 65_536
THERE, BACK = "there", "back"
"""To the server, and from it."""


class Line:
    """Everything passes until it is told otherwise."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.held = threading.Event()
        self._left = {THERE: inf, BACK: inf}
        self._free = threading.Condition()
        self._open: set[socket.socket] = set()
        self._listen(0)

    def hold(self, way: str, after: int) -> None:
        """Let so many bytes through one way, over all connections, and then none; `held` is set once that is so."""
        with self._free:
            self.held.clear()
            self._left[way] = after

    def cut(self) -> None:
        """End every connection, and take no other."""
        # A thread that waits in accept would take one more.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._let_through()

    def mend(self) -> None:
        """Take connections again, at the same port."""
        self._listen(self.port)

    def _let_through(self) -> None:
        with self._free:
            self._left = {THERE: inf, BACK: inf}
            self._free.notify_all()

    def _listen(self, port: int) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = self._listening.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, args=(self._listening,), daemon=True)
        self._accepting.start()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
                self._open |= {client, server}
                for way, ends in ((THERE, (client, server)), (BACK, (server, client))):
                    threading.Thread(target=self._pass_on, args=(way, *ends), daemon=True).start()

    def _pass_on(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._wait(way, len(data))
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _wait(self, way: str, size: int) -> None:
        """Until a piece of so many bytes may pass."""
        with self._free:
            if self._left[way] < size:
                self._left[way] = 0
                self.held.set()
                self._free.wait_for(lambda: self._left[way] > 0)
            self._left[way] -= size
