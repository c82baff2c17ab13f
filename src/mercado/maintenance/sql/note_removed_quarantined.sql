-- Note that a quarantined file is gone, unless it was dropped again or loaded meanwhile. Grain: the content.
-- Idempotent: the first removal counts.
update sipsa_data.file_ingestion_log
set removed_at_utc = %(now)s
where file_sha256 = %(sha256)s
    and kept_at = %(kept_at)s
    and status = 'refused'
    and finished_at_utc < %(before)s
    and removed_at_utc is null
