"""The DAGs, parsed and run by Airflow."""
