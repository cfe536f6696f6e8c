"""Runs the one task of a DAG file for the night of 2026-03-31, against the `crosstie` that is first in PATH.

Usage: run_dag.py DAG. Prints `success`, or the name of the exception that Airflow would see. Always with the stub of
Airflow beside this file: Airflow itself is too heavy for a test of ten lines.
"""

import runpy
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent / "airflow_stub"))

from airflow.sdk import DAGS  # noqa: E402

runpy.run_path(sys.argv[1])
[dag] = DAGS
assert (dag["schedule"].cron, dag["schedule"].timezone) == ("10 3 * * *", "UTC")
assert dag["catchup"] is False and dag["max_active_runs"] == 1 and dag["start_date"].tzinfo is not None
[night] = dag["tasks"]
assert night.settings["retries"] >= 1
try:
    # The interval of the run on the 31st begins a day earlier.
    night.function(data_interval_start=datetime(2026, 3, 30, 3, 10, tzinfo=timezone.utc))
    print("success")
except Exception as error:
    print(type(error).__name__)
