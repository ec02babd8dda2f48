"""Databases as systems: read by key and by stamp, page by page, and never written to."""
