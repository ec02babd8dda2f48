"""JSON of pages: read fast, and as Python's own reader reads it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hrdata_assets.systems.answers import Answer, MalformedPageError, json_of


def plainly(content: bytes) -> Any:
    """What it says, or that it is no JSON."""

    def refused(text: str) -> Any:
        raise ValueError(text)

    try:
        return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=refused)
    except ValueError:
        return ValueError


def ours(content: bytes) -> Any:
    try:
        return json_of(content)
    except ValueError:
        return ValueError


def kinds(value: Any) -> Any:
    """Values with their types: 1 is not 1.0, and true is not 1."""
    if isinstance(value, dict):
        return [(name, kinds(inner)) for name, inner in value.items()]
    return [kinds(inner) for inner in value] if isinstance(value, list) else (type(value), str(value))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_whatever_is_json_is_read_as_it_says(value: Any, spelt_out: bool) -> None:
    content = json.dumps(value, ensure_ascii=spelt_out).encode("utf-8", "surrogatepass")
    assert kinds(ours(content)) == kinds(plainly(content))


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=12) | st.text(r'{}[]":,0123456789.eE+-truefalsn\ud8' + " ", max_size=12).map(str.encode))
@example(b"NaN")
@example(b"[Infinity]")
@example(b'{"a": 1, "a": 2}')
@example(b'"\\ud800"')
@example(b'"\\ud83d\\ude00"')
@example(b'"\\u0000"')
@example(b"-0")
@example(b"-0.0")
@example(b"0.10")
@example(b"1e5")
@example(b"18446744073709551616")
@example(b"1" + b"0" * 5_000)
@example(b"01")
@example(b"[1,]")
@example(b"\xef\xbb\xbf1")
@example(b'"\xff"')
@example(b'"\xed\xa0\x80"')
@example(b"")
def test_what_the_one_reader_refuses_the_other_refuses_too(content: bytes) -> None:
    assert kinds(ours(content)) == kinds(plainly(content))


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"1e99999999999999999999", b"<p>"]
)
def test_what_nobody_can_read_is_a_malformed_page(content: bytes) -> None:
    with pytest.raises(MalformedPageError, match="no JSON"):
        Answer(200, {}, content, "/page").json()
