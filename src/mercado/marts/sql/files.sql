-- Dropped workbooks. Grain: file_sha256.
select
    file_sha256, file_names, byte_count, layout, report_date, last_day, status, rows_read, rows_inserted, rows_updated,
    rows_unchanged, rows_rejected, notes, error, kept_at, attempts, first_seen_utc, last_seen_utc, finished_at_utc,
    removed_at_utc, load_id
from sipsa_data.file_ingestion_log
where {filters} and {after}
order by {order}
limit {limit}
