"""The rules by which a served model is watched."""
