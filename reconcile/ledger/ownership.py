"""That the lake is this database's own: a program that was started on another one must neither write nor sweep.

In: nothing. Out: nothing, or ForeignLake. Called by ledger.operations before any work, and where programs start.
"""

from reconcile.lake import holdings, identity, sites
from reconcile.lake.objects import StoreError
from reconcile.models import Extract, Identity, ReplayedDay, Run

ONLY = 1
"""The key of the one row."""


class ForeignLake(Exception):
    """The lake is not that of this database; one sentence."""


def must_own_lake() -> None:
    """Raises ForeignLake unless lake and database are one another's; before they know, rows and folders tell."""
    ours, theirs, lake = of_database(), identity.of_lake(), sites.the_place().address
    if ours and ours == theirs:
        return
    if ours and theirs:
        raise ForeignLake(
            f"The lake {lake} belongs to another database than this one: DATABASE_URL, LAKE_URL or "
            "VAR_DIR is not what it was. Nothing was touched."
        )
    _refuse_strangers()
    _give(ours or theirs or identity.new_identity())


def lake_away() -> StoreError | None:
    """Why the lake cannot be asked whose it is. Raises ForeignLake where it is that of another database."""
    try:
        must_own_lake()
    except StoreError as error:
        return error
    return None


def take_lake() -> None:
    """Make the lake that of this database, whatever stands in it: a person says so."""
    identity.take(Identity.objects.get_or_create(pk=ONLY, defaults={"text": identity.new_identity()})[0].text)


def of_database() -> str:
    """The identity of this database; empty where it has none yet."""
    return Identity.objects.filter(pk=ONLY).values_list("text", flat=True).first() or ""


def named() -> set[str]:
    """Every snapshot that a row of this database names."""
    return {name for model in (Extract, Run, ReplayedDay) for name in model.objects.values_list("snapshot", flat=True)}


def _refuse_strangers() -> None:
    """Raises ForeignLake where rows have none of their folders, or folders none of their rows."""
    known, there, lake = named(), set(holdings.names()), sites.the_place().address
    if there and not known & there:
        raise ForeignLake(
            f"The lake {lake} holds {len(there)} snapshots, of which this database knows none: "
            "DATABASE_URL or LAKE_URL is not what it was. Nothing was touched. If it is meant, say "
            "`manage.py verify --take-lake`."
        )
    if known and not there:
        raise ForeignLake(
            f"The lake {lake} is empty, and this database knows {len(known)} snapshots: is its disk "
            "there, and LAKE_URL what it was? Nothing was touched. If it is meant, say `manage.py verify --take-lake`."
        )


def _give(text: str) -> None:
    """Give both the identity; whoever else does so at this moment may have been quicker."""
    row, _ = Identity.objects.get_or_create(pk=ONLY, defaults={"text": text})
    try:
        identity.give(row.text)
    except identity.Claimed as error:
        raise ForeignLake(
            f"Another database takes the lake {sites.the_place().address} at this moment, or began to. Nothing was "
            "touched. Try it again; if the lake is to be this database's, say `manage.py verify --take-lake`."
        ) from error
    if identity.of_lake() != row.text:
        must_own_lake()
