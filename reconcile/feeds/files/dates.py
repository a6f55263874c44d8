"""Dates and times in the names and headers of files.

In: text. Out: a date or a moment, None where there is none. Called by the formats.
"""

import re
from datetime import date, datetime

FILE_DATE = re.compile(r"(?<!\d)(20\d\d)(-?)(\d\d)\2(\d\d)(?:\d{4}(?:\d\d)?)?(?!\d)")


def date_in_name(name: str) -> date | None:
    """The first real date of 2000 to 2100 in a file's name, as YYYYMMDD or YYYY-MM-DD."""
    for match in FILE_DATE.finditer(name):
        found = iso_date(f"{match[1]}-{match[3]}-{match[4]}")
        if found:
            return found
    return None


def iso_date(words: str) -> date | None:
    """YYYY-MM-DD or YYYYMMDD as a date, None where there is no such day."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def moment(digits: str) -> datetime | None:
    """YYYYMMDDHHMMSS, or the same without seconds or time, in UTC; None where there is no such moment."""
    try:
        return datetime.strptime(digits.ljust(14, "0")[:14] + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        return None
