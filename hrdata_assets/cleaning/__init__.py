"""Values, headers and frames: pure functions from delivered text to typed columns."""
