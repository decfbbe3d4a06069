"""Reads trips from files of the Taxi and Limousine Commission (TLC), Parquet or CSV, of green or yellow taxis.

What a column that is used holds is read as it was meant, or refused with the column and what it holds. A number is
never taken for a time: it does not say since when and in which unit it counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

TIMES = ("pickup", "dropoff")
NUMBERS = ("passenger_count", "trip_distance", "total_amount")

# Text that stands for no value, in small letters.
NO_VALUE = ("", "na", "n/a", "<na>", "nan", "nat", "none", "null")
# Forms of a time as text, and how pandas is told. The second is that of New York's open data: month, day, year.
TIME_FORMS = {
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?": "ISO8601",
    r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M": "%m/%d/%Y %I:%M:%S %p",
    r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}": "%m/%d/%Y %H:%M:%S",
    r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}": "%m/%d/%Y %H:%M",
}
NUMBER_FORM = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
TIME_EXAMPLE = "2018-02-01 08:00:00"


class InputError(Exception):
    """What is wrong with the trips, said for the person who gave them."""


def read_trips(file: Path) -> pd.DataFrame:
    """
    Reads the columns this model needs of one file, with times as `pickup` and `dropoff`. Green taxis say `lpep_`,
    yellow ones `tpep_`; files of some years write names in capitals or with blanks around them.
    """
    read = _read_parquet if _is_parquet(file) else _read_csv
    trips = pd.DataFrame(read(file))
    aware = [getattr(trips[time].dtype, "tz", None) is not None for time in TIMES]
    if aware[0] != aware[1]:
        raise InputError(f"{file} has a time zone in one of pickup and dropoff only, so they do not compare")
    for time in TIMES:
        if aware[0]:
            trips[time] = trips[time].dt.tz_convert("UTC").dt.tz_localize(None)
        trips[time] = trips[time].astype("datetime64[us]")
    return trips


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"PAR1"


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turns the errors of pandas and PyArrow into one that says what could not be read."""
    try:
        yield
    except (ValueError, TypeError, NotImplementedError, OverflowError, csv.Error) as error:
        # The first line says what is wrong; what follows is advice for programmers.
        raise InputError(f"{what}: {[*str(error).splitlines(), type(error).__name__][0]}") from error
    except OSError as error:
        # PyArrow tells damage of a file so, without a number. Another one is the system's.
        if error.errno is not None:
            raise
        raise InputError(f"{what}: {error}") from error


def _wanted(file: Path, header: list[str]) -> dict[str, int]:
    """Where the columns are that the model needs."""
    names = [name.strip().lower() for name in header]
    prefix = "tpep" if "tpep_pickup_datetime" in names and "lpep_pickup_datetime" not in names else "lpep"
    wanted = {**{time: f"{prefix}_{time}_datetime" for time in TIMES}, **{name: name for name in NUMBERS}}
    missing = [name for name in wanted.values() if name not in names]
    if missing:
        raise InputError(f"{file} has no column {', '.join(missing)}; it has {', '.join(header) or 'none'}")
    twice = [name for name in wanted.values() if names.count(name) > 1]
    if twice:
        raise InputError(f"{file} has more than one column {', '.join(twice)}")
    return {own: names.index(name) for own, name in wanted.items()}


def _read_csv(file: Path) -> dict[str, pd.Series]:
    with _told(f"{file} cannot be read as CSV or Parquet"):
        header = _csv_header(file)
        wanted = _wanted(file, header)
        # index_col=False: in some years rows end in a comma more than the header does.
        cells = pd.read_csv(
            file, usecols=list(wanted.values()), dtype=str, na_filter=False, index_col=False, encoding="utf-8-sig"
        )
    columns = dict(zip(sorted(wanted.values()), cells.columns))
    return {
        name: _from_text(f"column {header[place].strip()} of {file}", name, cells[columns[place]])
        for name, place in wanted.items()
    }


def _csv_header(file: Path) -> list[str]:
    """The names of a file's columns, once all rows are as long as the first. Reading it would cut or fill others."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.reader(opened)
        header = next((row for row in rows if row), None)
        if header is None:
            raise ValueError("No columns to parse from file")
        width = None
        for row in rows:
            if not row:
                continue
            width = width or max(len(row), len(header))
            if len(row) != width or any(row[len(header) :]):
                raise InputError(
                    f"line {rows.line_num} of {file} has {len(row)} fields, and its header names {len(header)} columns"
                )
    return header


def _from_text(column: str, name: str, cells: pd.Series) -> pd.Series:
    cells = cells.astype("str").str.strip()
    cells = cells.mask(cells.str.lower().isin(NO_VALUE))
    present = cells.dropna()
    forms = TIME_FORMS if name in TIMES else {NUMBER_FORM: ""}
    for form, known in forms.items():
        if present.str.fullmatch(form).all():
            with _told(f"{column} cannot be read"):
                return pd.to_datetime(cells, format=known) if name in TIMES else cells.astype("float64")
    wrong = present[~present.str.fullmatch("|".join(f"(?:{form})" for form in forms))]
    what = f"time such as {TIME_EXAMPLE}" if name in TIMES else "number"
    reason = f"{wrong.iloc[0]!r} is no {what}" if len(wrong) > 0 else "it writes times in more than one way"
    raise InputError(f"{column} cannot be read: {reason}")


def _read_parquet(file: Path) -> dict[str, pd.Series]:
    # Imported where it is needed: made-up trips and CSV need none of it.
    from pyarrow.parquet import ParquetFile

    # Spark's INT96 has nanoseconds, of which years before 1678 and after 2261 would overflow.
    with (
        _told(f"{file} cannot be read as CSV or Parquet"),
        ParquetFile(file, coerce_int96_timestamp_unit="us") as opened,
    ):
        header = opened.schema_arrow.names
        wanted = _wanted(file, header)
        table = opened.read(columns=[header[place] for place in wanted.values()])
    return {
        name: _from_arrow(f"column {header[place].strip()} of {file}", name, table.column(header[place]))
        for name, place in wanted.items()
    }


def _from_arrow(column: str, name: str, values: pa.ChunkedArray) -> pd.Series:
    import pyarrow as pa

    kind = values.type
    is_time = name in TIMES
    with _told(f"{column} cannot be read"):
        if pa.types.is_dictionary(kind):
            return _from_arrow(column, name, values.cast(kind.value_type))
        if pa.types.is_null(kind):
            return _from_arrow(column, name, values.cast(pa.timestamp("us") if is_time else pa.float64()))
        if _is_text(kind):
            return _from_text(column, name, values.cast(pa.string()).fill_null("").to_pandas())
        if is_time and pa.types.is_timestamp(kind):
            # Of what is finer than a microsecond nothing is needed.
            return values.cast(pa.timestamp("us", kind.tz and "UTC"), safe=kind.unit != "ns").to_pandas()
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if not is_time and is_number:
            return values.cast(pa.float64(), safe=False).to_pandas()
    must = f"timestamps, or text such as {TIME_EXAMPLE}" if is_time else "numbers"
    raise InputError(f"{column} cannot be read: it holds {kind}, and must hold {must}")


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view"
