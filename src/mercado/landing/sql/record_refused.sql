-- Record that a content was refused. Grain: the content, by its digest.
-- A content that was loaded before stays loaded, since its rows are in the tables; only the error of the attempt is added.
insert into sipsa_data.file_ingestion_log as kept (
    file_sha256, file_names, byte_count, status, rows_rejected, error, load_id
)
values (
    %(sha256)s, array[%(name)s], %(byte_count)s, 'refused', %(rows_rejected)s, %(error)s, %(load_id)s
)
on conflict (file_sha256) do update
set file_names = array_append(array_remove(kept.file_names, %(name)s), %(name)s),
    rows_rejected = case kept.status when 'refused' then excluded.rows_rejected else kept.rows_rejected end,
    load_id = case kept.status when 'refused' then excluded.load_id else kept.load_id end,
    error = excluded.error,
    attempts = kept.attempts + 1,
    last_seen_utc = excluded.last_seen_utc,
    finished_at_utc = excluded.finished_at_utc
