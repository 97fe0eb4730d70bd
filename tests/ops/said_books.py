"""Books in which buyers said everything that can be said, and everything was done about it."""

from uuid import UUID

from sqlalchemy import insert, select

from domain.people import Actor
from domain.review_messages import ByCustomer, Reply
from store.session import new_id
from store.submissions import product_reviews
from store.tables import Case, Upload
from tests.correspondents import Correspondents
from tests.ops.books import Books, now
from tests.reviewers import Reviewers
from tests.shop import request_body


def said(books: Books) -> None:
    """Reviews and feedback in every stage there is, and most ways that lead there."""
    _reviewed(books, Reviewers(books.shop))
    buyers = Correspondents(books.shop)
    buyers.clock = now
    _told(books, buyers)
    with books.database.begin() as session:
        (case_id,) = session.scalars(select(Case.case_id).where(Case.order_id == "o3"))
    buyers.rates(case_id)
    buyers.rates(buyers.closed_case("f5"), 2, content="It took a week.")


def _reviewed(books: Books, buyers: Reviewers) -> None:
    shop = books.shop
    for number in range(1, 7):
        books.sell(f"r{number}", (1, 300))

    def published(order_id: str, who: Actor = shop.lead, **fields: object) -> UUID:
        review_id = buyers.submits(order_id, now=now(), **fields)
        buyers.approves(review_id, who, now())
        return review_id

    published("o3", stars=2)  # its line has had a case
    _liked(books, edited := published("r1"))
    buyers.edits(edited, now(), stars=4)
    buyers.withdraws(published("r2", stars=4), now())
    published("r2", stars=1)
    refused = buyers.submits("r3", now=now(), photos=[_photo(books)])
    buyers.rejects(refused, now=now())
    buyers.appeals(refused, now())
    buyers.approves(refused, shop.lead, now())
    buyers.edits(refused, now(), stars=3, content="It still does.")
    buyers.approves(refused, shop.lead, now())  # an edit may be let in by anybody
    twice = buyers.submits("r4", now=now())
    buyers.rejects(twice, now=now())
    buyers.edits(twice, now(), content="And it was dear.")
    buyers.rejects(twice, now=now())
    appealed = buyers.submits("r5", now=now())
    buyers.rejects(appealed, now=now())
    buyers.appeals(appealed, now())
    buyers.submits("o1", now=now())  # on hold: a case of its line is open


def _liked(books: Books, review_id: UUID) -> None:
    """Three found it helpful, one of whom took that back; and the shop has replied."""
    with books.database.begin() as session:
        for customer in ("c1", "c2", "c3"):
            word = ByCustomer(customer_id=customer)
            product_reviews.vote(session, review_id, word, "demo", now())
        product_reviews.unvote(session, review_id, "c3", "demo")
        product_reviews.reply(session, review_id, Reply(content="Thanks."), books.shop.lead, now())


def _photo(books: Books) -> str:
    upload_id = new_id()
    with books.database.begin() as session:
        session.execute(
            insert(Upload).values(
                upload_id=upload_id,
                storefront="demo",
                uploaded_by="shop",
                width=4,
                height=3,
                size=100,
                phash=1,
                created_at=now(),
            )
        )
    return str(upload_id)


def _told(books: Books, buyers: Correspondents) -> None:
    for number in range(1, 3):
        books.sell(f"f{number}", (2, 300))
    buyers.writes()
    buyers.approves(buyers.writes(order_id="f1"))
    buyers.rejects(buyers.writes())
    thread = buyers.writes()
    buyers.answers(thread)
    buyers.comes_back(thread)
    buyers.answers(thread, "Once more: sorry.", books.shop.lead)
    buyers.closes(thread)
    buyers.answers(buyers.writes())
    case = request_body((1, 1), order_id="f1")
    buyers.converts(buyers.writes(), case=case)
    review = {"order_id": "f2", "line": 1, "stars": 3}
    buyers.converts(buyers.writes(), review=review)
