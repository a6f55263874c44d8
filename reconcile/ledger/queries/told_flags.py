"""Every flag that registration had for one Meter Point, as far as a refresh among a run's inputs tells.

In: a run and a number. Out: ToldFlags, the oldest first. Called by points, which knows the scope.
"""

from reconcile.lake.flag_history import ToldFlag, flag_history
from reconcile.models import Run

from ..inputs import of_run


def told_flags(run: Run, mpxn: int) -> list[ToldFlag]:
    """See the module."""
    return flag_history(of_run(run).inputs, mpxn)
