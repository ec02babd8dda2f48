"""Workbooks of every kind, each written into a folder of its own, with the table that it must become."""

from hrdata_assets_tests.excel.corpus import (
    dates,
    declared,
    evolution,
    formats,
    headings,
    layout,
    limits,
    names,
    numbers,
    refused,
    texts,
)
from hrdata_assets_tests.excel.corpus.case import Case

CASES: tuple[Case, ...] = (
    *numbers.CASES,
    *dates.CASES,
    *texts.CASES,
    *headings.CASES,
    *layout.CASES,
    *declared.CASES,
    *names.CASES,
    *formats.CASES,
    *limits.CASES,
    *evolution.CASES,
    *refused.CASES,
)
