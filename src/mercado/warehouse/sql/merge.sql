-- Merge a table's staging into its production. Grain: the table's natural key.
-- Idempotent: an equal row is not rewritten, so a repeated load reports 0 inserted, 0 updated. Where an amount changed,
-- the earlier row is kept in the revisions with the time in which it was the known one.
-- Nobody else merges rows of these keys meanwhile (an advisory lock of the caller's), so no row can appear between the
-- comparison and the insert; that makes "on conflict", which costs half as much again, needless.
with compared as materialized (
    select staged.*,
        kept.load_id is null as is_new,
        ({amounts_of_kept}) is distinct from ({amounts_of_staged}) as is_revised
    from {staging} as staged
    left join {production} as kept on ({key_of_kept}) = ({key_of_staged})
    where kept.load_id is null or ({others_of_kept}) is distinct from ({others_of_staged})
),
revisions as (
    insert into {revisions} ({kept_columns}, seen_until_utc)
    select {kept_columns_of_kept}, statement_timestamp()
    from {production} as kept
    join compared on ({key_of_kept}) = ({key_of_compared})
    where not compared.is_new and compared.is_revised
),
inserted as (
    insert into {production} ({columns}, seen_from_utc, load_id)
    select {columns}, statement_timestamp(), %(load_id)s
    from compared
    where is_new
    returning 1
),
updated as (
    update {production} as kept
    set {assignments},
        seen_from_utc = case when compared.is_revised then statement_timestamp() else kept.seen_from_utc end,
        load_id = %(load_id)s
    from compared
    where not compared.is_new and ({key_of_kept}) = ({key_of_compared})
    returning 1
)
select
    (select count(*) from inserted) as inserted,
    (select count(*) from updated) as updated,
    (select count(*) from {staging}) - (select count(*) from compared) as unchanged
