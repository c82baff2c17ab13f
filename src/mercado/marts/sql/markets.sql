-- Cities and markets of which there are prices, with what is known of their series. Grain: market.
with found as (
    select
        search_name, name as market, array_agg(dataset order by dataset) as datasets, min(first_day) as first_day,
        max(last_day) as last_day
    from sipsa_data.price_names
    where kind = 'market' and {filters}
    group by search_name, name
),
page as (
    select *
    from found
    where {after}
    order by {order}
    limit {limit}
)
select
    page.*, series.product_count, case when page.datasets = array['city_daily'] then 'city' else 'market' end as kind
from page
cross join lateral (
    select count(distinct product) as product_count
    from sipsa_data.price_series
    where price_series.market = page.market and price_series.dataset = any (page.datasets)
) as series
order by {order}
