"""The trash: what is taken out of the lake lies there by name, can be brought back, and goes after a while."""

from datetime import UTC, datetime, timedelta

from reconcile.lake import holdings, store, trash

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)


def snapshot(lake, name: str, *files: str) -> None:
    (lake / name).mkdir(parents=True)
    for file in files:
        (lake / name / file).write_text(f"{name} {file}")


def test_what_is_removed_can_be_brought_back_by_its_name(lake_dir):
    snapshot(lake_dir, "flags/2026-01-01-abcd", "rows.parquet", "repeats.parquet")

    moved = trash.put("flags/2026-01-01-abcd", now=NOW)

    assert not (lake_dir / "flags/2026-01-01-abcd").exists()
    assert [(one.name, one.at, one.bytes) for one in trash.contents()] == [("flags/2026-01-01-abcd", NOW, moved)]
    assert trash.bring_back("flags/2026-01-01-abcd")
    assert (lake_dir / "flags/2026-01-01-abcd/rows.parquet").read_text() == "flags/2026-01-01-abcd rows.parquet"
    assert trash.contents() == [] and not trash.bring_back("flags/2026-01-01-abcd")


def test_a_part_of_a_snapshot_can_be_removed(lake_dir):
    snapshot(lake_dir, "devices/x", "rows.parquet", store.SEEN)

    store.thin("devices/x", now=NOW)

    assert [path.name for path in (lake_dir / "devices/x").iterdir()] == [store.SEEN]


def test_the_trash_is_emptied_of_what_is_old(lake_dir):
    for days, name in enumerate(("flags/old", "flags/young")):
        snapshot(lake_dir, name, "rows.parquet")
        trash.put(name, now=NOW + timedelta(days=days))

    assert trash.empty(NOW + timedelta(hours=1)) == ["flags/old"]
    assert [one.name for one in trash.contents()] == ["flags/young"]


def test_what_is_removed_is_in_the_log_by_name(lake_dir, caplog):
    snapshot(lake_dir, "runs/2026-01-01-abcd", "rows.parquet")

    trash.put("runs/2026-01-01-abcd", now=NOW)

    assert "runs/2026-01-01-abcd" in caplog.text


def test_what_is_not_there_is_no_trouble(lake_dir):
    assert trash.put("flags/none", now=NOW) == 0
    assert trash.contents() == [] and trash.empty(NOW) == []


def test_a_sweep_leaves_the_trash_alone_and_it_is_no_kind_of_snapshot(lake_dir):
    snapshot(lake_dir, "flags/old", "rows.parquet")
    trash.put("flags/old", now=NOW)

    assert store.sweep(set(), datetime.now(UTC) + timedelta(days=1), NOW) == []
    assert trash.TRASH not in holdings.sizes()
