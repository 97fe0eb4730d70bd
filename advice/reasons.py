"""Why does the buyer complain? Learnt from a few phrases a reason, in two languages of many."""

from functools import cache
from typing import Any

from advice.sentences import sentences, vectors
from domain.advice import LikelyReason
from domain.messages import Reason

PHRASES: dict[Reason, tuple[str, ...]] = {
    Reason.DAMAGED: (
        "It arrived broken.",
        "The box was crushed and the item inside is cracked.",
        "It was damaged in transit.",
        "The glass was shattered when I opened the parcel.",
        "收到时已经碎了",
        "包装压坏了，东西有裂痕",
        "运输途中损坏",
        "瓶子破了，里面漏得到处都是",
        "It came in pieces.",
        "The corner is dented and the surface is scratched.",
        "屏幕有划痕，外壳凹进去了",
        "快递把杯子摔碎了",
    ),
    Reason.DEFECTIVE: (
        "It does not work.",
        "It will not turn on.",
        "It stopped working after a few days.",
        "The screen stays black and it does not charge.",
        "开不了机",
        "用了几天就坏了",
        "充不进电，没有反应",
        "质量有问题，不能正常使用",
        "One side makes no sound.",
        "The button does nothing and it keeps switching off.",
        "It leaks water when I use it.",
        "只有一边有声音",
        "一用就自动关机",
        "漏水，根本没法用",
    ),
    Reason.WRONG_ITEM: (
        "You sent me the wrong item.",
        "I received a different product from the one I ordered.",
        "Wrong colour, I ordered the blue one.",
        "This is not what I ordered.",
        "发错货了",
        "收到的不是我买的那款",
        "颜色发错了，我要的是蓝色",
        "型号不对，跟订单不一样",
        "I ordered a lamp and got a pan.",
        "I was sent black instead of white.",
        "我要的是台灯，寄来的是锅",
        "寄成别的东西了",
    ),
    Reason.NOT_AS_DESCRIBED: (
        "It is not as described.",
        "It looks nothing like the pictures.",
        "The material is not what the description says.",
        "It is a fake, not the genuine brand.",
        "和描述不符",
        "跟图片完全不一样",
        "材质不是宣传的那种",
        "是假货，不是正品",
        "Advertised as wool, but it is polyester.",
        "The colour differs from the photos on the page.",
        "说是纯棉的，其实是化纤",
        "色差太大，实物和照片不符",
    ),
    Reason.MISSING_PARTS: (
        "Parts are missing.",
        "The charger was not in the box.",
        "Only three of the four pieces were in the parcel.",
        "The screws and the manual are missing.",
        "少了配件",
        "盒子里没有充电器",
        "少发了一件，只收到三个",
        "缺螺丝和说明书",
        "There is no cable with it.",
        "The promised free gift was not included.",
        "赠品没有送",
        "说好的配件没放在里面",
    ),
    Reason.NOT_RECEIVED: (
        "My parcel never arrived.",
        "I have not received my order.",
        "Tracking says delivered, but I got nothing.",
        "The package was lost.",
        "一直没有收到货",
        "显示已签收但我没收到",
        "快递丢了",
        "包裹丢失，没有送到",
        "Weeks have gone by and nothing has come.",
        "Where is my parcel? The tracking has not moved.",
        "到现在还没到，物流不更新了",
        "等了一个月什么都没收到",
    ),
    Reason.LATE: (
        "It came far too late.",
        "Delivery took three weeks longer than promised.",
        "It arrived after the birthday, so I do not need it any more.",
        "The shipping was very slow.",
        "送得太晚了",
        "物流太慢，等了三个星期",
        "比承诺的时间晚了很多天",
        "过了生日才送到，已经不需要了",
        "It turned up after Christmas, too late for a present.",
        "It arrived days after the promised date.",
        "等了很久才送到",
        "错过了节日，来得太迟",
    ),
    Reason.CHANGED_MIND: (
        "I changed my mind.",
        "I do not want it any more.",
        "I ordered it by mistake.",
        "I found it cheaper elsewhere.",
        "不想要了",
        "买错了，不小心多拍了",
        "我改变主意了",
        "别的地方更便宜",
        "I no longer need it.",
        "I ordered two by accident, one is enough.",
        "用不上了，想退",
        "多买了一个，退一个",
    ),
    Reason.SIZE_OR_FIT: (
        "It does not fit.",
        "It is too small for me.",
        "The size is too big, I need a smaller one.",
        "The shoes are too tight.",
        "尺码不合适",
        "太小了穿不下",
        "衣服偏大，想换小一号",
        "鞋子太紧，挤脚",
        "The trousers are too long and the waist is too wide.",
        "I usually wear medium, but this is tight on the shoulders.",
        "裤子太长，腰太大",
        "肩膀太窄，尺寸不对",
    ),
    Reason.WARRANTY_FAULT: (
        "It broke down within the warranty.",
        "It failed after a year and is still under guarantee.",
        "Please repair it under warranty.",
        "The motor gave up after eight months of use.",
        "保修期内出故障了",
        "用了一年坏了，还在保修期",
        "申请保修维修",
        "用了八个月电机不转了",
        "It stopped cooling after ten months, it is still in warranty.",
        "不制冷了，才买了十个月，还没过保",
        "没过保修期就不工作了",
    ),
}


NO_COMPLAINT = (
    "Thank you very much.",
    "Hello, good morning.",
    "It is lovely, I am very happy with it.",
    "Fast delivery and great service.",
    "When will it be back in stock?",
    "How do I return it?",
    "Please send me the invoice.",
    "I want my money back.",
    "Please answer soon.",
    "谢谢",
    "你好，在吗",
    "非常喜欢，很满意",
    "物流很快，服务很好",
    "什么时候有货",
    "怎么退货",
    "请开发票",
    "我要退款",
    "请尽快回复",
)
"""What stands in complaints and praise alike, and tells no reason."""


def likely_reason(text: str) -> LikelyReason | None:
    """The reason that one of the text's sentences most likely tells, with that sentence and the
    phrase nearest to it; None if no sentence tells any.
    """
    spans = sentences(text)
    if not spans:
        return None
    said = vectors([text[start:end] for start, end in spans])
    classes, classifier = _model()
    likely = classifier.predict_proba(said)
    telling = [row for row, best in enumerate(likely.argmax(axis=1)) if classes[best]]
    if not telling:
        return None
    row = max(telling, key=lambda row: float(likely[row].max()))
    reason = classes[int(likely[row].argmax())]
    assert reason
    nearness = vectors(PHRASES[reason]) @ said[row]
    nearest = int(nearness.argmax())
    start, end = spans[row]
    score = round(float(nearness[nearest]), 2)
    return LikelyReason(reason, score, PHRASES[reason][nearest], start, end)


@cache
def _model() -> tuple[list[Reason | None], Any]:
    """Which class each column stands for, and the classifier of sentences' vectors."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  of the extra

    classes: list[Reason | None] = [*PHRASES, None]
    known = [
        (place, phrase)
        for place, said in enumerate([*PHRASES.values(), NO_COMPLAINT])
        for phrase in said
    ]
    classifier = LogisticRegression(C=2, max_iter=1_000)
    classifier.fit(vectors([phrase for _, phrase in known]), [place for place, _ in known])
    return classes, classifier
