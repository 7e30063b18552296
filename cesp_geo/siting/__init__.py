"""The decisions: pure functions from values to values."""
