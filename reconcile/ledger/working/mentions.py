"""Colleagues whom a note names (`@name`) find it in their inbox.

In: an entry that was just written. Out: Mention rows. Called within its transaction; an e-mail would hang on them.
"""

import re
from collections.abc import Iterable

from reconcile.models import AuditEntry, Mention

from ..actors import Desk
from ..work_filter import colleagues

NAMED = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")


def name_people(entry: AuditEntry, desk: Desk, said: Iterable[str] = ()) -> None:
    """Only people of the party can be named; anybody else's name is a word like another. `said`: of single rows."""
    words = "\n".join(one for one in (entry.words, *said) if "@" in one)
    if not words:
        return
    people = {name.casefold(): number for number, name in colleagues(desk)}
    named = {people.get(word.rstrip(".").casefold()) for word in NAMED.findall(words)} - {None, entry.person}
    Mention.objects.bulk_create(
        Mention(entry=entry, party_id=desk.party, person_id=number) for number in named if number is not None
    )
