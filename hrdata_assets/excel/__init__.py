"""Workbooks into tables of their own: how a sheet is read, and what loading it does."""
