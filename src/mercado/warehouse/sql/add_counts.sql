-- Add what a merge changed to its load; runs in the merge's transaction.
update ops.loads
set rows_inserted = rows_inserted + %(inserted)s,
    rows_updated = rows_updated + %(updated)s,
    rows_unchanged = rows_unchanged + %(unchanged)s
where load_id = %(load_id)s;
