"""A CV as the API answers it, beside what the search said of it, made ready to be read as a row."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hrdata_assets.systems.system import Record

ENGLISH = "int"
"""Flowcase's code for the English that everybody reads."""

_TEXTS = ("title", "nationality", "place_of_residence")


def with_search(found: Record, cv: bytes) -> bytes:
    """An answer about a CV and what the search said of it, as one page of the archive."""
    said = json.dumps(found, ensure_ascii=False, default=float).encode()
    return b'{"found":' + said + b',"cv":' + cv + b"}"


def shaped_cv(told: Mapping[str, Any]) -> Record:
    """The record of such a page. KeyError, TypeError or ValueError for what is none."""
    found, cv = told["found"], told["cv"]
    if not isinstance(cv, dict) or cv["_id"] != found["_id"]:
        raise ValueError("another CV than the one asked for")
    own = {name: value for name, value in cv.items() if name != "id"}
    return {**own, "found": found, "shown": _shown(cv)}


def in_one_language(texts: object, code: object) -> str | None:
    """English where it is there, else the language of that code, else the first that says something."""
    if isinstance(texts, str):
        return texts or None
    if not isinstance(texts, dict):
        return None
    wanted = (texts.get(ENGLISH), texts.get(code), *texts.values())
    return next((text for text in wanted if isinstance(text, str) and text), None)


def _shown(cv: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader of the CV sees, in one language."""
    code = cv.get("language_code")
    skills = (skill for category in _entries(cv, "technologies") for skill in _entries(category, "technology_skills"))
    summaries = _texts(_entries(cv, "key_qualifications"), "long_description", code)
    return {
        **{name: in_one_language(cv.get(name), code) for name in _TEXTS},
        "summary": next(iter(summaries), None),
        "skills": _texts(skills, "tags", code),
        "languages": _texts(_entries(cv, "languages"), "name", code),
        "certifications": _texts(_entries(cv, "certifications"), "name", code),
        "roles": _texts(_entries(cv, "cv_roles"), "name", code),
    }


def _entries(of: Mapping[str, Any], section: str) -> Iterable[Mapping[str, Any]]:
    """Entries of a section that are not hidden."""
    listed = of.get(section)
    there = (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return (one for one in there if one.get("disabled") is not True)


def _texts(entries: Iterable[Mapping[str, Any]], name: str, code: object) -> list[str]:
    """One text of each entry that has one, each text once."""
    found = (in_one_language(entry.get(name), code) for entry in entries)
    return list(dict.fromkeys(text for text in found if text))
