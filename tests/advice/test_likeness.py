"""Are copies told from people who merely have the same trouble?"""

from uuid import UUID

from advice.likeness import duplicates, similar
from domain.advice import Alike, Subject, Written

COMPLAINT = "The teapot arrived with a broken spout and the lid does not fit, I want a refund."


def written(*texts: str) -> list[Written]:
    return [Written(Subject.CASE, UUID(int=n), text) for n, text in enumerate(texts)]


def numbers(found: list[Alike]) -> list[int]:
    return [one.id.int for one in found]


def test_a_copy_is_found_though_its_signs_and_some_words_were_changed() -> None:
    others = written(
        "A completely different matter: when will it be in stock again?",
        "THE TEAPOT ARRIVED with a broken spout - and the lid doesn't fit; I want my refund!",
        COMPLAINT,
    )
    found = duplicates(COMPLAINT, others)
    assert numbers(found) == [2, 1]
    assert found[0].score == 1
    assert found[1].score > 0.9


def test_a_chinese_copy_is_found() -> None:
    others = written("物流很慢，等了一个星期才到", "质量非常好，和描述的一样，下次还会再来买！！")
    assert numbers(duplicates("质量非常好,和描述的一样，下次还会再来买", others)) == [1]


def test_somebody_elses_words_for_the_same_trouble_are_no_copy() -> None:
    assert duplicates(COMPLAINT, written("My teapot's spout is broken. Please refund me.")) == []


def test_a_few_words_that_anybody_may_say_are_no_copy() -> None:
    assert duplicates("It is broken", written("it is broken")) == []
    assert duplicates("东西坏了", written("东西坏了")) == []
    assert duplicates("", written("")) == []


def test_an_earlier_complaint_of_the_same_is_found_in_another_language() -> None:
    earlier = written(
        "Do you ship to Norway?",
        "The screen stays black and will not turn on.",
        "我很喜欢这个颜色",
        "",
    )
    assert numbers(similar("屏幕一直黑屏，开不了机", earlier)) == [1]


def test_no_more_than_five_are_shown_the_nearest_first() -> None:
    said = "The spout of the teapot is broken."
    earlier = written(*["The teapot came with a broken spout."] * 4, said, said, said)
    found = similar(said, earlier)
    assert numbers(found)[:3] == [4, 5, 6]
    assert len(found) == 5
    assert similar("", earlier) == []
