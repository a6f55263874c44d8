"""The policies that a run can be judged by.

In: a name. Out: Policy. Called by whoever starts, judges or explains a run.
"""

from .mp077 import MP077
from .policy import Policy

POLICIES: dict[str, Policy] = {
    "mp077": MP077,
}
DEFAULT_POLICY = MP077


class UnknownPolicy(ValueError):
    """There is no policy of a name; the text says which there are."""


def policy_named(name: str) -> Policy:
    """The policy of a name. Raises UnknownPolicy."""
    if name not in POLICIES:
        raise UnknownPolicy(f"There is no policy {name}. Choose one of {', '.join(POLICIES)}.")
    return POLICIES[name]
