"""Scheduled jobs: one worker leads and runs them; every job runs once a day and catches up after downtime."""

from chizheng.service.jobs.scheduling import standing_for_leader

__all__ = ["standing_for_leader"]
