-- Products of which there are prices, with what is known of their series. Grain: product.
with found as (
    select
        search_name, name as product, array_agg(dataset order by dataset) as datasets, min(first_day) as first_day,
        max(last_day) as last_day
    from sipsa_data.price_names
    where kind = 'product' and {filters}
    group by search_name, name
),
page as (
    select *
    from found
    where {after}
    order by {order}
    limit {limit}
)
select page.*, series.units, series.market_count
from page
cross join lateral (
    select array_agg(distinct price_unit) as units, count(distinct market) as market_count
    from sipsa_data.price_series
    where price_series.product = page.product and price_series.dataset = any (page.datasets)
) as series
order by {order}
