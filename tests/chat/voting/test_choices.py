"""What people type for a choice, and what is understood by it."""

import pytest

from app.chat.asking import Unclear
from app.chat.voting.choices import Answer, answer_in, is_brief, marked, named
from app.polls.forms import Method, Option, Question
from tests.polls.builders import a_question

SINGLE = a_question()
SEVERAL = a_question(method=Method.MULTIPLE, options="ABCD", most=2)
APPROVAL = a_question(method=Method.APPROVAL)
STANCE = a_question(method=Method.YES_NO)


@pytest.mark.parametrize(
    "said",
    [
        "B",
        "b",
        "Ｂ",
        "选B",
        "我选b。",
        "2",
        "２",
        "2号",
        "第二个",
        "二",
        "方案B",
        " 方案b！",
        "B吧",
    ],
)
def test_one_option_is_named_in_many_ways(said: str) -> None:
    assert answer_in(SINGLE, said) == "B"


@pytest.mark.parametrize(
    "said", ["A C", "a、c", "AC", "ca", "1 3", "１，３", "选A和C", "C、A", "方案A 方案C"]
)
def test_several_options_are_kept_in_the_order_of_the_form(said: str) -> None:
    assert answer_in(SEVERAL, said) == ["A", "C"]
    assert answer_in(APPROVAL, said) == ["A", "C"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *[(said, "yes") for said in ("同意", "我同意", "赞成！", "支持", "A", "1", "是", "yes")],
        *[(said, "no") for said in ("反对", "不同意", "我不同意", "b", "2号", "否")],
        *[(said, "abstain") for said in ("弃权", "C", "三", "我弃权。")],
    ],
)
def test_a_stance_is_named_by_its_word_letter_or_number(said: str, meant: str) -> None:
    assert answer_in(STANCE, said) == meant


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (SINGLE, "A C"),
        (SINGLE, "D"),
        (SINGLE, "4"),
        (SINGLE, "0"),
        (SINGLE, "好"),
        (SINGLE, "。"),
        (SINGLE, "13"),
        (SEVERAL, "A B C"),
        (SEVERAL, "A Z"),
        (STANCE, "同意反对"),
        (STANCE, "随便"),
    ],
)
def test_what_is_not_clear_is_asked_again(question: Question, said: str) -> None:
    with pytest.raises(Unclear):
        answer_in(question, said)


def test_other_is_written_on_the_page() -> None:
    question = a_question(options=["A", "other"])

    with pytest.raises(Unclear, match="网页"):
        answer_in(question, "B")


def test_an_option_is_called_by_its_own_letter_as_on_the_page() -> None:
    options = [Option(key=key, text=key) for key in ("C", "east", "A", "west")]
    question = Question(key="q", method=Method.SINGLE, text="哪边", options=options)

    assert [mark for mark, _key, _text in marked(question)] == ["C", "B", "A", "D"]
    assert answer_in(question, "a") == "A"
    assert answer_in(question, "1") == "C"


def test_very_many_options_have_numbers() -> None:
    question = a_question(options=[f"o{n}" for n in range(1, 51)])

    assert answer_in(question, "50号") == "o50"
    assert marked(question)[49][0] == "50"


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (SINGLE, "B", "B 方案B"),
        (SEVERAL, ["A", "C"], "A 方案A、C 方案C"),
        (STANCE, "abstain", "弃权"),
    ],
)
def test_an_answer_is_said_in_words(question: Question, answer: Answer, words: str) -> None:
    assert named(question, answer) == words


@pytest.mark.parametrize(
    "said", ["A", "a c", "ＡＣ", "选A", "1号", "同意", "我反对", "一、三", "1,3"]
)
def test_a_choice_alone_is_brief(said: str) -> None:
    assert is_brief(said)


@pytest.mark.parametrize(
    "said",
    ["号楼的人太少了", "天后就截止了", "A 是谁提的？", "次了还没结果", "个人投了A", "hello"],
)
def test_talk_is_not(said: str) -> None:
    assert not is_brief(said)
