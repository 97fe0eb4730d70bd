"""Who gets the pieces, what becomes of them, and does asking twice change nothing?"""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from activities.embedded_stock import EmbeddedStock
from domain.messages import Condition
from gateways.testimony import Verdict
from store.goods import stock
from store.session import Database
from tests.shop import NOW, Shop
from tests.store.shelves import SKU, Shelves, done, failed
from tests.store.test_store_constraints import complaint
from tests.store.till import refused

A_DAY = timedelta(days=1)


@pytest.fixture
def shelves(shop: Shop) -> Shelves:
    return Shelves(shop)


def test_a_hold_keeps_pieces_from_others_and_leaves_them_on_hand(shelves: Shelves) -> None:
    shelves.put(3)
    assert shelves.hold("one", 2) == done()
    assert shelves.counts() == {"main": (3, 2)}
    assert shelves.hold("two", 2) == failed("out_of_stock")
    assert shelves.hold("two", 1) == done()


def test_what_was_refused_may_be_asked_again_under_the_same_key(shelves: Shelves) -> None:
    assert shelves.hold("one") == failed("unknown_sku")
    shelves.put(0)
    assert shelves.hold("one") == failed("out_of_stock")
    shelves.put(1)
    assert shelves.hold("one") == done()


def test_a_hold_goes_to_the_first_warehouse_that_has_all_of_it(shelves: Shelves) -> None:
    for warehouse, on_hand in (("zurich", 9), ("athens", 2), ("main", 1)):
        shelves.put(on_hand, warehouse=warehouse)
    assert shelves.hold("one", 1) == done("main")
    assert shelves.hold("two", 2) == done("athens")
    assert shelves.hold("three", 3) == done("zurich")
    assert shelves.hold("four", 7) == failed("out_of_stock")
    assert shelves.counts() == {"main": (1, 1), "athens": (2, 2), "zurich": (9, 3)}


def test_every_operation_repeated_answers_the_same_and_changes_nothing(shelves: Shelves) -> None:
    shelves.put(5)
    for _ in range(2):
        assert shelves.hold("one", 2) == done()
    assert shelves.counts() == {"main": (5, 2)}
    for _ in range(2):
        assert shelves.stock.ship(key="one") == done()
    assert shelves.counts() == {"main": (3, 0)}
    assert shelves.hold("one", 2) == done()
    for _ in range(2):
        assert shelves.put_back("back", 2) == done(None)
    assert shelves.counts() == {"main": (5, 0)}
    shelves.hold("two", 4)
    for _ in range(2):
        assert shelves.stock.release(key="two") == done()
    assert shelves.counts() == {"main": (5, 0)}


def test_only_what_is_held_is_shipped(shelves: Shelves) -> None:
    shelves.put(1)
    assert shelves.stock.ship(key="one") == failed("not_held")
    shelves.hold("one")
    shelves.stock.release(key="one")
    assert shelves.stock.ship(key="one") == failed("not_held")
    assert shelves.hold("one") == failed("not_held")
    assert shelves.counts() == {"main": (1, 0)}


def test_releasing_what_was_never_held_is_done_and_what_was_shipped_is_not(
    shelves: Shelves,
) -> None:
    assert shelves.stock.release(key="never") == done(None)
    shelves.put(1)
    shelves.hold("one")
    shelves.stock.ship(key="one")
    assert shelves.stock.release(key="one") == failed("not_held")
    assert shelves.counts() == {"main": (0, 0)}


def test_a_hold_that_ran_out_is_not_shipped_even_before_anybody_swept_it(shelves: Shelves) -> None:
    shelves.put(1)
    shelves.hold("one")
    shelves.now += A_DAY
    assert shelves.stock.ship(key="one") == failed("not_held")
    assert shelves.hold("one") == failed("not_held")
    assert shelves.stock.release(key="one") == done()


def test_a_hold_stands_to_its_last_moment(shelves: Shelves) -> None:
    shelves.put(1)
    shelves.hold("one")
    shelves.now += A_DAY - timedelta(microseconds=1)
    assert shelves.hold("two") == failed("out_of_stock")
    assert shelves.stock.ship(key="one") == done()


def test_the_next_hold_takes_what_another_kept_too_long(shelves: Shelves) -> None:
    shelves.put(1)
    shelves.hold("one")
    shelves.now += A_DAY
    assert shelves.hold("two") == done()
    assert shelves.counts() == {"main": (1, 1)}


