"""`aftersales`: every command people type, and where its work is done.

Only what reads the command line is imported here; each command imports its own work, so that
help and the small commands answer at once.
"""

# ruff: noqa: PLC0415 - late imports are the point, see above

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from domain.people import Role
from ops.commands import Data, Json, complain, database_of, group
from ops.gateway_commands import differences_app, reconcile, restore_check

REPLAYED_AS = 40
"""The longest storefront of a replay: the names of the tokens it makes hold it, and more."""

Statement = Literal["ask", "done", "never"]
Action = Literal["retry", "settle", "reroute", "give_up", "accept"]
PayoutKind = Literal["original", "store_credit", "bank_card"]


app = group("Refunds, returns, exchanges and repairs as durable workflows with exact money.")
tokens_app = group("Who may call: issue, revoke and list tokens.")
charges_app = group("Whose charges at the gateway are.")
app.add_typer(tokens_app, name="tokens")
app.add_typer(differences_app, name="differences")
app.add_typer(charges_app, name="charges")

OrdersFile = Annotated[Path, typer.Argument(help="CSV of orders, gzipped if it ends in .gz.")]


def _outside_id(longest: int) -> Callable[[str | None], str | None]:
    def checked(name: str | None) -> str | None:
        if name is not None and not re.fullmatch(rf"[A-Za-z0-9._-]{{1,{longest}}}", name):
            raise typer.BadParameter(f"1 to {longest} letters, digits, dots, dashes, underscores")
        return name

    return checked


@app.command()
def up(
    data: Annotated[Path, typer.Option(help="Everything it keeps.")] = Path(".aftersales"),
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The API's port; 0: a free one.")
    ] = None,
    temporal_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Temporal's; 0: a free one.")
    ] = None,
    ui_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Temporal's UI's; 0: a free one.")
    ] = None,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Load no demo data.")] = False,
) -> None:
    """Run everything on this machine, in the foreground, until Ctrl-C."""
    from ops.up import up as run

    raise typer.Exit(
        run(data=data, port=port, temporal_port=temporal_port, ui_port=ui_port, demo=not no_demo)
    )


@tokens_app.command("issue")
def issue_token(
    role: Annotated[Role, typer.Option(help="What the token may do.")],
    name: Annotated[str, typer.Option(help="Unique for good: history refers to it.")],
    storefront: Annotated[str | None, typer.Option(help="Of a storefront's token.")] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help="GBP=50000: the most to approve, minor units.")
    ] = None,
    data: Data = None,
) -> None:
    """Print a new token; it is shown this once."""
    from ops.tokens import issue

    with database_of(data) as database:
        print(issue(database, role, name, storefront, limit or []))


@tokens_app.command("revoke")
def revoke_token(
    name: Annotated[str, typer.Argument(help="The token's name.")], data: Data = None
) -> None:
    """End a token. Approvals under it no longer count."""
    from ops.revocations import file_of
    from ops.target import find
    from ops.tokens import revoke

    kept_in = file_of(find(data))
    with database_of(data) as database:
        revoke(database, name, kept_in)


@tokens_app.command("list")
def list_tokens(as_json: Json = False, data: Data = None) -> None:
    """Show all tokens, without what they hold."""
    from ops.tokens import show

    with database_of(data) as database:
        show(database, as_json=as_json)


