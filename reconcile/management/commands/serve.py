"""`manage.py serve`: the product on this machine, for people: web, worker and Redis until Ctrl-C."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from dccflags.machine import running, watch
from dccflags.services import ServiceError
from dccflags.supervisor import GaveUp
from reconcile.ledger import operations
from reconcile.management.console import own_lake


class Command(BaseCommand):
    """Starts everything that one machine needs and ends it all together."""

    help = "Run web, worker and Redis on this machine until Ctrl-C. Their words go to the terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port."""
        parser.add_argument("--port", type=int, help="the web's port on 127.0.0.1 (default: 8000 or the next free one)")

    def handle(self, *, port: int | None, **options: object) -> None:
        """Run until SIGINT or SIGTERM."""
        try:
            with running(port=port, logs=None, prepare=own_lake) as (supervisor, address):
                self.stdout.write(f"Running at {address} - Ctrl-C ends it.")
                watch(supervisor)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except (ServiceError, GaveUp, operations.ForeignLake) as error:
            raise CommandError(str(error)) from error
