"""What a person reads of a training: a text table, charts, and a self-contained page."""
