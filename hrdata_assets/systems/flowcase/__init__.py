"""Flowcase (formerly CV Partner): quarterly CV reports."""
