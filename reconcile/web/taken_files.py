"""Files handed out whole: those that are kept, and those of a sending, with who took these on record.

In: a kept file's name; an actor, a sending or one of its files. Out: the answer. Called by the pages that offer them,
once the right was asked, and by the API of corrections.
"""

from collections.abc import Iterable
from pathlib import PurePath

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from reconcile.ledger import kept_files, operations, queries
from reconcile.ledger.actors import Actor, Right
from reconcile.models import AuditEntry, Correction, CorrectionFile

TABLE, MANIFEST = "corrections.csv", "manifest.json"


def attached(name: str | None, content_type: str) -> FileResponse:
    """A kept file. Http404 where it is not there, or not for them."""
    file = kept_files.opened(name) if name else None
    if not name or file is None:
        raise Http404("There is no such file any more, or it is not for you.")
    return FileResponse(file, as_attachment=True, filename=PurePath(name).name, content_type=content_type)


def file_taken(actor: Actor, file: CorrectionFile) -> StreamingHttpResponse:
    """A file as it is sent. Raises NotAllowed."""
    _note(actor, file.name, file.rows, file.sha256)
    return _attached(queries.file_content(actor=actor, file_id=file.pk), file.name, file.bytes, "text/plain")


def table_taken(actor: Actor, of: Correction) -> StreamingHttpResponse:
    """Every line of a sending as one plain table. Raises NotAllowed."""
    _note(actor, f"{TABLE} of sending {of.pk}", of.count, of.csv_sha256)
    return _attached(queries.table_content(actor=actor, correction_id=of.pk), TABLE, of.csv_bytes, "text/csv")


def manifest_taken(actor: Actor, of: Correction) -> HttpResponse:
    """What proves a sending whole; it has no row. Raises NotAllowed."""
    actor.must(Right.EXPORT)
    answer = HttpResponse(queries.manifest_of(actor=actor, correction_id=of.pk), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{MANIFEST}"'
    return answer


def _note(actor: Actor, about: str, rows: int, sha256: str) -> None:
    actor.must(Right.EXPORT)
    desk = actor.desk
    operations.note(
        actor=actor, what=AuditEntry.What.DOWNLOADED, now=timezone.now(), about=about, rows=rows, sha256=sha256,
        party=desk.party if desk else None,
    )  # fmt: skip


def _attached(chunks: Iterable[bytes], name: str, size: int, content_type: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(chunks, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Length"] = str(size)
    return answer
