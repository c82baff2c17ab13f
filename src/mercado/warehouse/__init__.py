"""The warehouse: connections, schema migrations, staging and merging, and the record of every load."""
