"""The plain way to load SIPSA's city prices: zeep's objects, a DataFrame, ``to_sql``, one merge statement."""

import os
import sys

import pandas as pd
import sqlalchemy
import zeep
from zeep.helpers import serialize_object

MERGE = """
insert into plain_prices
select distinct on ("codProducto", ciudad, day) "codProducto", ciudad, day, producto, "precioPromedio"
from plain_staging
on conflict (product_code, city_name, capture_date) do update
set product_name = excluded.product_name, average_price = excluded.average_price
"""
TABLE = """
create table if not exists plain_prices (
    product_code integer, city_name text, capture_date date, product_name text, average_price numeric,
    primary key (product_code, city_name, capture_date)
)
"""

if __name__ == "__main__":
    wsdl_url = sys.argv[1]
    client = zeep.Client(wsdl_url)
    address = wsdl_url.removesuffix("?WSDL")
    service = client.create_service("{http://servicios.sipsa.co.gov.dane/}SrvSipsaUpraPortBinding", address)
    frame = pd.DataFrame(serialize_object(service.promediosSipsaCiudad()))
    frame["day"] = pd.to_datetime(frame["fechaCaptura"], utc=True).dt.date
    frame = frame.astype({"precioPromedio": float, "codProducto": int, "regId": int, "enviado": float})
    url = os.environ["MERCADO_WAREHOUSE_URL"].replace("postgresql:", "postgresql+psycopg2:")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        frame.to_sql("plain_staging", connection, if_exists="replace", index=False)
        connection.execute(sqlalchemy.text(TABLE))
        connection.execute(sqlalchemy.text(MERGE))
