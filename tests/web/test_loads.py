"""Several files at once: a line each, the bad one replaced, and a run once all are loaded."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.ledger.actors import actor_for
from reconcile.models import Job

from .cast import Cast, make_job

EXTRACT = b"mpan,dcc_service_flag,dcc_service_flag_efd,supplier\n1000000000012,A,20240101,OURS\n"


def hand_in(client, *names: str, query: str = ""):
    files = [SimpleUploadedFile(name, EXTRACT) for name in names]
    return client.post(f"/extracts/upload/{query}", {"file": files})


def test_several_files_are_a_load_each_on_one_page(browse, cast: Cast):
    client = browse("operator")

    answer = hand_in(client, "one_2021-11-25.csv", "two_2021-11-25.csv", "three_2021-11-25.csv")

    made = list(Job.objects.order_by("pk"))
    assert [job.options["name"] for job in made] == ["one_2021-11-25.csv", "two_2021-11-25.csv", "three_2021-11-25.csv"]
    assert answer.url == f"/extracts/loads/?jobs={','.join(str(job.pk) for job in made)}"
    page = client.get(answer.url).content.decode()
    assert page.count("waits for a worker") == 3 and 'hx-trigger="every 1s"' in page
    assert "Reconcile when all 3 are loaded" in page and "disabled" in page


def test_one_of_several_that_is_empty_does_not_stop_the_others(browse, cast: Cast):
    files = [SimpleUploadedFile("empty.csv", b""), SimpleUploadedFile("good_2021-11-25.csv", EXTRACT)]

    browse("operator").post("/extracts/upload/", {"file": files})

    assert Job.objects.count() == 2


def test_the_bad_one_of_several_is_replaced_in_its_place(browse, cast: Cast):
    client = browse("operator")
    done = {"extract": 1, "kind": "smi", "as_of": "2021-11-25", "coverage": "full", "rows": 1234, "rejects": 5}
    good = make_job(cast.operator, "load", result=done, options={"name": "good.csv", "path": "/x"})
    bad = make_job(
        cast.operator,
        "load",
        "failed",
        final=True,
        message="The header is missing.",
        options={"name": "b", "path": "/x"},
    )

    page = client.get(f"/extracts/loads/?jobs={bad.pk},{good.pk}").content.decode()
    address = re.search(r'href="(/extracts/upload/[^"]*)">Replace file', page)[1].replace("&amp;", "&")
    answer = hand_in(client, "better_2021-11-25.csv", query=address.removeprefix("/extracts/upload/"))

    assert "1,234 rows, 5 rejected" in page and "The header is missing." in page and "every 1s" not in page
    assert answer.url == f"/extracts/loads/?jobs={good.pk},{Job.objects.latest('pk').pk}"


def test_all_loaded_a_run_can_be_asked_for(browse, cast: Cast):
    done = {"extract": 1, "kind": "smi", "as_of": "2021-11-25", "coverage": "full", "rows": 1, "rejects": 0}
    job = make_job(cast.operator, "load", result=done, options={"name": "good.csv", "path": "/x"})

    page = browse("operator").get(f"/extracts/loads/?jobs={job.pk}").content.decode()

    assert "<strong>1 of 1</strong> loaded" in page and 'class="button-main">Reconcile' in page


@pytest.mark.parametrize("query", ["", "?jobs=", "?jobs=x,99999999999999999999", "?jobs=0"])
def test_an_address_that_names_no_load_says_so(browse, query: str):
    assert "No loads of yours are named" in browse("loader").get(f"/extracts/loads/{query}").content.decode()


@pytest.mark.parametrize("percent, left", [(0, None), (4, None), (20, 240), (99, 0)])
def test_the_time_left_follows_from_what_is_done(cast: Cast, percent: int, left: int | None):
    now = timezone.now()
    job = make_job(cast.operator, "load", "running", percent=percent, started_at=now - timedelta(seconds=60))

    (line,) = queries.loads(actor=actor_for(cast.operator), job_ids=[job.pk, job.pk], now=now).lines

    assert line.left == left
