-- End a file's load in the transaction that loads or refuses it, so that a process killed right afterwards leaves no load
-- that seems to run. Idempotent: it sets what is so.
update ops.loads
set status = %(status)s,
    error = %(error)s,
    rows_rejected = %(rows_rejected)s,
    notes = %(notes)s,
    finished_at_utc = clock_timestamp()
where load_id = %(load_id)s
