"""Files whose headings nobody has told us of: held with a proposal, read by a person's word, known the next time."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile import feeds
from reconcile.ledger import operations, queries, uploads
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.operations import NotAllowed, OperationError
from reconcile.models import Extract, Job, KeptColumns, KeptColumnsEvent

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MPANS = ("1012345678903", "1012345678912", "1012345678921", "1012345678930")
DEVICES = "Device GUID;Category;Lifecycle;Since;Meter Ref;Fitter\n" + "".join(
    f"00-DB-12-34-56-78-90-0{at};ESME;{'Live' if at == 3 else 'Commissioned'};01/02/2024;{mpan};Bob\n"
    for at, mpan in enumerate(MPANS)
)
FLAGS = "mpan,dcc_service_flag,DCC Flag Live From\n" + "".join(f"{mpan},A,2024-01-31\n" for mpan in MPANS)


@pytest.fixture
def load(lake_dir, tmp_path):
    """Load a text as a command would; gives the job."""

    def _load(text: str, name: str = "devices_2026-11-15.csv", **more) -> Job:
        path = tmp_path / name
        path.write_text(text)
        job = operations.start_load(actor=MACHINE, path=path, name=name, now=timezone.now(), **more)
        return operations.perform(actor=MACHINE, job_id=job.pk)

    return _load


def proposed(job: Job, **changed: str) -> feeds.ColumnMap:
    """What a held job proposes, corrected."""
    said = feeds.of_toml(job.result["proposal"])
    words = {"DeviceStatus": {"Live": "Commissioned"}}
    return feeds.ColumnMap(said.kind, dict(said.columns) | changed, words, said.headings, said.name)


def tell(job: Job, said: feeds.ColumnMap, **more) -> Job:
    """A person says what the headings mean."""
    operations.tell_columns(actor=MACHINE, job_id=job.pk, said=said, now=timezone.now(), **more)
    return operations.perform(actor=MACHINE, job_id=job.pk)


def test_a_file_with_unknown_headings_waits_for_a_persons_word(load):
    job = load(DEVICES)

    assert (job.state, job.guards, Extract.objects.count(), KeptColumns.objects.count()) == ("held", [], 0, 0)
    assert "not recognised: Device GUID, Category" in job.message
    assert "ImportMPxN may be 'Meter Ref' (its values)" in job.message
    assert (settings.VAR_DIR / job.result["proposal_file"]).read_text() == job.result["proposal"]
    assert (job.result["found"], job.result["ignored"][0]) == ({"DeviceID": "Device GUID"}, "Category")
    assert job.result["headings"][4]["looks_like"] == "MPANs with right check digits"


def test_an_approval_is_no_word_about_headings(load):
    job = load(DEVICES)
    with pytest.raises(OperationError, match="does not tell what its headings mean"):
        operations.approve(actor=MACHINE, job_id=job.pk, reason="It is right.", now=timezone.now())


def test_once_told_it_loads_and_the_next_one_is_known(load):
    held = load(DEVICES)
    job = tell(held, proposed(held))
    assert (job.state, job.result["rows"], job.result["rejects"]) == ("done", 4, 0)
    assert job.result["read_by"]["name"] == "devices"
    assert list(job.events.values_list("what", "name")) == [("held", "the machine"), ("told", "the machine")]

    again = load(DEVICES.replace("Bob", "Jo"), "next_2026-11-22.csv")

    assert (again.state, again.result["read_by"]["values"]) == ("done", {"DeviceStatus": {"Live": "Commissioned"}})
    kept = queries.kept_columns(actor=MACHINE)
    assert [(one.name, one.extracts, [event.what for event in one.history]) for one in kept] == [
        ("devices", 2, ["kept"])
    ]


@pytest.mark.a_folder
def test_the_beginning_of_a_held_file_goes_with_its_wait(load):
    job = load(DEVICES)
    beginning = Path(job.result["beginning"]["path"])
    assert beginning.read_text() == DEVICES
    assert beginning.name not in uploads.sweep(timezone.now())

    tell(job, proposed(job))

    assert not beginning.exists()


def test_a_refused_one_leaves_nothing_of_itself(load):
    job = load(DEVICES)
    operations.refuse(actor=MACHINE, job_id=job.pk, reason="Not it.", now=timezone.now())
    assert not Path(job.result["beginning"]["path"]).exists()


def test_changing_or_removing_what_was_kept_changes_no_extract(load):
    job = load(DEVICES)
    said = proposed(job)
    tell(job, said)
    report = Extract.objects.get().report
    kept = KeptColumns.objects.get()

    operations.keep_columns(
        actor=MACHINE,
        said=feeds.ColumnMap("smi", dict(said.columns) | {"StatusDate": ""}, name=said.name),
        now=timezone.now(),
    )
    operations.rename_columns(actor=MACHINE, kept_id=kept.pk, name="Weekly", now=timezone.now())
    operations.remove_columns(actor=MACHINE, kept_id=kept.pk, now=timezone.now())

    assert Extract.objects.get().report == report
    assert report["read_by"]["columns"]["StatusDate"] == "Since"
    events = KeptColumnsEvent.objects.order_by("pk")
    assert [event.what for event in events] == ["kept", "changed", "renamed", "removed"]
    assert "StatusDate = Since" in events[1].words and events[2].words == "It was called devices."
    assert queries.kept_columns(actor=MACHINE) == []
    assert load(DEVICES.replace("Bob", "Jo"), "next_2026-11-22.csv").state == "held"
    assert load(DEVICES).result["duplicate"]


def test_one_name_is_one_set_of_columns(load):
    for name in ("one", "two"):
        said = feeds.ColumnMap("registration", {"flag": name}, name=name)
        kept = operations.keep_columns(actor=MACHINE, said=said, now=timezone.now())
    for name, why in (("one", "already"), ("", "Give a name"), ("x" * 81, "at most 80")):
        with pytest.raises(OperationError, match=why):
            operations.rename_columns(actor=MACHINE, kept_id=kept.pk, name=name, now=timezone.now())
    with pytest.raises(NotAllowed):
        operations.remove_columns(actor=MACHINE, kept_id=kept.pk + 1, now=timezone.now())


def test_a_column_that_counts_is_not_passed_over_in_silence(load):
    job = load(FLAGS, "flags_2026-11-14.csv")

    assert (job.state, [guard["guard"] for guard in job.guards]) == ("held", ["headings"])
    assert "'DCC Flag Live From' looks like flag_from" in job.message
    assert {"warnings", "found", "not_found", "ignored", "kept_without", "proposal"} <= job.result.keys()

    told = tell(job, feeds.of_toml(job.result["proposal"]))
    assert told.result["found"]["flag_from"] == "DCC Flag Live From"


def test_a_person_may_let_it_pass_without(load):
    job = load(FLAGS, "flags_2026-11-14.csv")
    operations.approve(actor=MACHINE, job_id=job.pk, reason="It is right.", now=timezone.now())
    job = operations.perform(actor=MACHINE, job_id=job.pk)
    assert (job.state, job.result["read_by"]) == ("done", None)
    assert "No column for flag_from was found" in job.result["warnings"][0]


def test_the_day_may_be_told_with_the_headings(load):
    job = load(DEVICES, "devices.csv")
    told = tell(job, proposed(job), as_of=timezone.localdate())
    assert (told.state, told.result["as_of"]) == ("done", timezone.localdate().isoformat())


def test_an_extract_is_read_in_one_way(load):
    job = load(DEVICES)
    said = proposed(job)
    tell(job, said)
    other = load(DEVICES, said=feeds.ColumnMap("smi", dict(said.columns) | {"StatusDate": ""}, said.words))
    assert (other.state, "read by the columns 'devices'" in other.message) == ("failed", True)


def test_two_that_fit_alike_are_asked_about(load):
    said = proposed(load(DEVICES))
    for name, words in (("one", {}), ("two", said.words)):
        shape = feeds.ColumnMap(said.kind, said.columns, words, said.headings, name)
        operations.keep_columns(actor=MACHINE, said=shape, now=timezone.now())
    job = load(DEVICES)
    assert (job.state, "'one' and 'two' fit the file alike" in job.message) == ("failed", True)
    assert load(DEVICES, said=queries.kept_columns(actor=MACHINE)[1].said).state == "done"


@pytest.fixture
def command(lake_dir, tmp_path, capsys):
    """`load --json`; gives the exit code and the answer."""

    def _command(text: str, *more: str, name: str = "devices_2026-11-15.csv") -> tuple[int, dict]:
        (tmp_path / name).write_text(text)
        code = 0
        try:
            call_command("load", str(tmp_path / name), "--json", *more)
        except CommandError as error:
            code = error.returncode
        return code, json.loads(capsys.readouterr().out or "{}")

    return _command


def proposal_with_words(told: dict) -> str:
    """The path of what a held load proposes, with its unknown word explained."""
    path = settings.VAR_DIR / "mine.toml"
    path.write_text(told["proposal"] + '[values.DeviceStatus]\nLive = "Commissioned"\n')
    return str(path)


def test_the_command_holds_it_gives_a_proposal_and_takes_it_back(command):
    code, told = command(DEVICES)
    assert (code, told["state"], told["guards"]) == (3, "held", [])
    assert {"warnings", "found", "not_found", "ignored", "kept_without"} <= told.keys()

    code, loaded = command(DEVICES, "--columns", proposal_with_words(told))
    assert (code, loaded["rows"], loaded["read_by"]["name"]) == (0, 4, "devices")

    code, again = command(DEVICES.replace("Bob", "Jo"), name="devices_2026-11-22.csv")
    assert (code, again["read_by"]) == (0, loaded["read_by"])
    code, named = command(DEVICES.replace("Bob", "Al"), "--columns", "devices", name="devices_2026-11-23.csv")
    assert (code, named["read_by"]) == (0, loaded["read_by"])


def test_the_api_says_of_an_extract_what_it_was_read_by_as_the_command_does(command, client, django_user_model):
    _, told = command(DEVICES)
    _, loaded = command(DEVICES, "--columns", proposal_with_words(told))
    _, known = command(FLAGS.replace("DCC Flag Live From", "effective_from"), name="flags_2026-11-15.csv")
    user = django_user_model.objects.create_superuser("root")
    client.force_login(user)

    one, other = (client.get(f"/api/extracts/{found['extract']}/").json() for found in (loaded, known))
    listed = {row["id"]: row["read_by"] for row in client.get("/api/extracts/").json()["results"]}

    assert (one["read_by"], other["read_by"]) == (loaded["read_by"], known["read_by"]) == (listed[one["id"]], None)
    assert one["read_by"]["values"] == {"DeviceStatus": {"Live": "Commissioned"}}


@pytest.mark.parametrize(
    "columns, why", [("nobody", "no file and no name of kept columns. Kept: none"), ("bad.toml", "no TOML that can be")]
)
def test_the_command_says_what_is_wrong_with_columns(lake_dir, tmp_path, monkeypatch, columns, why):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("kind = ")
    (tmp_path / "file.csv").write_text(DEVICES)
    with pytest.raises(CommandError, match=why):
        call_command("load", "file.csv", "--columns", columns)
