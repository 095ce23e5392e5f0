"""Rows from any source: events, JSON Lines, Parquet, folders of Hugging Face datasets, standard input."""

from rewardctl.data.lines import DataError, Line, lines_of
from rewardctl.data.rows import Problem, Row, rows_in, rows_of

__all__ = ["DataError", "Line", "Problem", "Row", "lines_of", "rows_in", "rows_of"]
