-- Record that a content which is loaded was dropped again, perhaps under another name. Grain: the content, by its digest.
update sipsa_data.file_ingestion_log
set file_names = array_append(array_remove(file_names, %(name)s), %(name)s),
    last_seen_utc = statement_timestamp()
where file_sha256 = %(sha256)s
