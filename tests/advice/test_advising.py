"""Does one broken model leave the others, and does advice keep no word of the text?"""

import sys
from uuid import UUID

import pytest
from pydantic import TypeAdapter

import advice
from advice.advising import advise
from domain.advice import Advice, Language, Question, Subject, Tone, Written
from domain.messages import Reason

EARLIER = "The kettle was broken on arrival. Terrible."
SAID = "The kettle arrived broken. It is terrible, write to me at buyer@example.org please"


@pytest.fixture
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library is not there: importing it fails."""
    for name in [name for name in sys.modules if name.partition(".")[0] == request.param]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, request.param, None)


def question() -> Question:
    return Question(
        text=SAID,
        stars=5,
        by_others=[Written(Subject.CASE, UUID(int=1), SAID.upper())],
        earlier=[Written(Subject.REVIEW, UUID(int=2), EARLIER)],
    )


def test_every_part_has_its_say() -> None:
    said = advise(question())
    assert said.failed == []
    assert said.language is not None
    assert said.language.code == "en"
    assert said.sentiment is not None
    assert (said.sentiment.tone, said.sentiment.against_stars) == (Tone.NEGATIVE, True)
    assert said.reason is not None
    assert said.reason.reason is Reason.DAMAGED
    assert [(one.kind, one.id.int) for one in said.duplicates] == [(Subject.CASE, 1)]
    assert [(one.kind, one.id.int) for one in said.similar] == [(Subject.REVIEW, 2)]
    assert [SAID[one.start : one.end] for one in said.contacts] == ["buyer@example.org"]


def test_advice_repeats_nothing_of_what_was_written() -> None:
    written = TypeAdapter(Advice).dump_json(advise(question())).decode()
    for word in ("kettle", "terrible", "buyer", "example"):
        assert word not in written


@pytest.mark.parametrize("without", ["rapidfuzz"], indirect=True)
@pytest.mark.usefixtures("without")
def test_a_model_that_is_not_there_costs_its_own_part_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = advise(question())
    assert said.failed == ["duplicates"]
    assert said.duplicates == []
    assert said.reason is not None
    assert len(said.contacts) == len(said.similar) == 1
    assert "kettle" not in caplog.text


def test_a_text_that_says_nothing_gets_advice_that_says_nothing() -> None:
    said = advise(Question(text=""))
    assert said.language is not None
    assert said == Advice(language=Language("unknown", said.language.probability))


def test_the_models_are_there_and_known_by_their_versions() -> None:
    assert advice.available()
    assert advice.models().keys() == advice.LIBRARIES.keys()
    assert all(advice.models().values())


@pytest.mark.parametrize("without", sorted(advice.LIBRARIES.values()), indirect=True)
@pytest.mark.usefixtures("without")
def test_with_one_library_missing_there_is_no_advice_at_all() -> None:
    assert not advice.available()
