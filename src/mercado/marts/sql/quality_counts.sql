-- What is wrong with the data, in numbers. Grain: one row.
select
    (select coalesce(sum(rows_rejected), 0)::bigint from ops.loads) as rejected_rows,
    (select count(*) from sipsa_data.file_ingestion_log where status = 'refused' and removed_at_utc is null)
        as quarantined_files,
    (select coalesce(sum(missing_count), 0)::bigint from market_data.kline_gaps) as missing_candles,
    (select count(*) from market_data.kline_gaps) as gap_count,
    (select count(*) from sipsa_data.unmapped_names) as unmapped_names
