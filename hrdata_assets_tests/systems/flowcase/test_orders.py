"""What was ordered outlives the process, holds for a day and one account, and can be read by its owner only."""

import datetime
import json
import os
import stat
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.flowcase.orders import OrderBook, Piece, sweep

PIECE = Piece("courses", ("b", "a"))


def test_orders_and_pieces_are_found_again(tmp_path: Path) -> None:
    book = OrderBook(tmp_path / "Q22026", "account")
    assert (book.order(PIECE), book.has(PIECE)) == (None, False)
    book.remember(PIECE, "order 1")
    book.keep(PIECE, b"content")
    again = OrderBook(tmp_path / "Q22026", "account")
    assert again.order(Piece("courses", ("a", "b"))) == "order 1"
    assert again.content(PIECE) == b"content"
    assert again.order(Piece("courses", ("a",))) is None
    again.forget(PIECE)
    assert OrderBook(tmp_path / "Q22026", "account").order(PIECE) is None


def test_what_was_ordered_for_another_account_or_the_day_before_is_forgotten(tmp_path: Path) -> None:
    for other in ("account", "another"):
        OrderBook(tmp_path, "account").remember(PIECE, "order 1")
        file = tmp_path / "orders.json"
        kept = json.loads(file.read_text())
        if other == "account":
            before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=25)
            file.write_text(json.dumps({**kept, "begun": before.isoformat()}))
        book = OrderBook(tmp_path, other)
        assert book.order(PIECE) is None
        assert not tmp_path.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"orders": 3}', "\0"])
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "orders.json").write_text(text)
    book = OrderBook(tmp_path, "account")
    assert book.order(PIECE) is None
    book.remember(PIECE, "order 1")
    assert OrderBook(tmp_path, "account").order(PIECE) == "order 1"


def test_what_nobody_came_back_for_is_swept_away(tmp_path: Path) -> None:
    for quarter in ("Q12026", "Q22026"):
        OrderBook(tmp_path / quarter, "account").keep(PIECE, b"content")
    (tmp_path / "Q12026.lock").touch()
    for old in ("Q12026", "Q12026.lock"):
        os.utime(tmp_path / old, (1, 1))
    sweep(tmp_path)
    sweep(tmp_path / "nowhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Q12026.lock", "Q22026"]


def test_only_its_owner_can_read_what_has_arrived(tmp_path: Path) -> None:
    book = OrderBook(tmp_path / "Q22026", "account")
    book.remember(PIECE, "order 1")
    book.keep(PIECE, b"content")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "Q22026").iterdir()}
    assert (modes, stat.S_IMODE((tmp_path / "Q22026").stat().st_mode)) == ({0o600}, 0o700)


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot be made"):
        OrderBook(tmp_path / "file" / "Q22026", "account").remember(PIECE, "order 1")
