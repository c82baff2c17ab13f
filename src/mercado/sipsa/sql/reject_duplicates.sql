-- Keep the first row of each natural key in staging; return the others' places, where the first is, and what they say.
with repeated as (
    select {key}, min(position) as first_position
    from {staging}
    group by {key}
    having count(*) > 1
)
delete from {staging} as staged
using repeated
where ({key_of_staged}) = ({key_of_repeated}) and staged.position > repeated.first_position
returning staged.position, repeated.first_position, (to_jsonb(staged) - 'position')::text as raw_text
