"""Meter Points' pages in a process that has just begun, of a machine that has no copies of the lake's files yet.

In: VAR_DIR of a product that has a run. Out: a line of JSON, seconds of wall and of processor. Run by benchmarks.store.
"""

import json
import os
import random
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.pages import sample_points  # noqa: E402
from benchmarks.people import benchmark_person  # noqa: E402
from dccflags.services import redis_command, wait_for_redis  # noqa: E402
from dccflags.supervisor import Program  # noqa: E402
from reconcile.domain.vocabulary import mpxn_text  # noqa: E402

WARM = 20
"""So many other Meter Points give the middle one."""


def main() -> None:
    """The first page, then others; a page that was shown is kept in Redis, so that each is another Meter Point's."""
    call_command("collectstatic", interactive=False, verbosity=0)
    redis = Program("redis", redis_command(settings.VAR_DIR), settings.VAR_DIR / "redis.log")
    redis.start()
    try:
        wait_for_redis(settings.VAR_DIR)
        client = Client(headers={"host": "localhost"})
        client.force_login(benchmark_person())
        client.get("/rules/")
        first, *others = sample_points(random.Random(1))[: WARM + 1]
        took = {"first": shown(client, first), "others": [shown(client, mpxn) for mpxn in others]}
    finally:
        redis.end()
    print(json.dumps({"first page": took["first"], "warm page": sorted(took["others"])[WARM // 2]}))


def shown(client: Client, mpxn: int) -> list[float]:
    """Seconds of wall and of processor until a Meter Point's page is whole."""
    began, cpu = time.perf_counter(), time.process_time()
    answer = client.get(f"/points/{mpxn_text(mpxn)}/")
    if answer.status_code != 200:
        raise SystemExit(f"{mpxn}: {answer.status_code}")
    return [round(time.perf_counter() - began, 3), round(time.process_time() - cpu, 3)]


if __name__ == "__main__":
    main()
