"""Nightly crosstie under Airflow 3 (seen with 3.3).

A bare cron string makes an interval of no length in Airflow 3: its start is the night of the run, a day too late. So the
timetable is named, and `data_interval_start` lies in the day that is over. The worker needs the binary and the files.
"""

import os
import subprocess
from datetime import datetime, timedelta, timezone

from airflow.sdk import CronDataIntervalTimetable, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PIPELINE = os.environ.get("CROSSTIE_PIPELINE", "/etc/crosstie/acme.toml")
TRY_AGAIN = 75


def judge(code: int) -> None:
    """Fails for good where a second try would end alike; a code below zero is a signal."""
    if code == 0:
        return
    if code == TRY_AGAIN or code < 0 or code > 128:
        raise AirflowException(f"crosstie ended with {code}: try again later")
    raise AirflowFailException(f"crosstie ended with {code}: see docs/operations.md")


# Two runs at once would only wait for each other; without a start date nothing is ever scheduled.
@dag(
    schedule=CronDataIntervalTimetable("10 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
)
def crosstie():
    @task(retries=5, retry_delay=timedelta(minutes=30))
    def night(data_interval_start=None):
        day = data_interval_start.date().isoformat()
        command = ["crosstie", "run", PIPELINE, "--date", day, "--log-format", "json"]
        judge(subprocess.run(command, check=False).returncode)

    night()


crosstie()
