-- Merge a table's staging into its production. Grain: the table's natural key.
-- Idempotent: an equal row is not rewritten, so a repeated load reports 0 inserted, 0 updated. Where an amount changed,
-- the earlier row is kept in the revisions with the time in which it was the known one.
with changed as (
    insert into {revisions} ({kept_columns}, seen_until_utc)
    select {kept_columns_of_kept}, statement_timestamp()
    from {production} as kept
    join {staging} as staged on ({key_of_kept}) = ({key_of_staged})
    where ({amounts_of_kept}) is distinct from ({amounts_of_staged})
),
merged as (
    insert into {production} as kept ({columns}, seen_from_utc, load_id)
    select {columns}, statement_timestamp(), %(load_id)s
    from {staging}
    on conflict ({key}) do update
    set {assignments},
        seen_from_utc = case
            when ({amounts_of_kept}) is distinct from ({amounts_of_excluded}) then statement_timestamp()
            else kept.seen_from_utc
        end,
        load_id = excluded.load_id
    where ({others_of_kept}) is distinct from ({others_of_excluded})
    returning (xmax = 0) as is_new
)
select
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new) as updated,
    (select count(*) from {staging}) - count(*) as unchanged
from merged;
