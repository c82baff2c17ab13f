"""The floor: the answer streamed from the service, parsed incrementally by lxml, its bare values copied, no more."""

import os
import sys

import psycopg
import requests
from lxml import etree

BODY = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
    '<n:promediosSipsaCiudad xmlns:n="http://servicios.sipsa.co.gov.dane/"/></e:Body></e:Envelope>'
)
TABLE = "create unlogged table if not exists floor_prices (a int, b text, c date, d text, e numeric, f int)"
FIELDS = ("codProducto", "ciudad", "fechaCaptura", "producto", "precioPromedio", "regId")

if __name__ == "__main__":
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    address = sys.argv[1].removesuffix("?WSDL")
    with (
        psycopg.connect(os.environ["MERCADO_WAREHOUSE_URL"]) as connection,
        requests.post(address, data=BODY, headers=headers, stream=True, timeout=600) as answer,
        connection.cursor() as cursor,
    ):
        answer.raw.decode_content = True
        cursor.execute(TABLE)
        cursor.execute("truncate floor_prices")
        with cursor.copy("copy floor_prices from stdin") as copy:
            for _, item in etree.iterparse(answer.raw, tag="return", huge_tree=True):
                texts = {child.tag: child.text for child in item}
                copy.write_row([texts[name][:10] if name == "fechaCaptura" else texts[name] for name in FIELDS])
                item.clear()
                while item.getprevious() is not None:
                    del item.getparent()[0]
