"""The names of Airflow's task SDK that the DAG imports. The decorators refuse what Airflow's would refuse."""

DAGS = []


class CronDataIntervalTimetable:
    def __init__(self, cron, timezone):
        self.cron, self.timezone = cron, timezone


class Task:
    def __init__(self, function, **settings):
        self.function, self.settings, self.is_scheduled = function, settings, False

    def __call__(self):
        self.is_scheduled = True


def dag(*, schedule, start_date, catchup, max_active_runs):
    def decorate(function):
        def build():
            TASKS.clear()
            function()
            DAGS.append({
                "schedule": schedule,
                "start_date": start_date,
                "catchup": catchup,
                "max_active_runs": max_active_runs,
                "tasks": [made for made in TASKS if made.is_scheduled],
            })
        return build
    return decorate


TASKS = []


def task(*, retries, retry_delay):
    def decorate(function):
        made = Task(function, retries=retries, retry_delay=retry_delay)
        TASKS.append(made)
        return made
    return decorate
