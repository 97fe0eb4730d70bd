"""Advice beside the workflows: no wrong, failing or slow model holds anything up or changes it."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import run

import pytest

import advice
from activities.advice import Advising
from activities.adviser import Adviser
from domain.advice import Advice, Language, Question, Subject
from store.advice import AS_OPENED, given
from tests.shop import NOW, Shop, order_body, request_body
from tests.workflows.platform import Platform, eventually
from tests.workflows.submissions import Moderated

EACH = "import sys, time\nfor line in sys.stdin:\n    "
ANSWER = """print('{"language": {"code": "en", "probability": 1}}', flush=True)"""
SAID = Advice(language=Language("en", 1.0))

WRONG = {
    "ends before it is asked": "pass",
    "dies over the text": EACH + "sys.exit(3)",
    "fails": EACH + "raise MemoryError",
    "makes no sense": EACH + "print('Loading...', flush=True)",
    "answers in another form": EACH + """print('{"language": "en"}', flush=True)""",
    "says too little": EACH + "print('', flush=True)",
    "takes too long": EACH + "time.sleep(600)",
}

Starts = Callable[..., Adviser]


@pytest.fixture
def starts() -> Iterator[Starts]:
    """Advisers whose models are a few lines of Python, or none at all."""
    started: list[Adviser] = []

    def start(models: str, limit: float = 30, program: str = sys.executable) -> Adviser:
        started.append(Adviser([program, "-c", models], limit))
        return started[-1]

    yield start
    for adviser in started:
        adviser.close()


def complains(shop: Shop, note: str = "It is broken.", order_id: str = "o1") -> object:
    shop.sell(order_id, order_body((2, 1000)))
    return shop.apply(request_body((1, 1), order_id=order_id, note=note)).case_id


def advising(shop: Shop, adviser: Adviser) -> Advising:
    return Advising(shop.database, adviser, lambda: NOW)


def advised(shop: Shop, subject: object, kind: Subject = Subject.CASE) -> Advice | None:
    with shop.session() as session:
        found = given(session, kind, subject, AS_OPENED)  # type: ignore[arg-type]
    return found.said if found else None


def test_what_is_said_is_kept_beside_the_case(shop: Shop, starts: Starts) -> None:
    case_id = complains(shop)
    looking = advising(shop, starts(EACH + ANSWER))
    assert (looking.look(), looking.look()) == (1, 0)
    assert advised(shop, case_id) == SAID


@pytest.mark.parametrize("models", WRONG.values(), ids=WRONG.keys())
def test_a_model_that_fails_leaves_no_advice_and_the_case_as_it_is(
    models: str, shop: Shop, starts: Starts
) -> None:
    case_id = complains(shop)
    before = {**vars(shop.read(case_id)), "_sa_instance_state": None}  # type: ignore[arg-type]
    looking = advising(shop, starts(models, limit=1))
    assert (looking.look(), looking.look()) == (1, 0)
    assert advised(shop, case_id) is None
    after = {**vars(shop.read(case_id)), "_sa_instance_state": None}  # type: ignore[arg-type]
    assert after == before


def test_models_that_cannot_even_be_started_leave_no_advice(shop: Shop, starts: Starts) -> None:
    case_id = complains(shop)
    assert advising(shop, starts("", program="/no/such/python")).look() == 1
    assert advised(shop, case_id) is None


def test_the_text_after_one_that_the_models_died_over_is_advised_on(
    shop: Shop, starts: Starts
) -> None:
    deadly, harmless = complains(shop, "poison"), complains(shop, "harmless", "o2")
    dies = 'line.startswith(\'{"text":"poison\') and sys.exit(3)\n    '
    looking = advising(shop, starts(EACH + dies + ANSWER))
    assert [looking.look() for _ in range(3)] == [1, 1, 0]
    assert (advised(shop, deadly), advised(shop, harmless)) == (None, SAID)


def test_models_know_none_of_our_settings(starts: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSALES_STRIPE_API_KEY", "sk_live")
    tells = "import os\nif any('AFTERSALES' in name for name in os.environ): sys.exit(3)\n"
    assert starts(tells + EACH + ANSWER).ask(Question("Fine.")) == SAID


def test_an_adviser_that_was_closed_says_nothing_more(starts: Starts) -> None:
    adviser = starts(EACH + ANSWER)
    assert adviser.ask(Question("Fine.")) == SAID
    adviser.close()
    assert adviser.ask(Question("Fine.")) is None


def test_nothing_but_advice_needs_the_models() -> None:
    """Where the extra is not installed, everything else starts, and knows that there is none."""
    away = f"import sys; sys.modules.update(dict.fromkeys({[*advice.LIBRARIES.values(), 'numpy']}))"
    starts_up = "import api.app, ops.cli, worker; sys.exit(bool(worker.available()))"
    assert run([sys.executable, "-c", f"{away}; {starts_up}"], check=False).returncode == 0


HANGS = EACH + "open({mark!r}, 'w').close(); time.sleep(600)"


@pytest.mark.anyio
async def test_a_case_is_decided_and_paid_while_the_models_hang(
    platform: Platform, starts: Starts, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    adviser = starts(HANGS.format(mark=str(asked)), limit=600)
    case_id = await platform.apply(note="It is broken.")
    looking = asyncio.create_task(
        asyncio.to_thread(Advising(platform.database, adviser, platform.now).look)
    )
    await eventually(asked.exists, "the models think")
    await platform.approve(case_id)
    await platform.ends(case_id)
    assert (platform.case(case_id).stage, looking.done()) == ("completed", False)
    adviser.close()
    assert await looking == 1
    assert advised(platform.shop, case_id) is None


@pytest.mark.anyio
async def test_a_review_is_published_while_the_models_hang_and_no_history_tells_of_them(
    platform: Platform, starts: Starts, tmp_path: Path
) -> None:
    asked, buyers = tmp_path / "asked", Moderated(platform)
    adviser = starts(HANGS.format(mark=str(asked)), limit=600)
    review_id = await buyers.submitted()
    looking = asyncio.create_task(
        asyncio.to_thread(Advising(platform.database, adviser, platform.now).look)
    )
    await eventually(asked.exists, "the models think")
    buyers.approves(review_id, now=buyers.now())
    await buyers.ends(review_id)
    assert (buyers.stage(review_id), looking.done()) == ("published", False)
    adviser.close()
    assert await looking == 1
    assert advised(platform.shop, review_id, Subject.REVIEW) is None
    assert "advi" not in await platform.history(review_id)
