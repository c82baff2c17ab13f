-- Where the candles of a series came from: no or one row, because a load from another origin is refused.
select origin
from ops.loads
where source = 'binance' and scope = %(scope)s and rows_inserted > 0
order by load_id desc
limit 1
