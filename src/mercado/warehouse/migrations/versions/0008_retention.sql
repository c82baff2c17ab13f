-- A file that retention removed leaves its row: what it was stays known, and that it is gone on purpose.
alter table sipsa_data.file_ingestion_log add column removed_at_utc timestamptz;
alter table sipsa_data.file_ingestion_log add constraint only_refused_files_are_removed
    check (removed_at_utc is null or status = 'refused');
comment on column sipsa_data.file_ingestion_log.removed_at_utc is
    'When retention removed the quarantined file and its report; null while they are kept.';

alter table ops.load_answers add column removed_at_utc timestamptz;
comment on column ops.load_answers.removed_at_utc is
    'When retention removed the raw answer from data/raw; null while it is kept, and for sources whose answers never are.';
