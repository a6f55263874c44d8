"""The policies: the one that runs are judged by, and the readings that people compare it with.

In: a name. Out: Policy. Called by whoever starts, judges or explains a run, or asks what if.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

from .mp077 import CASES, MP077, judged_by
from .other_policies import ALTERNATIVE, BEFORE, PIA, REQUIREMENTS
from .policy import Case, Policy
from .vocabulary import Flag

POLICIES: dict[str, Policy] = {
    "mp077": MP077,
}
"""Those that a run can be judged by: the code in force. What is published is never what if."""
DEFAULT_POLICY = MP077
OTHERS: dict[str, Policy] = {one.name: one for one in (BEFORE, REQUIREMENTS, PIA, ALTERNATIVE)}
"""Readings to compare it with."""


class UnknownPolicy(ValueError):
    """There is no policy of a name; the text says which there are."""


@dataclass(frozen=True)
class Way:
    """One way to read an open case of mp077: the flags that it then accepts."""

    words: str
    accepted: tuple[Flag | None, ...]


WAYS: dict[str, dict[str, Way]] = {
    "installed-paused": {
        "I": Way("only the meter that is InstalledNotCommissioned counts", (Flag.I,)),
        "A": Way("the other meter was Commissioned, and its A stands", (Flag.A,)),
    },
    "installed-pending": {
        "I": Way("a meter that is not installed yet is not associated", (Flag.I,)),
        "stands": Way(
            "not all are InstalledNotCommissioned, so nothing moves the flag", (Flag.I, Flag.A, Flag.N, None)
        ),
    },
    "paused": {
        "stands": Way("nothing moves the flag", (Flag.A, Flag.I, Flag.N, None)),
        "N": Way("none is InstalledNotCommissioned or Commissioned now, and one has been", (Flag.N,)),
    },
    "unseen": {
        "none": Way("there never was a meter", (None,)),
        "N": Way("there has been a meter, before our first file", (Flag.N,)),
    },
}
"""Each open case of mp077 by its name, read one way or the other."""


def policy_named(name: str) -> Policy:
    """The policy of a name that a run can be judged by. Raises UnknownPolicy."""
    if name in OTHERS:
        raise UnknownPolicy(f"Policy {name} is there to ask what if. A run is judged by {', '.join(POLICIES)}.")
    if name not in POLICIES:
        raise UnknownPolicy(f"There is no policy {name}. Choose one of {', '.join(POLICIES)}.")
    return POLICIES[name]


def reading_named(name: str) -> Policy:
    """Any policy, or mp077 with open cases read one way: `mp077:paused=N,unseen=none`. Raises UnknownPolicy."""
    base, given, said = name.partition(":")
    known = {**POLICIES, **OTHERS}
    if base not in known or (given and base != MP077.name):
        raise UnknownPolicy(f"There is no policy {name}. Choose one of {', '.join(known)}.")
    return _read(tuple(sorted(_chosen(said)))) if given else known[base]


def _chosen(said: str) -> Iterator[tuple[str, str]]:
    """Case and way of each part. Raises UnknownPolicy."""
    names: set[str] = set()
    for part in said.split(","):
        name, _, way = part.partition("=")
        if name in names or way not in WAYS.get(name, {}):
            ways = "; ".join(f"{case}={' or '.join(ways)}" for case, ways in WAYS.items())
            raise UnknownPolicy(f"{part or 'Nothing'} is no reading of mp077. Those are, each once: {ways}.")
        names.add(name)
        yield name, way


@cache
def _read(ways: tuple[tuple[str, str], ...]) -> Policy:
    """mp077 with some of its open cases closed."""
    chosen = dict(ways)
    cases = tuple(_closed(case, chosen[case.name]) if case.name in chosen else case for case in CASES)
    said = ",".join(f"{name}={way}" for name, way in ways)
    return replace(
        MP077,
        name=f"{MP077.name}:{said}",
        title=f"MP077 with {said}",
        judge=partial(judged_by, cases),
        about="; ".join(f"{name}: {WAYS[name][way].words}" for name, way in ways),
        cases=cases,
    )


def _closed(case: Case, way: str) -> Case:
    return replace(case, accepted=WAYS[case.name][way].accepted, undetermined="", once=None)


def choices() -> tuple[Policy, ...]:
    """What people choose from: every policy, and mp077 with one open case read one way."""
    ways = ((f"{MP077.name}:{name}={way}") for name, both in WAYS.items() for way in both)
    return (*POLICIES.values(), *OTHERS.values(), *map(reading_named, ways))
