"""Which column a table cell stands in, merged cells considered."""

from __future__ import annotations

_SPARE_CELLS_MAX = 2_000
"""Merged cells may claim so many empty ones in a table; without a limit a few bytes could claim millions."""


class Grid:
    """Counts the rows and columns of one table while its cells are met in order. `row_shown`: whether the present
    row has a line so far."""

    def __init__(self) -> None:
        self.row_shown = False
        self._column = 0
        self._rows_left: dict[int, int] = {}
        self._spare = _SPARE_CELLS_MAX

    def next_row(self) -> None:
        self.row_shown = False
        self._column = 0
        self._rows_left = {column: rows - 1 for column, rows in self._rows_left.items() if rows > 1}

    def next_cell(self, columns: int, rows: int) -> int:
        """The column of the next cell, which spans so many columns and rows."""
        while self._spare > 0 and self._column in self._rows_left:
            self._column += 1
            self._spare -= 1
        first = self._column
        width = max(1, min(columns, self._spare))
        self._column += width
        self._spare -= width - 1
        if rows > 1:
            self._rows_left.update(dict.fromkeys(range(first, self._column), rows))
        return first


class Extent:
    """How far a Markdown table reaches while its cells are added. A renderer fills up short rows, but not without end:
    markdown-it stops reading a table after 65,536 missing cells, so a table that lacks more is better divided."""

    _MISSING_MAX = 50_000

    def __init__(self) -> None:
        self._rows = 1
        self._cells = 0
        self._width = 0
        self._row_width = 0

    def next_row(self) -> None:
        self._rows += 1
        self._row_width = 0

    def reach(self, width: int) -> bool:
        """Widens the present row; False if the table has become too sparse and the row should begin another."""
        self._cells += max(0, width - self._row_width)
        self._row_width = max(width, self._row_width)
        self._width = max(width, self._width)
        return self._rows == 1 or self._rows * self._width - self._cells <= self._MISSING_MAX
