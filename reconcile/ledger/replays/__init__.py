"""The kept history judged again, day by day, under any policy: asked for as a job, which several workers may share.

`asking`: the job and its helpers. `days`: one day, taken by one worker and kept. Read through queries.replayed.
"""

from .asking import days_to_share, do_job, replay_day, start_replay
from .days import forget

__all__ = ["days_to_share", "do_job", "forget", "replay_day", "start_replay"]
