"""What binds the library to Apache Airflow; the only package that imports it."""
