-- Keep the first row of each natural key in staging; record the others as rejected. Returns how many those are.
with ranked as (
    select ctid, position, row_number() over (partition by {key} order by position) as rank,
        first_value(position) over (partition by {key} order by position) as first_position
    from {staging}
),
removed as (
    delete from {staging} as staged
    using ranked
    where staged.ctid = ranked.ctid and ranked.rank > 1
    returning ranked.position, ranked.first_position, to_jsonb(staged) - 'position' as raw_row
),
recorded as (
    insert into ops.rejected_rows (load_id, place, rule, raw_text)
    select %(load_id)s, 'item ' || position, 'natural key not seen before (item ' || first_position || ' has it)', raw_row::text
    from removed
)
select count(*) from removed;
