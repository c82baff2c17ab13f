-- The files whose digest begins so. Grain: the content, by its digest.
select file_sha256, file_names, byte_count, layout, report_date, status, rows_rejected, error, kept_at, load_id, attempts,
    finished_at_utc, removed_at_utc
from sipsa_data.file_ingestion_log
where starts_with(file_sha256, %(beginning)s)
order by file_sha256
