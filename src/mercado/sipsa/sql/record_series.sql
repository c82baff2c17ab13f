-- Record the series of some rows. Grain: product, market, dataset, unit.
-- Idempotent: a series that is known is neither rewritten nor locked. New ones are inserted in one order, so that two loads
-- at once never wait for each other for ever.
insert into sipsa_data.price_series (product, market, dataset, price_unit)
select seen.product, seen.market, %(dataset)s, seen.price_unit
from (
    select distinct product_name_normalised as product, {market} as market, price_unit
    from {rows}
) as seen
where not exists (
    select
    from sipsa_data.price_series as known
    where (known.product, known.market, known.dataset, known.price_unit)
        = (seen.product, seen.market, %(dataset)s, seen.price_unit)
)
order by seen.product, seen.market, seen.price_unit
on conflict do nothing
