"""A hard limit of the memory that a process may take, so that the machine outlives whatever it is given.

In: a size in words. Out: the kernel's limit, set. Called by settings and, in each process of a worker, by celery; by
commands that do a job themselves.
"""

import re
import resource

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", re.IGNORECASE)


def bytes_of(words: str) -> int:
    """`6GB`, `800 MB` or a number of bytes as bytes. Raises ValueError."""
    found = SIZE.fullmatch(words)
    if not found:
        raise ValueError(f"'{words}' is no size of memory such as 6GB.")
    return int(float(found[1]) * UNITS[found[2].upper()])


def limit(most: int) -> None:
    """Let this process have so many bytes of its own, and no more; 0 is no limit."""
    if most:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
