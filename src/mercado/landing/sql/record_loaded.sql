-- Record that a content was loaded. Grain: the content, by its digest.
-- Loaded again (a replay), the row tells of the latest load; ops.loads has the earlier ones.
insert into sipsa_data.file_ingestion_log as kept (
    file_sha256, file_names, byte_count, layout, report_date, last_day, status, rows_read, rows_inserted, rows_updated,
    rows_unchanged, rows_rejected, notes, load_id
)
values (
    %(sha256)s, array[%(name)s], %(byte_count)s, %(layout)s, %(report_date)s, %(last_day)s, 'loaded', %(rows_read)s,
    %(inserted)s, %(updated)s, %(unchanged)s, %(rows_rejected)s, %(notes)s, %(load_id)s
)
on conflict (file_sha256) do update
set file_names = array_append(array_remove(kept.file_names, %(name)s), %(name)s),
    layout = excluded.layout,
    report_date = excluded.report_date,
    last_day = excluded.last_day,
    status = excluded.status,
    rows_read = excluded.rows_read,
    rows_inserted = excluded.rows_inserted,
    rows_updated = excluded.rows_updated,
    rows_unchanged = excluded.rows_unchanged,
    rows_rejected = excluded.rows_rejected,
    notes = excluded.notes,
    error = null,
    load_id = excluded.load_id,
    removed_at_utc = null,
    attempts = kept.attempts + 1,
    last_seen_utc = excluded.last_seen_utc,
    finished_at_utc = excluded.finished_at_utc
