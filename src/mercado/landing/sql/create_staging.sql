-- Staging of one table in one transaction: temporary, so that several files can be loaded at once. Its constraints are
-- production's, so a row that breaks one, or has another's key, is named by COPY itself.
create temporary table {staging} (like {production} including constraints including indexes) on commit drop;
alter table {staging} drop column seen_from_utc, drop column load_id;
