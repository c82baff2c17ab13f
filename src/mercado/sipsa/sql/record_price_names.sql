-- Record the products and markets of some rows, with their days. Grain: kind, name, dataset.
-- Idempotent: what is known with these days is neither rewritten nor locked. The others are locked in one order, so that
-- two loads at once never wait for each other for ever.
with seen as (
    select
        case when grouping(product_name_normalised) = 0 then 'product' else 'market' end as kind,
        coalesce(product_name_normalised, {market}) as name, min({day}) as first_day, max({day}) as last_day
    from {rows}
    group by grouping sets ((product_name_normalised), ({market}))
)
insert into sipsa_data.price_names as kept (kind, name, dataset, first_day, last_day)
select seen.kind, seen.name, %(dataset)s, seen.first_day, seen.last_day
from seen
left join sipsa_data.price_names as known
    on (known.kind, known.name, known.dataset) = (seen.kind, seen.name, %(dataset)s)
where known.name is null or seen.first_day < known.first_day or seen.last_day > known.last_day
order by seen.kind, seen.name
on conflict (kind, name, dataset) do update
set first_day = least(kept.first_day, excluded.first_day),
    last_day = greatest(kept.last_day, excluded.last_day)
