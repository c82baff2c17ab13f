-- Remove the series that have no price any more, because their rows are shown under another name since, and then the
-- names that have no series. Grain of what goes: product, market, dataset, unit; and kind, name, dataset.
with gone as (
    delete from sipsa_data.price_series as series
    where series.dataset = %(dataset)s
        and not exists (
            select
            from {rows} as prices
            where (prices.product_name_normalised, prices.{market}, prices.price_unit)
                = (series.product, series.market, series.price_unit)
        )
    returning series.product, series.market, series.price_unit
)
delete from sipsa_data.price_names as names
where names.dataset = %(dataset)s
    and exists (select from gone where names.name = case names.kind when 'product' then gone.product else gone.market end)
    and not exists (
        select
        from sipsa_data.price_series as series
        where series.dataset = %(dataset)s
            and names.name = case names.kind when 'product' then series.product else series.market end
            and (series.product, series.market, series.price_unit)
                not in (select gone.product, gone.market, gone.price_unit from gone)
    )
