-- The refused files whose last attempt ended before an instant, and that are still kept. Grain: the content.
select file_sha256, kept_at
from sipsa_data.file_ingestion_log
where status = 'refused' and finished_at_utc < %(before)s and kept_at is not null and removed_at_utc is null
order by finished_at_utc
