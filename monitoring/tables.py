"""Reads rows of a table, such as a batch transform's output joined with its input."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Iterable, Iterator, List, Tuple

from baseline import InputError
from captures import Format, Row


def table_rows(folder: Path, how: Format, target: str) -> Iterator[Tuple[List[Row], List[str]]]:
    """
    Rows of the CSV files of a folder. A file has a header that names the inputs and the prediction, or none: then its
    columns are the inputs, in their order, and at last the prediction. An empty file has no rows.
    """
    names = [*how.inputs, target]
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".csv", ".out"))
    if not files:
        raise InputError(f"no .csv or .out file under {folder}")
    for file in files:
        try:
            # With the mark that Excel puts at the begin, or without it.
            with file.open(encoding="utf-8-sig", newline="") as opened:
                yield from _rows_of_file(file, csv.reader(opened), names)
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{file} cannot be read as CSV: {error}") from error


def _rows_of_file(file: Path, lines: Iterator[Row], names: List[str]) -> Iterator[Tuple[List[Row], List[str]]]:
    rows = (row for row in lines if row)
    first = next(rows, None)
    if first is None:
        return
    has_header = set(names) <= set(first)
    if not has_header and len(first) != len(names):
        raise InputError(f"{file} must have a header with {', '.join(names)}, or these columns and no header")
    order = [first.index(name) for name in names] if has_header else list(range(len(names)))
    for row in rows if has_header else _chained(first, rows):
        if len(row) != len(first):
            raise InputError(f"{file} has a row of {len(row)} values, and {len(first)} columns")
        yield [[row[at].strip() for at in order[:-1]]], [row[order[-1]].strip()]


def _chained(first: Row, rows: Iterable[Row]) -> Iterator[Row]:
    yield first
    yield from rows
