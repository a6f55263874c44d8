"""`manage.py serve`: the product on this machine, for people, or one program of it for a service manager."""

import os
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dccflags.machine import FIRST_PORT, running, watch
from dccflags.services import HERE, ServiceError, timer_command, web_command, worker_command
from dccflags.supervisor import GaveUp
from reconcile.ledger import kept_files, operations
from reconcile.management.console import own_lake

PROGRAMS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "web": lambda asked: web_command(asked["port"] or FIRST_PORT, asked["processes"], asked["address"]),
    "worker": lambda asked: worker_command(asked["processes"], asked["name"]),
    "timer": lambda asked: timer_command(settings.VAR_DIR),
}
"""What the product consists of beside its database and Redis, and the command line of each."""


class Command(BaseCommand):
    """Starts everything that one machine needs and ends it all together; or becomes one program of it."""

    help = "Run web, worker, timer and Redis on this machine until Ctrl-C, or one of them alone (--only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port; and what a program alone is told."""
        parser.add_argument("--port", type=int, help="the web's port on 127.0.0.1 (default: 8000 or the next free one)")
        alone = parser.add_argument_group("one program alone, whose database has been migrated, with a Redis elsewhere")
        alone.add_argument(
            "--only", choices=PROGRAMS, help="the program; one timer runs, whatever the number of others"
        )
        alone.add_argument("--address", default=HERE, help="where the web listens (default: 127.0.0.1)")
        alone.add_argument("--processes", type=int, default=2, help="of the web or of a worker (default: 2)")
        alone.add_argument("--name", default="", help="a worker's name, where a machine has several")

    def handle(self, *, port: int | None, only: str | None, **options: Any) -> None:
        """Run until SIGINT or SIGTERM."""
        if only:
            _refuse_own_secret()
            words = PROGRAMS[only](options | {"port": port})
            # The service manager is to have it as its own child.
            os.execv(words[0], words)  # noqa: S606 # nosec B606
        try:
            with running(port=port, logs=None, prepare=own_lake) as (supervisor, address):
                self.stdout.write(f"Running at {address} - Ctrl-C ends it.")
                watch(supervisor)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except (ServiceError, GaveUp, operations.ForeignLake) as error:
            raise CommandError(str(error)) from error


def _refuse_own_secret() -> None:
    """Raises CommandError where machines that share no disk would each sign log-ins with a secret of their own."""
    if settings.SECRET_KEY_OF_THIS_DISK and not kept_files.on_one_disk():
        raise CommandError("Set SECRET_KEY, the same on every machine: the one in VAR_DIR is of this disk alone.")
