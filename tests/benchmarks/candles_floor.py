"""The floor: the archive's files fetched, unzipped and copied as they are into a table without keys and rules."""

import io
import os
import sys
import zipfile

import psycopg
import requests

TABLE = """
create unlogged table floor_candles (
    open_time bigint, a numeric, b numeric, c numeric, d numeric, e numeric, close_time bigint, f numeric, g bigint,
    h numeric, i numeric, unused text
)
"""

if __name__ == "__main__":
    with psycopg.connect(os.environ["MERCADO_WAREHOUSE_URL"]) as connection, requests.Session() as session:
        connection.execute(TABLE)
        with connection.cursor() as cursor, cursor.copy("copy floor_candles from stdin with (format csv)") as copy:
            for url in sys.argv[1:]:
                with zipfile.ZipFile(io.BytesIO(session.get(url, timeout=60).content)) as archive:
                    copy.write(archive.read(archive.namelist()[0]))
