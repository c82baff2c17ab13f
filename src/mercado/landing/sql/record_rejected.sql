-- Record a cell or row that was left out, or that made its file refused. Grain: load, place.
insert into ops.rejected_rows (load_id, place, rule, raw_text)
values (%(load_id)s, %(place)s, %(rule)s, %(raw_text)s)
