"""What crosstie_dag.py needs of Airflow 3, for machines without it: enough to run its one task."""
