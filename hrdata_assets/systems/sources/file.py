"""The sources file: YAML, taken strictly; whatever is wrong in it is told with its line, and never quoted."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from pydantic import ValidationError

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.sources.declaration import FILE, AnySource

_MOST_BYTES = 1024**2
_DEEPEST = 20
_MUST = {
    "missing": "is missing: add it",
    "extra_forbidden": "is not known: remove it, or see how it is spelt",
    "string_type": "must be a text: put quotes around it",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be names with what belongs to each below them",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "model_type": "must be names with values below it",
    "union_tag_not_found": "needs its kind (or, for paging, its style)",
}
_PATTERNS = {
    "_from": "must be the name of a variable such as PAYROLL_URL, never the value itself",
    "table": "must be a table, or a schema and a table with a dot between them",
    "path": "must begin with /; what follows a ? belongs below params",
}
_TAGS = frozenset(
    {
        *("database", "mongodb", "rest", "link_header", "page_number", "offset", "cursor", "[key]"),
        *("none", "api_key", "bearer", "basic", "client_credentials"),
    }
)
_NAME = "must be a short name of small letters, digits and _"


def read_sources(path: Path) -> Mapping[str, AnySource]:
    """Read the file. SetupError tells the first thing that is wrong, with its line and what may stand there."""
    root = _composed(path)
    told = _plain(root, path) if root is not None else {}
    try:
        return FILE.validate_python(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        line, names = _place(root, first["loc"])
        raise _fault(path, line, f"{'.'.join(names) or 'the file'} {_says(first, names)}") from None


def _composed(path: Path) -> Any:
    """The root of the file's YAML. What refers to other places or makes objects is not let in."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SetupError(f"{path} is no UTF-8: save it as UTF-8") from None
    except OSError as error:
        raise SetupError(f"HRDATA_SOURCES: {path} cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise SetupError(f"{path} has more than {_MOST_BYTES} bytes, which no list of sources needs: shorten it")
    try:
        for line, says in _excesses(text):
            raise _fault(path, line, says)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        raise _fault(path, line, f"this is no YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError):
        raise SetupError(f"{path} holds a character that no YAML may hold: remove it") from None


def _excesses(text: str) -> Iterator[tuple[int, str]]:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            yield event.start_mark.line + 1, f"nothing is declared more than {_DEEPEST} levels deep: see README"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            yield event.start_mark.line + 1, "references (*) and tags (!) are not read: write the value itself"


def _plain(node: Any, path: Path) -> Any:
    """Values as YAML means them. SetupError for a name that stands twice."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, path) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return yaml.SafeLoader("").construct_object(node)
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
            raise _fault(path, _line(key), "a name is expected here: put quotes around it if YAML takes it otherwise")
        if key.value in found:
            raise _fault(path, _line(key), f"{key.value} stands here for the second time: keep one of the two")
        found[key.value] = _plain(value, path)
    return found


def _place(root: Any, parts: Sequence[object]) -> tuple[int, list[str]]:
    """Line of a place, or of what lies nearest above it, and the names that lead there.

    Which of several kinds was tried is a part of pydantic's place that the file does not have.
    """
    node, line = root, 1 if root is None else _line(root)
    names: list[str] = []
    for part in parts:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = _line(node)
            continue
        pair = next((p for p in getattr(node, "value", ()) if isinstance(p, tuple) and p[0].value == part), None)
        if pair is None and part in _TAGS:
            continue
        names.append(str(part))
        if pair is None:
            break
        line, node = _line(pair[0]), pair[1]
    return line, names


def _says(first: Any, names: list[str]) -> str:
    kind, last = first["type"], names[-1] if names else ""
    if kind == "value_error":
        return f"cannot be as it is: {first['ctx']['error']}"
    if kind == "string_pattern_mismatch":
        return next((says for end, says in _PATTERNS.items() if last.endswith(end)), _NAME)
    if kind in ("literal_error", "union_tag_invalid"):
        expected = first["ctx"].get("expected") or first["ctx"].get("expected_tags")
        return f"must be one of {expected}"
    # pydantic's own sentence says what was expected, and not what was found.
    return _MUST.get(kind) or f"cannot be used: {first['msg']}"


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _fault(path: Path, line: int, says: str) -> SetupError:
    return SetupError(f"{path}, line {line}: {says}")
