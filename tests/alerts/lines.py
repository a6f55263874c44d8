"""Lines of the queue of alerts as rows of the database, for tests of what people see of them and do with them."""

from datetime import UTC, date, datetime

from reconcile.models import Alert, AlertLine, Extract, Party

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def make_line(network: Party | None, number: int, **more) -> AlertLine:
    """An outage at one live meter, unless something else is said."""
    facts = {
        "kind": "single", "sort": "outage", "first_at": NOW, "last_at": NOW, "alerts": 1, "points": 1,
        "triaged": "act", "answer": "yes", "why": "Act: the inventory says commissioned", "waiting": True,
    }  # fmt: skip
    return AlertLine.objects.create(id=number, network=network, **{**facts, **more})


def make_alert(line: AlertLine, extract: Extract, **more) -> Alert:
    """An alert of a line, which says the same."""
    facts = {
        "sent_at": line.first_at, "code": "AD1", "sort": line.sort, "mpxn": line.mpxn, "network": line.network,
        "triaged": line.triaged, "answer": line.answer, "why": line.why, "answer_then": "no",
        "why_then": "Ghost: the inventory has no smart meter here", "now_on": date(2026, 11, 21),
        "then_on": date(2026, 11, 14),
    }  # fmt: skip
    number = Alert.objects.count() + 1
    return Alert.objects.create(id=number, line=line, extract=extract, **{**facts, **more})
