"""Watching a served forecaster: what came true, whether its input still looks like its training, and what to do."""
