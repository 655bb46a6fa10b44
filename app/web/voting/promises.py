"""What a voter is told before voting: by which rules it goes, what is kept, and what counts."""

from collections.abc import Iterator

from app.core.i18n import _
from app.polls.forms import SPECIAL, Form
from app.polls.models import Poll, PollKind, PollPolicy, ResultsShown, Secrecy
from app.polls.rules import Called, Rules, Sits
from app.web.voting.words import matter_article, matter_word


def consultation(poll: Poll, policy: PollPolicy | None) -> str:
    """What an owners' assembly on these pages is worth; empty for everything else."""
    if poll.kind is not PollKind.ASSEMBLY:
        return ""
    if policy and policy.accepted_by:
        return _("本次电子表决依据：{authority}。").format(authority=policy.accepted_by)
    return _(
        "这是征求意见，用于了解业主意愿、为正式表决做准备；"
        "当地主管部门认可电子表决之前，它不能代替法定的书面表决或集体讨论。"
    )


def secrecy(poll: Poll) -> str:
    """What is kept of a vote, and whether it can be changed."""
    if poll.secrecy is Secrecy.SECRET:
        return _(
            "秘密投票：谁投过票、每张票投了什么，系统分开存放，不留联系，"
            "工作人员在系统里查不到您投了什么。投出后不能更改，也不能再投。"
        )
    changeable = _("记名投票：系统记下您的选择，截止前可以随时更改，以最后一次为准。")
    if poll.kind is PollKind.ASSEMBLY:
        return changeable + _(
            "结果公布后，有投票权的业主都可以查阅全部选票（法释〔2020〕17号第十三条）。"
        )
    if poll.names_shown:
        return changeable + _("有投票权的人都能看到谁投了什么。")
    return changeable + _("只有社区负责人在需要核对时可以查看谁投了什么，每次查看都留有记录。")


_SHOWN = {
    ResultsShown.ALWAYS: lambda: _("投票期间随时公布票数。"),
    ResultsShown.AFTER_VOTING: lambda: _("投过票的人可以看到当前票数，截止后公布结果。"),
    ResultsShown.AT_CLOSE: lambda: _("截止之前任何人都看不到票数，只公布投票人数。"),
}


def _meeting(rules: Rules) -> Iterator[str]:
    sits = {
        Sits.ADULTS: _("由全体十八周岁以上的居民参加"),
        Sits.HOUSEHOLDS: _("由每户派代表参加"),
        Sits.GROUP_REPRESENTATIVES: _("由每个居民小组选举代表参加"),
    }
    called = {
        Called.COMMITTEE: _("由居民委员会召集"),
        Called.ADULTS: _("由五分之一以上十八周岁以上的居民提议召集"),
        Called.HOUSEHOLDS: _("由五分之一以上的户提议召集"),
        Called.GROUPS: _("由三分之一以上的居民小组提议召集"),
    }
    said = [called[rules.called_by or Called.COMMITTEE]]
    if rules.sits:
        said.append(sits[rules.sits])
    yield "，".join(said) + "。"
    yield _(
        "有投票权的人过半数出席才能举行，由出席人的过半数通过"
        "（《城市居民委员会组织法》第九条、第十条）。"
    )


def _assembly(form: Form, rules: Rules) -> Iterator[str]:
    yield _(
        "专有部分面积占比三分之二以上、人数占比三分之二以上的业主参与表决才有效"
        "（《民法典》第二百七十八条）。"
    )
    for question in form.questions:
        if question.matter is None:
            continue
        needed = (
            _("须经参与表决专有部分面积四分之三以上、且参与表决人数四分之三以上的业主同意")
            if question.matter in SPECIAL
            else _("须经参与表决专有部分面积过半数、且参与表决人数过半数的业主同意")
        )
        yield _("“{question}”属于“{matter}”（{article}），{needed}。").format(
            question=question.text,
            matter=matter_word(question.matter),
            article=matter_article(question.matter),
            needed=needed,
        )
    yield _("一位业主有几套房的，面积合计、人数算一人；几人共有一套房的，共投一票。")
    if rules.basis:
        yield _("议事规则：{basis}。").format(basis=rules.basis)


def rules_of(poll: Poll, form: Form) -> list[str]:
    """By which rules it is decided, and when counts are seen."""
    rules = Rules.model_validate(poll.rules)
    by_act = poll.kind in {PollKind.MEETING, PollKind.ASSEMBLY}
    said = [_SHOWN[ResultsShown.AT_CLOSE if by_act else poll.results_shown]()]
    match poll.kind:
        case PollKind.MEETING:
            return [*_meeting(rules), *said]
        case PollKind.ASSEMBLY:
            return [*_assembly(form, rules), *said]
    return said


def proves(poll: Poll) -> list[str]:
    """What the published chain shows to whoever checks it."""
    unchanged = _("题目、规则和名册从开始投票起没有改过；因异议而改的，都有记录。")
    if poll.secrecy is Secrecy.RECORDED:
        return [
            unchanged,
            _("截止时的参与名单、全部选票和结果都算进了最后的校验码，之后再改就对不上。"),
            _("可以查阅选票的人取出选票数据，就能用公开的程序自己重新数一遍。"),
        ]
    return [
        unchanged,
        _("公布的每一张选票都算进了当时发出的校验码，之后没有被改动、删去、调换或者挪到别的批次。"),
        _("公布的结果确实是由公布的选票数出来的，任何人用自己的电脑都能重新数一遍。"),
        _("手里有回执编号的，可以查到自己的那张票在不在、内容对不对。"),
    ]


def limits(poll: Poll) -> list[str]:
    """What it does not show, in words that leave nothing out."""
    both = [
        _(
            "校验码只证明数据前后一致，不证明办事的人诚实。"
            "请各楼、各群自己留好每次发出的校验码，两边对得上才算数。"
        ),
        _("系统的管理者有可能替没来投票的人投票。参与名单里您的那一票投没投，请您自己核对。"),
        _("手机或者社区的系统要是被人动了手脚，可能把您的选择记错；投完请核对。"),
    ]
    if poll.secrecy is Secrecy.RECORDED:
        return [*both, _("记名投票防不住买票和胁迫：别人可以让您出示您的选择。")]
    return [
        *both,
        _("能接触后台数据和备份的管理员，有可能查出哪张票是谁投的。"),
        _("回执能让别人看到您投了什么，所以它防不住买票和胁迫。请不要把回执给别人看。"),
        _(
            "随机编号由社区的系统代为生成时，系统有可能让两个投得一样的人拿到同一个回执；"
            "由自己的手机生成，或者加上两个词，就能避免。"
        ),
        _("参加的人很少，或者大家投得完全一样时，秘密投票也保不住秘密。"),
        _("秘密投票投出后不能重投，即使您是被迫的。"),
        _("争议很大的选举，请使用纸质选票，或者专门的电子选举系统。"),
    ]
