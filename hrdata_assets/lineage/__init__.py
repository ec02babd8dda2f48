"""Lineage: published rows, missing ones and names followed to the lines of the files they came from."""
