"""The addresses that are measured: every page, several of one where one would be too easy to remember.

In: Meter Points, on the loaded market of VAR_DIR. Out: name of a page -> addresses. Called by pages, paced and felt,
once Django is set up.
"""

from django.db.models import Count
from django.urls import reverse

from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import queries
from reconcile.ledger.access import EVERYTHING
from reconcile.models import Discrepancy, Extract, Run

LISTED, QUEUE = "/discrepancies/", "/work/"
DEEP = 400_000
"""Rows before a deep page, or half of what there is."""
MOST_POINTS = 100


def pages(points: list[int], most_points: int = MOST_POINTS) -> dict[str, list[str]]:
    """Each page by what people call it."""
    networks, suppliers = (_busiest(kind) for kind in ("network", "supplier"))
    rules = Discrepancy.objects.values_list("rule", flat=True).order_by("rule").distinct()
    run, deep = Run.objects.latest("pk").pk, _deep()
    extracts = Extract.objects.values_list("pk", flat=True)
    return {
        "overview": ["/"],
        "list": [LISTED],
        "list of a network": [f"{LISTED}?network={code}" for code in networks],
        "list of a rule": [f"{LISTED}?rule={rule}" for rule in rules],
        "list of who acts": [f"{LISTED}?who_acts={who}" for who in ("dcc", "supplier", "registration")],
        "list, page 50": [f"{LISTED}?page=50"],
        "list, deep by key": [f"{LISTED}?page=9&after={row}" for row in deep],
        "list, last page": [f"{LISTED}?page=999999"],
        "list, newest first": [f"{LISTED}?sort=-first_seen"],
        "list, longest wrong": [f"{LISTED}?sort=wrong_since"],
        "list by rule, deep": [f"{LISTED}?sort=rule&page=9&after={row}" for row in deep],
        "Meter Point": [f"/points/{mpxn_text(mpxn)}/" for mpxn in points[:most_points]],
        "networks": ["/networks/"],
        "a network": [f"/networks/{code}/" for code in networks],
        "a supplier": [f"/suppliers/{code}/" for code in suppliers],
        "causes": ["/causes/"],
        **_queue(networks),
        "files": ["/extracts/"],
        "a file": [f"/extracts/{pk}/" for pk in extracts],
        "runs": ["/runs/"],
        "a run": [f"/runs/{run}/"],
        "jobs": ["/jobs/"],
        "storage": ["/storage/"],
        "rules": [reverse("rules")],
        "API list": ["/api/discrepancies/"],
        "API list, deep": [f"/api/discrepancies/?after={row}" for row in deep],
    }


def _queue(networks: list[str]) -> dict[str, list[str]]:
    """The queue with all its facets: without a filter, by evidence, by what people did, in orders of work."""
    of_people = ("assigned=me", "work=raised", "work=to_do", "assigned=nobody&severity=high")
    of_evidence = ("severity=high", "wrong_for=over_year", *(f"network={code}" for code in networks))
    return {
        "queue": [QUEUE],
        "queue, filtered": [f"{QUEUE}?{one}" for one in of_evidence],
        "queue of people": [f"{QUEUE}?{one}" for one in of_people],
        "queue by date": [f"{QUEUE}?sort=due&page=20", f"{QUEUE}?sort=-raised_on&page=20"],
        "queue, facets by API": ["/api/work/facets/?work=raised", "/api/work/facets/?severity=high"],
    }


def _busiest(kind: str) -> list[str]:
    """The codes of the parties with the most discrepancies."""
    counted = Discrepancy.objects.exclude(**{kind: None}).values(f"{kind}__code").annotate(held=Count("pk"))
    return [row[f"{kind}__code"] for row in counted.order_by("-held")[:5]]


def _deep() -> list[int]:
    """Rows far down the list, some of which differ in the key alone."""
    total = Discrepancy.objects.count()
    rows = queries.discrepancy_list(scope=EVERYTHING, filters={}).rows.values_list("pk", flat=True)
    start = min(DEEP, total // 2)
    return list(rows[start : start + 5])
