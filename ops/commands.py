"""What all commands have in common: their options, how they end, and the database they work on."""

# ruff: noqa: PLC0415 - late imports are the point, see ops.cli

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ops.failures import explain

if TYPE_CHECKING:
    from store.session import Database


class Commands(TyperGroup):
    """What a person can mend is said in one line; only faults of our own show their traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the last word: it is told, and ends the command
            complain(error)
            sys.exit(1)


def complain(error: Exception) -> None:
    line = explain(error)
    print(f"aftersales: {line}" if line else "".join(format_exception(error)), file=sys.stderr)


def group(help: str, *, alone: bool = False) -> typer.Typer:
    """Commands under one name; `alone` if the name does something by itself too."""
    return typer.Typer(
        cls=Commands,
        help=help,
        no_args_is_help=not alone,
        invoke_without_command=alone,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


Data = Annotated[
    Path | None, typer.Option(help="The folder of the platform to work on.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def database_of(data: Path | None) -> Iterator["Database"]:
    """The database of the platform on this folder, closed at the end."""
    from ops.target import find
    from store.session import Database

    database = Database(find(data).database)
    try:
        yield database
    finally:
        database.close()
