"""The commands about what gateways have otherwise than our books, and about a restored database."""

# ruff: noqa: PLC0415 - late imports are the point, see ops.cli

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands import Data, Json, database_of, group

differences_app = group(
    "What a gateway's own list has otherwise than our books, and whose it is to mend.", alone=True
)

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]


def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Read at least from then on (UTC). Default: where the last reading began.",
            formats=TIMES,
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Compare our books with the gateways' own lists. Exit 2: a list was not read."""
    from ops.reconcile import reconcile as run
    from ops.target import find

    at = since.replace(tzinfo=UTC) if since else None
    raise typer.Exit(run(find(data), at, as_json=as_json))


def restore_check(
    since: Annotated[
        datetime | None,
        typer.Option(
            help="The moment that the database is of (UTC). Default: the last that it knows.",
            formats=TIMES,
            show_default=False,
        ),
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help="Who runs it; for --release a second person's token.")
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Let payouts go on.")] = False,
    data: Data = None,
) -> None:
    """After a restore: hold payouts until what the gateways paid since is known."""
    from ops import restore
    from ops.target import find

    if release:
        with database_of(data) as database:
            restore.release(database, actor)
        return
    at = since.replace(tzinfo=UTC) if since else None
    raise typer.Exit(restore.restore_check(find(data), at, actor))


@differences_app.callback()
def list_differences(context: typer.Context, as_json: Json = False, data: Data = None) -> None:
    if context.invoked_subcommand is None:
        from ops.reconcile import list_differences as run

        with database_of(data) as database:
            run(database, as_json=as_json)


Number = Annotated[int, typer.Argument(help="The difference's number.")]
Actor = Annotated[str, typer.Option(help="The name of an operator's or a lead's token.")]


@differences_app.command("own")
def own_difference(number: Number, actor: Actor, data: Data = None) -> None:
    """Say who sees to a difference."""
    from ops.reconcile import own

    with database_of(data) as database:
        own(database, number, actor)


@differences_app.command("resolve")
def resolve_difference(
    number: Number,
    actor: Actor,
    note: Annotated[str, typer.Option(help="What was done about it.")],
    data: Data = None,
) -> None:
    """Say that a difference was seen to; it is not shown again unless its amounts change."""
    from ops.reconcile import resolve

    with database_of(data) as database:
        resolve(database, number, actor, note)
