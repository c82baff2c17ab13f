-- Record the series of some rows. Grain: product, market, dataset, unit.
-- Idempotent: a series that is known is neither rewritten nor locked. New ones are inserted in one order, so that two loads
-- at once never wait for each other for ever. EXCEPT, for it looks at each row once whatever the planner knows of the tables.
insert into sipsa_data.price_series (product, market, dataset, price_unit)
select fresh.product, fresh.market, %(dataset)s, fresh.price_unit
from (
    select product_name_normalised as product, {market} as market, price_unit
    from {rows}
    except
    select known.product, known.market, known.price_unit
    from sipsa_data.price_series as known
    where known.dataset = %(dataset)s
) as fresh
order by fresh.product, fresh.market, fresh.price_unit
on conflict do nothing
