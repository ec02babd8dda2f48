"""Workbooks: any tree of Excel and OpenDocument spreadsheets."""