def test_sweeping_frees_what_ran_out_and_nothing_else(shelves: Shelves) -> None:
    for sku in ("S1", "S2"):
        shelves.put(2, sku=sku)
        shelves.hold(f"early-{sku}", sku=sku)
    shelves.now += A_DAY / 2
    shelves.hold("late")
    shelves.now += A_DAY / 2
    assert shelves.embedded.expire() == 2
    assert shelves.embedded.expire() == 0
    assert (shelves.counts("S1"), shelves.counts("S2")) == ({"main": (2, 1)}, {"main": (2, 0)})
    assert shelves.stock.ship(key="late") == done()


def test_what_comes_back_is_on_hand_where_it_came_to(shelves: Shelves) -> None:
    assert shelves.put_back("back", 3, warehouse="outlet") == done(None)
    assert shelves.counts() == {"outlet": (3, 0)}
    assert shelves.hold("one", 3) == done("outlet")


def test_a_key_stands_for_one_thing(shelves: Shelves) -> None:
    shelves.put(9)
    shelves.put(9, sku="S2")
    shelves.hold("one", 2)
    assert shelves.hold("one", 3) == failed("key_reused")
    assert shelves.hold("one", 2, sku="S2") == failed("key_reused")
    shelves.put_back("back", 1)
    assert shelves.put_back("back", 2) == failed("key_reused")
    assert shelves.put_back("back", 1, warehouse="outlet") == failed("key_reused")
    assert shelves.counts() == {"main": (10, 2)}
    assert shelves.counts("S2") == {"main": (9, 0)}


def test_a_count_stands_for_all_that_is_there_and_never_below_what_is_held(
    shelves: Shelves,
) -> None:
    assert shelves.put(5) is True
    shelves.hold("one", 3)
    with refused("stock-held") as refusal:
        shelves.put(2)
    assert refusal.value.extra == {"held": 3}
    assert shelves.put(3) is False
    assert shelves.counts() == {"main": (3, 3)}
    shelves.now += A_DAY
    shelves.put(0)
    assert shelves.counts() == {"main": (0, 0)}


def test_a_count_for_a_storefront_that_is_not_there_is_refused(shelves: Shelves) -> None:
    with refused("storefront-not-found"):
        shelves.shop.database.run(
            lambda s: stock.put(s, "nowhere", SKU, "main", 1, actor="wanda", now=NOW)
        )


def test_what_is_available_is_what_one_hold_could_take(shelves: Shelves) -> None:
    shelves.put(4)
    shelves.put(3, warehouse="outlet")
    shelves.put(0, sku="S2")
    shelves.hold("one", 2)
    assert shelves.available("S1", "S2", "S3") == {"S1": 3, "S2": 0}


def test_a_database_that_is_away_is_no_answer_rather_than_an_error() -> None:
    nowhere = Database("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    said = EmbeddedStock(nowhere, lambda: NOW).release(key="one")
    assert (said.verdict, said.code) == (Verdict.AMBIGUOUS, "database_away")
    nowhere.close()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update stock set held = on_hand + 1", "stock_held_on_hand"),
        ("update stock set on_hand = 0", "stock_held_on_hand"),
        ("update stock set held = -1", "stock_held_on_hand"),
        ("update stock_holds set quantity = 0", "stock_holds_quantity_positive"),
        ("update stock_holds set ended = 'lost', ended_at = now()", "stock_holds_ended_known"),
        ("update stock_holds set ended = 'ship'", "stock_holds_ended_whole"),
        ("update stock_moves set held = 0", "append-only"),
        ("delete from stock_moves", "append-only"),
        ("truncate stock_moves", "append-only"),
    ],
)
def test_stock_that_cannot_be_is_refused(
    shelves: Shelves, database: Database, statement: str, constraint: str
) -> None:
    shelves.put(2)
    shelves.hold("one")
    assert constraint in complaint(database, statement)


