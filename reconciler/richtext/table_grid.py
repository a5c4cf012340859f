"""Which column a table cell stands in, merged cells considered."""

from __future__ import annotations

_SPAN_MAX = 100


class Grid:
    """Counts the rows and columns of one table while its cells are met in order. `row_shown`: whether the present
    row has a line so far."""

    def __init__(self) -> None:
        self.row_shown = False
        self._column = 0
        self._rows_left: dict[int, int] = {}

    def next_row(self) -> None:
        self.row_shown = False
        self._column = 0
        self._rows_left = {column: rows - 1 for column, rows in self._rows_left.items() if rows > 1}

    def next_cell(self, columns: int, rows: int) -> int:
        """The column of the next cell, which spans so many columns and rows."""
        while self._rows_left.get(self._column, 0) > 0 and self._column in self._rows_left:
            self._column += 1
        first = self._column
        self._column += max(1, min(columns, _SPAN_MAX))
        if rows > 1:
            self._rows_left.update(dict.fromkeys(range(first, self._column), rows))
        return first
