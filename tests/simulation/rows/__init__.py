"""Rows: the fault list of reliability.md, section 5, every row by name."""

from tests.simulation.rows import answers, files, items, program, refusals, times, values
from tests.simulation.rows.row import Row

_PARTS = (answers, refusals, items, values, times, program, files)
ROWS: tuple[Row, ...] = tuple(
    sorted(
        (*answers.ROWS, *refusals.ROWS, *items.ROWS, *values.ROWS, *times.ROWS, *program.ROWS, *files.ROWS),
        key=lambda row: row.number,
    )
)
STRIKES: tuple[Row, ...] = tuple(row for row in ROWS if row.strike is not None)

__all__ = ["ROWS", "STRIKES", "Row"]
