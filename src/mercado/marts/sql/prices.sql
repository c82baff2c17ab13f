-- Prices. Grain: as sipsa_data.food_prices.
select
    dataset, product, market, day, last_day, min_price_cop, mean_price_cop, max_price_cop, price_unit, product_in_source,
    market_in_source, series_in_source, seen_from_utc, load_id
from sipsa_data.food_prices
where {filters} and {after}
order by {order}
limit {limit}
