"""A file of assignments: read as spreadsheets write it, looked at first, done whole and once, undone as one."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reconcile.domain.assignments import NOBODY, Fault
from reconcile.domain.work import Act
from reconcile.ledger import export, operations, queries
from reconcile.ledger.actors import MACHINE, NotAllowed, Right
from reconcile.ledger.work_file.reading import read
from reconcile.ledger.working import Change, Selection, WorkError
from reconcile.models import AuditEntry, Discrepancy, Job, Mention, Party, Raising, WorkItem, WorkVersion

from .desk import DAY, NOW, RULE, Office, open_office

HEAD = "mpxn,rule,assignee,work_state,raised_to,reference,note"
POINT = 1_000_000_000_000


@pytest.fixture
def office(db) -> Office:
    return open_office()


@pytest.fixture
def file(tmp_path):
    """Writes the lines of a file below the usual headings."""

    def written(*lines: str, head: str = HEAD) -> Path:
        path = tmp_path / "assignments.csv"
        path.write_text("\n".join([head, *lines]) + "\n")
        return path

    return written


def line(place: int = 0, *values: str, rule: str = RULE) -> str:
    return ",".join([str(POINT + place), rule, *values, *([""] * (5 - len(values)))])


def plan_of(office: Office, path: Path, who: str = "bob"):
    return queries.work_file_plan(actor=office.actor(who), path=path)


def load(office: Office, path: Path, who: str = "bob", request: str = "", count: int | None = None) -> Job | AuditEntry:
    """Look at it, and have it done."""
    count = len(plan_of(office, path, who).wishes) if count is None else count
    made = operations.load_assignments(
        actor=office.actor(who), path=path, name=path.name, count=count, request=request, now=NOW
    )
    return operations.perform(actor=MACHINE, job_id=made.pk) if isinstance(made, Job) else made


def stands(office: Office) -> list[tuple]:
    items = WorkItem.objects.filter(party=office.parties["supplier"]).order_by("discrepancy")
    return [
        (
            office.ids.index(item.discrepancy_id), item.assignee.username if item.assignee else "", item.state,
            item.raised.reference if item.raised else "", item.reason, item.note,
        )
        for item in items.select_related("assignee", "raised", "noted")
    ]  # fmt: skip


EVERY = (
    line(0, "ann", "", "", "", "Call first"),
    line(1, "bob", "raised", "network", "INC 7", "Please look"),
    line(2, "", "explained", "", "", "Site visit booked: 3 March"),
    line(3, "ANN", "to do"),
)


def test_a_file_is_done_as_one_entry_and_undone_as_one(office, file):
    job = load(office, file(*EVERY))

    assert (job.state, job.result["changed"], job.result["unchanged"], job.result["refused"]) == ("done", 4, 0, {})
    assert stands(office) == [
        (0, "ann", "to_do", "", "", "Call first"),
        (1, "bob", "raised", "INC 7", "", "Please look"),
        (2, "", "explained", "", "Site visit booked", "Site visit booked: 3 March"),
        (3, "ann", "to_do", "", "", ""),
    ]
    raising, entry = Raising.objects.get(), AuditEntry.objects.get(what="from a file")
    assert (raising.target, raising.words) == (office.parties["network"], "Please look")
    assert (entry.rows, entry.job) == (4, job.pk)
    assert entry.about == "assignments.csv: 3 assigned, 1 explained, 3 noted, 1 raised"
    assert WorkItem.objects.get(discrepancy=office.ids[2]).basis
    undone = operations.work_on(
        actor=office.actor("ann"), asked=Change(Act.UNDO, undoes=entry.pk), of=Selection(), now=NOW
    )
    assert undone.rows == 4 and {row[1:] for row in stands(office)} == {("", "to_do", "", "", "")}


def test_the_same_file_again_changes_nothing(office, file):
    path = file(*EVERY)
    load(office, path)

    plan = plan_of(office, path)

    assert (len(plan.wishes), plan.unchanged, plan.refused) == (0, 4, [])
    with pytest.raises(WorkError, match="stands so already"):
        load(office, path)
    assert WorkVersion.objects.count() == 4


def test_the_columns_of_the_export_are_those_that_are_loaded_back(office, file, tmp_path):
    load(office, file(*EVERY, line(4, "", "", "", "", "=1+1 is a note")))
    Discrepancy.objects.filter(pk=office.ids[5]).update(resolved_on=DAY, last_seen=DAY)
    desk, target = office.actor("bob").desk_with(Right.EXPORT), tmp_path / "out.csv"
    export.export(
        target=target, query="state=all", run=None, scope=desk.sight, now=NOW, report=lambda stage, share: None,
        desk=desk,
    )  # fmt: skip
    before = stands(office)

    again = plan_of(office, target)
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    Discrepancy.objects.filter(pk=office.ids[5]).update(resolved_on=None, last_seen=None)
    WorkItem.objects.all().delete()
    undone = plan_of(office, target)

    assert list(rows[0])[-5:] == ["assignee", "work_state", "raised_to", "reference", "note"]
    assert (len(again.wishes), again.unchanged, again.refused) == (0, 6, [])
    assert [one.fault for one in undone.refused] == [Fault.RUN_CLOSES] and len(undone.wishes) == 5
    target.write_text("".join(one for one in target.read_text().splitlines(keepends=True) if "closed" not in one))
    load(office, target)
    assert stands(office) == before


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ((f"1.0E+12,{RULE},ann,,,,",), Fault.ROUNDED),
        ((f'"1,00E+12",{RULE},ann,,,,',), Fault.ROUNDED),
        ((f",{RULE},ann,,,,",), Fault.NO_NUMBER),
        ((f"12345678901,{RULE},ann,,,,",), Fault.BAD_NUMBER),
        ((f"{POINT}.5,{RULE},ann,,,,",), Fault.BAD_NUMBER),
        ((f"{POINT},,ann,,,,",), Fault.NO_RULE),
        ((f"{POINT},N_TIRED,ann,,,,",), Fault.UNKNOWN_RULE),
        ((line(0, "ann") + ",and,more",), Fault.TOO_MANY),
        ((line(99, "ann"),), Fault.NOT_YOURS),
        ((f"{1_100_000_000_000},{RULE},ann,,,,",), Fault.NOT_YOURS),
        ((line(0, "rob"),), Fault.NO_COLLEAGUE),
        ((line(0, "", "asleep"),), Fault.UNKNOWN_STATE),
        ((line(0, "", "closed"),), Fault.RUN_CLOSES),
        ((line(0, "", "raised", "the moon"),), Fault.NO_PARTY),
        ((line(0, "", "raised", "supplier"),), Fault.OWN),
        ((line(0, "", "", "", "INC 7"),), Fault.REFERENCE_ALONE),
        ((line(0, "", "raised", "", "x" * 61),), Fault.LONG_REFERENCE),
        ((line(0, "", "", "", "", "x" * 4001),), Fault.LONG_NOTE),
        ((line(0, "", "explained", "", "", "Because"),), Fault.NO_REASON),
    ],
)
def test_a_line_that_cannot_be_done_is_refused_and_the_others_are_done(office, file, told, fault):
    plan = plan_of(office, file(*told, line(5, "ann")))

    assert [(one.number, one.fault) for one in plan.refused] == [(2, fault)]
    assert [wish.row for wish in plan.wishes] == [office.ids[5]]


def test_of_two_lines_of_one_row_the_first_counts(office, file):
    plan = plan_of(office, file(line(0, "ann"), "", line(0, "bob")))

    assert [(one.number, one.fault) for one in plan.refused] == [(4, Fault.TWICE)]
    assert len(plan.wishes) == 1


def test_what_is_resolved_is_assigned_and_noted_alone(office, file):
    Discrepancy.objects.filter(pk=office.ids[0]).update(resolved_on=DAY, last_seen=DAY)

    refused = plan_of(office, file(line(0, "", "raised")))
    load(office, file(line(0, "ann", "closed", "", "", "Seen")))

    assert [one.fault for one in refused.refused] == [Fault.RESOLVED]
    assert stands(office) == [(0, "ann", "closed", "", "", "Seen")]


def test_what_is_raised_is_raised_anew_under_another_reference_and_taken_up_again(office, file):
    load(office, file(line(0, "ann", "raised", "network", "", "Please")))
    load(office, file(line(0, NOBODY, "", "", "INC 8")))

    raising = Raising.objects.order_by("pk").last()
    assert (raising.reference, raising.target, raising.words) == ("INC 8", office.parties["network"], "Please")
    assert stands(office) == [(0, "", "raised", "INC 8", "", "Please")]
    load(office, file(line(0, "", "to_do", "Network", "INC 8")))
    assert stands(office) == [(0, "", "to_do", "", "", "Please")]


@pytest.mark.parametrize(
    ("told", "written"),
    [
        (
            "a byte order mark and ;",
            "\ufeffMPAN;Rule code;Assigned to\r\n1000000000000;n_commissioned;ann\r\n".encode(),
        ),
        ("UTF-16 with tabs", "Meter Point\tRULE\tOwner\n1000000000000\tN_COMMISSIONED\tann\n".encode("utf-16")),
        ("the separator said", b'sep=;\n"mpxn";"rule";"note"\n"=""1000000000000""";"N_COMMISSIONED";"Two\nlines"\n'),
        ("Latin letters", "mpxn,rule,note\n1000000000000,N_COMMISSIONED,caf\xe9\n".encode("cp1252")),
        ("blanks in the number", b"\n\nmpxn|rule|assignee\n10 0000 0000 000|Not active, yet commissioned|ann\n"),
    ],
)
def test_a_file_is_read_however_a_spreadsheet_wrote_it(told, written):
    found = read(written.replace(b"Not active, yet commissioned", RULE.encode()))

    assert [(one.mpxn, one.rule) for one in found.lines] == [(POINT, RULE)] and not found.refused
    assert found.lines[0].said.get("note", "café") in {"café", "Two\nlines"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (b"", "has the headings"),
        (b"mpxn,rule\n1,2\n", "a column of work is missing"),
        (b"mpxn,assignee\n1,2\n", "rule is missing"),
        (b"mpxn,rule,note,comment\n", "several headings mean note"),
        (b"PK\x03\x04", "workbook"),
        (b"mpxn,rule,note\n\0\0\n", "no text"),
        (b'mpxn,rule,note\n1,2,"open\n3,4,5\n', "From line 2 on"),
    ],
)
def test_a_file_in_which_nothing_can_be_relied_on_is_refused_whole(written, words):
    with pytest.raises(WorkError, match=words):
        read(written)


