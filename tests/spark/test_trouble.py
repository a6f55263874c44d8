"""A cluster that does not answer, that goes away at work, and work that is told to stop: one sentence, nothing done."""

import socket
import threading
from contextlib import suppress
from datetime import date

import pytest

from reconcile.lake import cluster, store
from reconcile.lake import spark as engine
from reconcile.lake.contract import EngineError
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Discrepancy, Job, Run
from tests.ledger.market import NOW, put, reconcile
from tests.machine import until
from tests.spark.standalone import free_port

DAY = date(2025, 3, 3)
NUMBERS = "(SELECT unnest(generate_series(1, 3000000)) AS {name})"
ENDLESS = f"SELECT count(*) FROM {NUMBERS.format(name='x')} CROSS JOIN {NUMBERS.format(name='y')} WHERE x % 7 = y % 11"
"""Nine million million pairs of numbers."""
pytestmark = pytest.mark.django_db(transaction=True)


class Line:
    """A line to a port of this machine that can be cut."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.door = socket.create_server(("127.0.0.1", 0))
        self.ends: list[socket.socket] = []
        threading.Thread(target=self._let_in, daemon=True).start()

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.door.getsockname()[1]}"

    def cut(self) -> None:
        for end in [self.door, *self.ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                here, there = self.door.accept()[0], socket.create_connection(("127.0.0.1", self.to))
                self.ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)


@pytest.fixture
def market(lake_dir, monkeypatch):
    """Two points of a network, one of which has a wrong flag; a cluster that does not answer is asked once again."""
    monkeypatch.setattr(cluster, "TRIES", 1)
    meter = {"device_id": "1", "device_type": "ESME", "status": "Commissioned", "mpxn": 1000000000000, "role": "import"}
    put("flags", "full", DAY, [{"mpxn": 1000000000000 + n, "flag": "N", "network": "10"} for n in range(2)])
    put("devices", "full", DAY, [meter])


def job() -> Job:
    """A run that was asked for and has come to its end."""
    asked = operations.start_reconcile(actor=MACHINE, as_of=DAY, policy="mp077", now=NOW)
    return operations.perform(actor=MACHINE, job_id=asked.pk)


def test_a_run_whose_cluster_cannot_be_reached_or_goes_away_changes_nothing_and_can_be_done_again(
    market, spark, settings, monkeypatch
):
    settings.ENGINE_URL = f"sc://127.0.0.1:{free_port()}"
    nobody = job()
    line = Line(int(spark.rpartition(":")[2]))
    settings.ENGINE_URL = line.url
    take = before_the_steps(line.cut, monkeypatch)
    gone = job()

    for failed in (nobody, gone):
        assert failed.state == Job.State.FAILED
        assert "Nothing was changed: run it again" in failed.message and "\n" not in failed.message
    assert not Run.objects.exists() and not Discrepancy.objects.exists()
    monkeypatch.setattr(engine, "take", take)
    settings.ENGINE_URL = spark
    assert job().state == Job.State.DONE
    run = Run.objects.get()
    on_spark = (run.points, run.mismatches, run.new, list(Discrepancy.objects.values_list("mpxn", "rule")))
    assert on_spark == (2, 1, 1, [(1000000000000, "N_COMMISSIONED")])
    settings.ENGINE_URL = ""
    assert reconcile(DAY).pk == run.pk


def before_the_steps(then, monkeypatch):
    """Do something once the inputs are named and before the steps are; gives what there was."""
    take = engine.take

    def after(*args, **kwargs):
        then()
        return take(*args, **kwargs)

    monkeypatch.setattr(engine, "take", after)
    return take


def test_what_a_cluster_is_at_is_broken_off(on_spark):
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        with pytest.raises(EngineError, match="CANCELED"), cluster.connected({}) as at_work:
            asked = at_work.asked(ENDLESS)
            begun.set()
            asked.toArrow()
        ended.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(60)
    until(lambda: store.interrupt() or ended.is_set())

    worker.join()
