"""Where cells stand: the last row and column that a sheet of Excel has, and the letters of its columns."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


def column_of(letters: str) -> int:
    """Number of the column of these capital letters; A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def letters_of(column: int) -> str:
    """The letters that a sheet shows above a column: A, B, …, Z, AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