@app.command("import")
def import_(
    orders: OrdersFile,
    storefront: Annotated[
        str, typer.Option(help="Whose orders they are.", callback=_outside_id(64))
    ],
    charge: Annotated[
        bool | None,
        typer.Option(
            "--charge/--no-charge",
            help="Make the charges at the gateway. Default: if that is the sandbox.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Put a file of orders into the books, as by `PUT`. Run again, it changes nothing."""
    from ops.imports import import_orders
    from ops.target import find

    import_orders(find(data), orders, storefront, charge=charge)


@app.command()
def replay(
    orders: OrdersFile,
    returns: Annotated[Path, typer.Argument(help="CSV of returns, likewise.")],
    storefront: Annotated[
        str | None,
        typer.Option(
            help="Whose returns they become: replay, or replay-returns, unless said otherwise.",
            callback=_outside_id(REPLAYED_AS),
        ),
    ] = None,
    kind: Annotated[
        Literal["refund", "return"],
        typer.Option(help="What each pair becomes; of a return the goods come back first."),
    ] = "refund",
    limit: Annotated[int | None, typer.Option(min=1, help="The first so many pairs.")] = None,
    data: Data = None,
) -> None:
    """Drive real returns through the platform and compare every penny with the file."""
    from domain.cases import Kind
    from ops.replay import replay as run
    from ops.target import find

    raise typer.Exit(run(find(data), orders, returns, storefront, kind=Kind(kind), limit=limit))


@app.command()
def check(
    as_json: Json = False,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that machines may take.")] = 120,
    stuck: Annotated[float, typer.Option(min=0, help="Hours that money may take.")] = 72,
    data: Data = None,
) -> None:
    """Look whether all the books hold. Exit 1: one is violated, 2: a check could not be made."""
    from datetime import timedelta

    from ops.check import check as run
    from ops.target import find
    from store.invariants import Graces

    graces = Graces(grace=timedelta(seconds=grace), stuck=timedelta(hours=stuck))
    try:
        code = run(find(data), graces, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - told like any other, but 1 would say "violated"
        complain(error)
        code = 2
    raise typer.Exit(code)


@app.command()
def stuck(as_json: Json = False, data: Data = None) -> None:
    """Show what does not move without a person, and the command that mends it."""
    from ops.stuck import stuck as run
    from ops.target import find

    run(find(data), as_json=as_json)


app.command()(reconcile)
app.command("restore-check")(restore_check)


@app.command()
def resume(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    action: Annotated[Action, typer.Option(help="What to do about it.")],
    note: Annotated[str, typer.Option(help="Why, for whoever reads the case later.")],
    reference: Annotated[str | None, typer.Option(help="settle: the payment made.")] = None,
    to: Annotated[PayoutKind | None, typer.Option(help="reroute: where the money goes.")] = None,
    card_token: Annotated[str | None, typer.Option(help="reroute to bank_card.")] = None,
    last4: Annotated[str | None, typer.Option(help="reroute to bank_card.")] = None,
    data: Data = None,
) -> None:
    """Tell a parked case what to do, with AFTERSALES_TOKEN or as this machine's operator."""
    from ops.resume import payout_to
    from ops.resume import resume as run
    from ops.target import find

    way = payout_to(to, card_token, last4)
    run(find(data), case, action, note=note, reference=reference, payout_to=way)


@charges_app.command("assign")
def assign_charge(
    charge: Annotated[str, typer.Argument(help="ch_..., py_... or its pi_...")],
    storefront: Annotated[str, typer.Option(help="Whose it is to be.", callback=_outside_id(64))],
    note: Annotated[str, typer.Option(help="Why, for whoever reads it later.")],
    data: Data = None,
) -> None:
    """Give a charge to a storefront: an operator or a lead asks, one of the other role confirms."""
    from ops.resume import assign
    from ops.target import find

    assign(find(data), charge, storefront, note=note)


@app.command()
def resolve(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    effect: Annotated[str, typer.Argument(help="The effect's id, as `stuck` names it.")],
    action: Annotated[Statement, typer.Option(help="What the party's own books show of it.")],
    note: Annotated[str, typer.Option(help="How it is known.")],
    reference: Annotated[str | None, typer.Option(help="done: the party's name for it.")] = None,
    data: Data = None,
) -> None:
    """State what became of an effect in doubt, or have its party asked again."""
    from ops.resume import resolve as run
    from ops.target import find

    run(find(data), case, effect, action, note=note, reference=reference)


@app.command()
def lost(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    note: Annotated[str, typer.Option(help="How it is known.")],
    data: Data = None,
) -> None:
    """Take a case's parcel for lost: what was posted is paid for as if it had come."""
    from ops.resume import lose
    from ops.target import find

    lose(find(data), case, note=note)


@app.command()
def restart(
    one: Annotated[
        str | None,
        typer.Argument(help="Its id, as 0198... or review/0198...", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that is open.")] = False,
    data: Data = None,
) -> None:
    """Wake the workflow of a case, review or feedback, or start it where it was lost."""
    from ops.restart import restart as run
    from ops.restart import restart_all
    from ops.target import find

    if every == (one is not None):
        raise typer.BadParameter("name one, or --all")
    with database_of(data) as database:
        if one:
            run(database, one)
        else:
            restart_all(database, find(data))


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the newest schema. Safe to repeat."""
    from ops.revocations import apply, file_of
    from ops.target import find
    from store.migrations import upgrade

    target = find(data)
    upgrade(target.database)
    with database_of(data) as database:
        for name in apply(database, file_of(target)):
            print(f"the token {name} is revoked again")


@app.command("search-attributes")
def search_attributes() -> None:
    """Register what cases are searched by, on the Temporal in AFTERSALES_TEMPORAL."""
    from ops.search_attributes import register

    register()


if __name__ == "__main__":
    app()
