"""Is the reason of a complaint found in words that the seed phrases do not use?"""

import pytest

from advice.reasons import PHRASES, likely_reason
from domain.messages import Reason

COMPLAINTS = [
    ("damaged", "The teapot lid was smashed when I unpacked it."),
    ("damaged", "拆开快递，盘子裂成两半"),
    ("defective", "The torch is dead, it does not light up at all."),
    ("defective", "吹风机第二天就不转了，根本用不了"),
    ("wrong_item", "This is a blue scarf, I ordered the green hat."),
    ("wrong_item", "下单的是鼠标，结果给我发了一个键盘"),
    ("not_as_described", "The description promised solid oak, but it is cheap plywood."),
    ("not_as_described", "页面上写的是纯银，收到的明显是镀的，和介绍不一样"),
    ("missing_parts", "The remote control was missing from the box."),
    ("missing_parts", "里面缺了一个轮子和一包螺丝"),
    ("not_received", "Still waiting, the order has not been delivered to me."),
    ("not_received", "快递显示送达了，可是我根本没拿到包裹"),
    ("late", "It was delivered ten days after the date you promised."),
    ("changed_mind", "我不想要这个了，麻烦帮我退掉"),
    ("size_or_fit", "The dress is one size too large for me."),
    ("warranty_fault", "Bought last year, the compressor has failed and it is under guarantee."),
]


def test_complaints_in_two_languages_are_traced_to_their_reasons() -> None:
    found = [(reason, likely_reason(text)) for reason, text in COMPLAINTS]
    wrong = [(reason, said) for reason, said in found if not said or said.reason != reason]
    print(f"{len(found) - len(wrong)} of {len(found)} complaints: {wrong}")
    assert len(wrong) <= 2


def test_every_reason_but_other_is_known_in_two_languages() -> None:
    assert PHRASES.keys() == set(Reason) - {Reason.OTHER}
    for phrases in PHRASES.values():
        chinese = [phrase for phrase in phrases if phrase[0] > "\u2e80"]
        assert min(len(chinese), len(phrases) - len(chinese)) >= 4


def test_the_sentence_that_says_it_is_pointed_out_with_the_phrase_it_is_like() -> None:
    text = "Hello there. I like your shop! The charger was not in the box, sadly. Regards"
    found = likely_reason(text)
    assert found is not None
    assert found.phrase == "The charger was not in the box."
    assert text[found.start : found.end] == "The charger was not in the box, sadly"


@pytest.mark.parametrize(
    "text", ["", "  \n", "...", "Do you ship to Norway?", "什么时候有活动？", "Thank you!"]
)
def test_a_text_that_complains_of_nothing_gets_no_reason(text: str) -> None:
    assert likely_reason(text) is None
