create table sipsa_data.names (
    kind text not null check (kind in ('product', 'market', 'city')),
    name text not null,
    canonical text not null,
    is_mapped boolean not null,
    first_seen_utc timestamptz not null default statement_timestamp(),
    last_seen_utc timestamptz not null default statement_timestamp(),
    primary key (kind, name)
);
comment on table sipsa_data.names is
    'Every name of a product, market or city that a source has written, and what it is shown as. Grain: kind, the source''s text.';
comment on column sipsa_data.names.canonical is 'The one spelling; of an unmapped name the source''s own text, tidied.';
comment on column sipsa_data.names.is_mapped is 'Whether the reviewed tables of names know it, as of the last load that had it.';

create view sipsa_data.unmapped_names as
select kind, name, canonical, first_seen_utc, last_seen_utc
from sipsa_data.names
where not is_mapped;
comment on view sipsa_data.unmapped_names is
    'Names that no reviewed table knows: rows with them are loaded all the same. Add them to the tables in mercado/sipsa/names.';
