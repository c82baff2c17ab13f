-- The newest price of each series of a product, and the one before it. Grain: market, dataset, unit.
select
    series.dataset, series.market, newest.day, newest.mean_price_cop, series.price_unit, earlier.day as previous_day,
    earlier.mean_price_cop as previous_price_cop,
    round(100 * (newest.mean_price_cop / earlier.mean_price_cop - 1), 2) as change_pct, newest.load_id
from sipsa_data.price_series as series
cross join lateral (
    select day, mean_price_cop, load_id
    from sipsa_data.food_prices as prices
    where (prices.product, prices.market, prices.dataset, prices.price_unit)
        = (series.product, series.market, series.dataset, series.price_unit)
    order by day desc
    limit 1
) as newest
left join lateral (
    select day, mean_price_cop
    from sipsa_data.food_prices as prices
    where (prices.product, prices.market, prices.dataset, prices.price_unit)
        = (series.product, series.market, series.dataset, series.price_unit)
        and prices.day < newest.day
    order by day desc
    limit 1
) as earlier on true
where series.product = %(product)s
    and (%(dataset)s::text is null or series.dataset = %(dataset)s)
order by series.price_unit, newest.mean_price_cop desc, series.market, series.dataset