def test_what_has_changed_since_somebody_looked_is_refused(office, file):
    path = file(line(0, "ann"), line(1, "ann"))

    with pytest.raises(WorkError, match="would change 2 rows now, not the 3"):
        load(office, path, count=3)
    job = operations.load_assignments(actor=office.actor("bob"), path=path, name="x", count=2, now=NOW)
    operations.work_on(
        actor=office.actor("bob"), asked=Change(Act.ASSIGN, assignee="ann"), of=Selection((office.ids[0],)), now=NOW
    )
    done = operations.perform(actor=MACHINE, job_id=job.pk)
    assert (done.state, done.final) == ("failed", True) and "would change 1 rows now" in done.message
    assert WorkVersion.objects.count() == 1


def test_the_same_request_is_done_once_and_a_job_taken_up_again_does_nothing_more(office, file):
    path = file(*EVERY)
    job = load(office, path, request="k")
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, result={})

    again = operations.perform(actor=MACHINE, job_id=job.pk)
    entry = load(office, path, request="k", count=4)

    assert (again.state, again.result["changed"], entry.rows) == ("done", 4, 4)
    assert WorkVersion.objects.count() == 4 and AuditEntry.objects.count() == 1


@pytest.mark.parametrize("who", ["vic", "rob", "nel"])
def test_a_file_changes_the_work_of_its_own_party_alone(office, file, who):
    path = file(line(0, "", "", "", "", "Ours"))

    if who == "vic":
        with pytest.raises(NotAllowed):
            load(office, path, who)
    elif who == "rob":
        assert [one.fault for one in plan_of(office, path, who).refused] == [Fault.NOT_YOURS]
    else:
        load(office, path, who)
        assert set(WorkItem.objects.values_list("party__kind", flat=True)) == {Party.Kind.NETWORK}


def test_colleagues_that_its_notes_name_are_told(office, file):
    load(office, file(line(0, "", "", "", "", "@ann look"), line(1, "", "", "", "", "@ann @rob")))

    assert [one.person.username for one in Mention.objects.all()] == ["ann"]


def test_the_command_looks_first_and_does_it_when_told(office, file, capsys):
    path = file(*EVERY, line(9, "ann"))

    call_command("assign", path, "--as", "bob", "--json")
    looked = json.loads(capsys.readouterr().out)
    assert (looked["state"], looked["changes"], WorkItem.objects.count()) == ("looked at", 4, 0)
    assert looked["refused"] == {Fault.NOT_YOURS: [6]}
    call_command("assign", path, "--as", "bob", "--yes", "--json")
    assert json.loads(capsys.readouterr().out)["changed"] == 4
    call_command("assign", path, "--as", "bob", "--yes")
    assert "changes: 0" in capsys.readouterr().out
    with pytest.raises(CommandError, match="may not work"):
        call_command("assign", path, "--as", "vic")
