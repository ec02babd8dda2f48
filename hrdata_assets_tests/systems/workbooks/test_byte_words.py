"""Bytes as words, and texts as views of them."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.byte_words import Content, numbers_of, place_of, spans, word
from hrdata_assets.systems.workbooks.text_views import TextColumn, Views

eight_bytes = st.one_of(
    st.binary(min_size=8, max_size=8), st.text('0123456789" ', min_size=8, max_size=8).map(str.encode)
)
texts = st.lists(st.text(max_size=30), max_size=8)


@given(st.lists(eight_bytes, max_size=5))
def test_a_character_is_found_where_it_stands_first(words: list[bytes]) -> None:
    found = place_of(np.array([int.from_bytes(one, "little") for one in words], np.uint64), '"')
    assert found.tolist() == [(one + b'"').index(b'"') for one in words]


@given(st.lists(st.tuples(eight_bytes, st.integers(-1, 10)), min_size=1, max_size=5))
def test_numbers_are_those_that_the_digits_write(given_: list[tuple[bytes, int]]) -> None:
    words = np.array([int.from_bytes(one, "little") for one, _ in given_], np.uint64)
    numbers, are_numbers = numbers_of(words, np.array([length for _, length in given_]))
    written = [one[:length] if 1 <= length <= 8 else b"" for one, length in given_]
    assert are_numbers.tolist() == [one.isdigit() for one in written]
    assert numbers[are_numbers].tolist() == [int(one) for one in written if one.isdigit()]


@given(st.binary(max_size=20))
def test_every_word_of_a_content_can_be_had(content: bytes) -> None:
    places = np.arange(len(content) + 1)
    expected = [int.from_bytes(content[place : place + 8], "little") for place in places]
    assert Content(content).words(places).tolist() == expected


def test_a_word_is_what_its_text_begins_with() -> None:
    assert Content(b"inlineStr").words(np.array([0, 6])).tolist() == [word("inlineSt"), word("Str")]


def test_spans_follow_each_other() -> None:
    assert spans(np.array([5, 0, 9]), np.array([2, 0, 1])).tolist() == [5, 6, 9]


@given(texts, texts)
def test_a_column_has_the_texts_that_were_put_into_it_from_several_places(some: list[str], others: list[str]) -> None:
    content = "".join(some).encode()
    lengths = np.array([len(text.encode()) for text in some], np.intp)
    column = TextColumn(len(some) + len(others) + 1)
    first, second = np.arange(len(some)), np.arange(len(some), len(some) + len(others))
    column.put(second, Views.of(pl.Series(others, dtype=pl.String)))
    column.put(first, Views.into(Content(content), np.cumsum(lengths) - lengths, lengths))
    assert column.series().to_list() == [*some, *others, ""]
