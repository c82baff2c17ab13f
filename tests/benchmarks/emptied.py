"""Empty SIPSA's city prices, so that the next run starts afresh."""

import os

import psycopg

if __name__ == "__main__":
    with psycopg.connect(os.environ["MERCADO_WAREHOUSE_URL"]) as connection:
        connection.execute("truncate sipsa_data.sipsa_prices, sipsa_data.sipsa_prices_revisions")
