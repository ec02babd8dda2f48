"""Moves between systems."""
