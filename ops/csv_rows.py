"""Which rows has a file? CSV as programs write it: UTF-8 with or without a mark, commas, semicolons
or tabs, any end of line; gzipped if its name ends in `.gz`. All else is refused, not guessed at.
"""

import csv
import gzip
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ops.failures import Failed

DELIMITERS = ",;\t"
LONGEST_HEADER = 10_000  # characters

Row = dict[str, str]


def rows(path: Path, fields: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    """Each row by the line it ends on, with these fields and whatever else the file has. Raises
    Failed, in one line.
    """
    line = 1
    try:
        with _opened(path) as file:
            for line, row in _read(file, path, fields):
                yield line, row
    except UnicodeDecodeError:
        raise Failed(f"{path} is not UTF-8, somewhere after row {line}") from None
    except (csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Failed(f"{path} is not such a file: {error}") from None


def _opened(path: Path) -> IO[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        if file.read(2) in (BOM_UTF16_BE, BOM_UTF16_LE):
            raise Failed(f"{path} is UTF-16: save it as UTF-8")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read(file: IO[str], path: Path, fields: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
    header = file.readline(LONGEST_HEADER)
    reader = csv.reader([header], delimiter=_delimiter(header, path), strict=True)
    names = next(reader, [])
    if missing := [name for name in fields if name not in names]:
        raise Failed(f"{path}: has no column {missing[0]}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise Failed(f"{path}: has the column {twice[0]} twice")
    table = csv.DictReader(file, names, strict=True, delimiter=reader.dialect.delimiter)
    for row in table:
        line = table.line_num + 1
        if None in row or any(value is None for value in row.values()):
            raise Failed(f"{path}, row {line}: more or fewer fields than columns")
        yield line, row


def _delimiter(header: str, path: Path) -> str:
    """Told by the names alone: what stands in the rows would mislead."""
    try:
        return csv.Sniffer().sniff(header, DELIMITERS).delimiter
    except csv.Error:
        raise Failed(f"{path}: has no commas, semicolons or tabs between its names") from None
