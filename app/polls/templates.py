"""Ready forms for what communities ask and decide most, in the words of whoever reads them.

What stands in 【】 is to be filled in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import _
from app.polls.electorates import Electorate, Unit
from app.polls.forms import OTHER, Condition, Form, Matter, Method, Option, Question, Section
from app.polls.models import PollKind, Purpose, ResultsShown, Secrecy
from app.polls.rules import Called, Rules, Sits


@dataclass(frozen=True, slots=True)
class Template:
    """A form with all that a poll needs beside it but place and time."""

    code: str
    name: str
    kind: PollKind
    title: str
    body: str
    form: Form
    electorate: Electorate
    purpose: Purpose = Purpose.GENERAL
    rules: Rules = field(default_factory=Rules)
    secrecy: Secrecy = Secrecy.RECORDED
    results_shown: ResultsShown = ResultsShown.AT_CLOSE


def _options(texts: Sequence[str], *, other: bool = False) -> list[Option]:
    lettered = [Option(key=chr(ord("A") + at), text=text) for at, text in enumerate(texts)]
    return [*lettered, Option(key=OTHER, text=_("其他（请说明）"))] if other else lettered


def _asked(
    key: str, method: Method, text: str, *options: str, other: bool = False, **more: Any
) -> Question:
    made = _options(options, other=other)
    return Question(key=key, method=method, text=text, options=made, **more)


def _matter(key: str, matter: Matter, text: str, help_: str | None = None) -> Question:
    return Question(key=key, method=Method.YES_NO, text=text, help=help_, matter=matter)


def _who() -> list[Question]:
    """For statistics, and nobody need say."""
    ages = (_("18至35岁"), _("36至59岁"), _("60至79岁"), _("80岁及以上"))
    return [
        _asked("age", Method.SINGLE, _("您的年龄"), *ages, section="who", required=False),
        _asked(
            "home",
            Method.MULTIPLE,
            _("您家里有"),
            *(
                _("学龄前儿童"),
                _("中小学生"),
                _("60岁以上老人"),
                _("行动不便的家人"),
                _("以上都没有"),
            ),
            section="who",
            required=False,
        ),
    ]


def _needs() -> Template:
    services = (
        *(_("助餐"), _("居家照护"), _("日间托老"), _("幼儿托管"), _("课后看护")),
        *(_("健康讲座和义诊"), _("心理疏导"), _("法律咨询"), _("文体活动"), _("家电和水电维修")),
    )
    matters = (
        *(_("停车"), _("电动车充电"), _("垃圾分类"), _("楼道堆物"), _("电梯")),
        *(_("绿化"), _("噪声"), _("治安"), _("适老化和无障碍"), _("健身和活动场地")),
    )
    ways = (_("电话"), _("微信"), _("上门"), _("社区服务站"))
    return Template(
        code="needs",
        name=_("真实需求调研"),
        kind=PollKind.SURVEY,
        purpose=Purpose.NEEDS,
        title=_("居民需求调研"),
        body=_("用来了解大家真正需要什么服务，结果只作统计。约需三分钟，可以中途保存。"),
        electorate=Electorate(unit=Unit.PERSON, claimed=True),
        form=Form(
            sections=[
                Section(key="env", title=_("小区环境")),
                Section(key="services", title=_("需要的服务")),
                Section(key="who", title=_("关于您（可以不答）")),
            ],
            questions=[
                _asked(
                    "urgent",
                    Method.MULTIPLE,
                    _("小区里最需要解决的问题，最多选三项"),
                    *matters,
                    other=True,
                    most=3,
                    section="env",
                ),
                _asked(
                    "where",
                    Method.TEXT,
                    _("具体在什么地方，是什么情况？"),
                    section="env",
                    required=False,
                ),
                _asked(
                    "wanted",
                    Method.MULTIPLE,
                    _("您或家人需要哪些服务？"),
                    *services,
                    _("暂时不需要"),
                    other=True,
                    section="services",
                ),
                _asked(
                    "pays",
                    Method.SINGLE,
                    _("如果收费，您能接受的方式"),
                    _("按次付费"),
                    _("包月付费"),
                    _("只用免费的"),
                    section="services",
                    only_if=Condition(question="wanted", any_of=[*"ABCDEFGHIJ", OTHER]),
                ),
                _asked(
                    "way",
                    Method.SINGLE,
                    _("您希望怎样和您联系？"),
                    *ways,
                    section="services",
                    required=False,
                ),
                _asked(
                    "more", Method.TEXT, _("还有什么想说的？"), section="services", required=False
                ),
                *_who(),
            ],
        ),
    )


def _satisfaction() -> Template:
    parts = (
        *(_("环境卫生"), _("公共秩序"), _("设施维护"), _("物业服务")),
        *(_("社区办事"), _("文体活动"), _("诉求答复")),
    )
    how = (_("很满意"), _("满意"), _("一般"), _("不满意"), _("很不满意"))
    return Template(
        code="satisfaction",
        name=_("满意度调查"),
        kind=PollKind.SURVEY,
        purpose=Purpose.SATISFACTION,
        title=_("社区服务满意度调查"),
        body=_("请按最近半年的感受作答，结果只作统计，并向大家公布。"),
        electorate=Electorate(unit=Unit.PERSON, claimed=True),
        form=Form(
            sections=[
                Section(key="marks", title=_("总体和分项")),
                Section(key="who", title=_("关于您（可以不答）")),
            ],
            questions=[
                _asked("overall", Method.SINGLE, _("总体上您满意吗？"), *how, section="marks"),
                _asked(
                    "why",
                    Method.TEXT,
                    _("哪里让您不满意？"),
                    section="marks",
                    required=False,
                    only_if=Condition(question="overall", any_of=["D", "E"]),
                ),
                _asked("parts", Method.SCORE, _("请给各项打分，5分最好"), *parts, section="marks"),
                _asked(
                    "first",
                    Method.SINGLE,
                    _("最该先改进哪一项？"),
                    *parts,
                    section="marks",
                    other=True,
                ),
                _asked("advice", Method.TEXT, _("您的建议"), section="marks", required=False),
                *_who(),
            ],
        ),
    )


def _assessment() -> Template:
    parts = (
        *(_("服务次数和内容是否做到"), _("人员专业和态度"), _("对居民需求的回应")),
        *(_("安全和卫生"), _("实际效果")),
    )
    return Template(
        code="assessment",
        name=_("购买服务考核评议"),
        kind=PollKind.SURVEY,
        purpose=Purpose.ASSESSMENT,
        title=_("【项目名称】服务考核评议"),
        body=_(
            "评议由【承接单位】提供的服务。依照政府采购法实施条例第四十五条，公共服务的验收应当邀请"
            "服务对象参与并出具意见，验收结果向社会公告。"
        ),
        electorate=Electorate(unit=Unit.PERSON, claimed=True),
        form=Form(
            questions=[
                _asked("used", Method.YES_NO, _("您或家人用过这项服务吗？（弃权表示说不清）")),
                _asked(
                    "parts",
                    Method.SCORE,
                    _("请给各项打分，5分最好"),
                    *parts,
                    only_if=Condition(question="used", any_of=["yes"]),
                ),
                _asked(
                    "times",
                    Method.NUMBER,
                    _("一共用过几次？"),
                    required=False,
                    only_if=Condition(question="used", any_of=["yes"]),
                ),
                _asked(
                    "unknown",
                    Method.SINGLE,
                    _("没有用过的原因"),
                    _("不知道有这项服务"),
                    _("不需要"),
                    _("时间地点不方便"),
                    other=True,
                    required=False,
                    only_if=Condition(question="used", any_of=["no"]),
                ),
                _asked(
                    "renew",
                    Method.SINGLE,
                    _("是否应当继续购买这项服务？"),
                    _("继续"),
                    _("改进后继续"),
                    _("不再购买"),
                ),
                _asked("advice", Method.TEXT, _("您的意见"), required=False),
            ],
        ),
    )


def _meeting() -> Template:
    return Template(
        code="residents_meeting",
        name=_("居民会议表决"),
        kind=PollKind.MEETING,
        title=_("居民会议：【事项】"),
        body=_(
            "由每户派一名代表参加（城市居民委员会组织法第九条）。过半数的户代表出席方可举行，"
            "决定由出席人的过半数通过。"
        ),
        electorate=Electorate(unit=Unit.HOUSEHOLD),
        rules=Rules(sits=Sits.HOUSEHOLDS, called_by=Called.COMMITTEE),
        form=Form(
            questions=[_asked("q1", Method.YES_NO, _("是否同意【事项】？"))],
        ),
    )


def _assembly(code: str, name: str, title: str, body: str, *matters: Question) -> Template:
    return Template(
        code=code,
        name=name,
        kind=PollKind.ASSEMBLY,
        title=title,
        body=body,
        electorate=Electorate(unit=Unit.OWNER, without_tags=[]),
        form=Form(questions=list(matters)),
    )


def _ordinary() -> str:
    return _(
        "普通事项：由专有部分面积占比三分之二以上的业主且人数占比三分之二以上的业主参与表决，经参与"
        "表决专有部分面积过半数的业主且参与表决人数过半数的业主同意（民法典第二百七十八条）。"
    )


def _special() -> str:
    return _(
        "特别事项：由专有部分面积占比三分之二以上的业主且人数占比三分之二以上的业主参与表决，经参与"
        "表决专有部分面积四分之三以上的业主且参与表决人数四分之三以上的业主同意（民法典第二百七十八条）。"
    )


def _property_company() -> Template:
    return _assembly(
        "assembly_property_company",
        _("业主大会：选聘物业"),
        _("业主大会：选聘物业服务企业"),
        _ordinary(),
        _matter("dismiss", Matter.PROPERTY_COMPANY, _("是否同意解聘现物业服务企业【企业名称】？")),
        _matter(
            "hire",
            Matter.PROPERTY_COMPANY,
            _("是否同意选聘【企业名称】为物业服务企业？"),
            _("服务内容、标准、收费和期限见合同草案。"),
        ),
        _matter(
            "sign",
            Matter.PROPERTY_COMPANY,
            _("是否同意授权业主委员会与选聘的企业签订物业服务合同？"),
        ),
    )


def _fund_use() -> Template:
    return _assembly(
        "assembly_fund_use",
        _("业主大会：使用维修资金"),
        _("业主大会：使用维修资金【项目】"),
        _ordinary(),
        _matter(
            "use",
            Matter.FUND_USE,
            _("是否同意使用维修资金【金额】元，用于【项目】？"),
            _("工程范围、预算和分摊办法见使用方案。"),
        ),
        _matter("firm", Matter.FUND_USE, _("是否同意由【单位】施工、由【单位】审价？")),
    )


def _fund_raising() -> Template:
    return _assembly(
        "assembly_fund_raising",
        _("业主大会：筹集维修资金"),
        _("业主大会：筹集维修资金"),
        _special(),
        _matter(
            "raise",
            Matter.FUND_RAISING,
            _("是否同意按每平方米【金额】元筹集建筑物及其附属设施的维修资金？"),
        ),
    )


def _common_parts() -> Template:
    return _assembly(
        "assembly_common_parts",
        _("业主大会：改变共有部分用途"),
        _("业主大会：【共有部分】的用途和经营"),
        _special(),
        _matter("purpose", Matter.COMMON_PARTS, _("是否同意将【共有部分】改作【用途】？")),
        _matter(
            "business",
            Matter.COMMON_PARTS,
            _("是否同意利用【共有部分】从事经营活动，收入归全体业主共有？"),
        ),
    )


def _statutes() -> Template:
    return _assembly(
        "assembly_rules",
        _("业主大会：议事规则和管理规约"),
        _("业主大会：议事规则和管理规约"),
        _ordinary(),
        _matter("rules", Matter.RULES, _("是否同意业主大会议事规则（草案）？")),
        _matter("statutes", Matter.STATUTES, _("是否同意管理规约（草案）？")),
    )


_MADE: Sequence[Callable[[], Template]] = (
    *(_needs, _satisfaction, _assessment, _meeting),
    *(_property_company, _fund_use, _fund_raising, _common_parts, _statutes),
)


def templates() -> list[Template]:
    """Every ready form, in the language in force (`core.i18n`)."""
    return [make() for make in _MADE]