@pytest.mark.parametrize(
    ("move", "constraint"),
    [
        ("'hold', 'one', null, 0, 1", "stock_moves_key_move_key"),
        ("'release', 'done', null, 0, -1", "stock_moves_one_end"),
        ("'lose', 'two', null, 0, -1", "stock_moves_move_known"),
        ("'put', 'two', null, 1, 0", "stock_moves_key_or_actor"),
        ("'hold', null, 'wanda', 0, 1", "stock_moves_key_or_actor"),
        ("'ship', 'two', null, -1, 0", "stock_moves_as_moves_go"),
        ("'put_back', 'two', null, -1, 0", "stock_moves_as_moves_go"),
        ("'expire', 'two', null, 0, 1", "stock_moves_as_moves_go"),
    ],
)
def test_a_move_that_cannot_be_is_refused(
    shelves: Shelves, database: Database, move: str, constraint: str
) -> None:
    shelves.put(2)
    shelves.hold("one")
    shelves.hold("done")
    shelves.stock.ship(key="done")
    statement = f"""
        insert into stock_moves
            (storefront, sku, warehouse, move, key, actor, on_hand, held, at)
        values ('demo', '{SKU}', 'main', {move}, now())
    """
    assert constraint in complaint(database, statement)


def test_no_fewer_than_one_piece_is_held(shelves: Shelves) -> None:
    shelves.put(2)
    shelves.hold("one")
    for quantity in (0, -1):
        with pytest.raises(IntegrityError):
            shelves.hold("two", quantity)


def test_moves_tell_how_it_came_to_be_so(shelves: Shelves) -> None:
    shelves.put(2)
    shelves.put(2)
    shelves.hold("one")
    shelves.stock.ship(key="one")
    shelves.put_back("back")
    with shelves.shop.session() as session:
        moves = session.execute(
            text("select move, key, actor, on_hand, held from stock_moves order by id")
        )
        assert [tuple(move) for move in moves] == [
            ("put", None, "wanda", 2, 0),
            ("hold", "one", None, 0, 1),
            ("ship", "one", None, -1, -1),
            ("put_back", "back", None, 1, 0),
        ]


def test_a_hold_takes_the_place_of_another_once(shelves: Shelves) -> None:
    shelves.put(3)
    shelves.hold("one", 3)
    assert [shelves.hold("two", 1, instead_of=["one"]) for _ in range(2)] == [done(), done()]
    assert shelves.counts() == {"main": (3, 1)}
    assert shelves.stock.ship(key="one") == failed("not_held")


def test_a_hold_that_cannot_be_met_leaves_the_one_before_as_it_is(shelves: Shelves) -> None:
    shelves.put(3)
    shelves.hold("one", 2)
    assert shelves.hold("two", 4, instead_of=["one"]) == failed("out_of_stock")
    assert shelves.counts() == {"main": (3, 2)}
    shelves.stock.ship(key="one")
    assert shelves.hold("three", 1, instead_of=["one"]) == failed("not_held")
    assert shelves.counts() == {"main": (1, 0)}


def test_what_came_back_used_is_held_for_nobody_who_wants_it_new(shelves: Shelves) -> None:
    shelves.put(0)
    shelves.put_back("back", 2, warehouse="resale")
    assert shelves.hold("one") == failed("out_of_stock")
    assert shelves.available(SKU) == {SKU: 0}
    assert shelves.hold("two", condition=Condition.USED) == done("resale")
    assert shelves.hold("two") == failed("key_reused")
    shelves.put(1)
    assert shelves.hold("one") == done("main")
    assert shelves.counts() == {"main": (1, 1), "resale": (2, 1)}


def test_who_was_offered_a_used_one_gets_no_new_one(shelves: Shelves) -> None:
    shelves.put(5)
    assert shelves.hold("one", condition=Condition.USED) == failed("out_of_stock")


def test_goods_that_go_back_are_held_where_they_were_put_in_whatever_condition(
    shelves: Shelves,
) -> None:
    shelves.put(1)
    shelves.put_back("back", warehouse="resale")
    assert shelves.hold("one", warehouse="resale") == done("resale")
    assert shelves.hold("one", warehouse="resale") == done("resale")


def test_no_hold_is_of_another_condition_than_its_shelf(shelves: Shelves) -> None:
    shelves.put(1)
    shelves.hold("one")
    changed = complaint(shelves.database, "update stock_holds set condition = 'used'")
    assert "stock_fk" in changed
    for warehouse, condition in (("main", "used"), ("resale", "new")):
        wrong = complaint(
            shelves.database,
            "insert into stock (storefront, sku, warehouse, condition)"
            f" values ('demo', 'other', '{warehouse}', '{condition}')",
        )
        assert "stock_condition_of_warehouse" in wrong
