"""What an office keeps at hand: a list, words for replies, and last month's public report."""

from datetime import timedelta

from app.cli.seed.teller import Teller
from app.core.clock import CHINA, now
from app.service_requests import templates, views
from app.service_requests.figures import reports
from app.service_requests.schemas.lists import Filters

_TEMPLATES = (
    (
        "已派人上门",
        "{称呼}您好，您反映的{事项}（{编号}）已安排{处理人}上门，预计{时限}前办结。",
        None,
    ),
    (
        "停水检修",
        "{称呼}您好，{地点}因水管检修需要临时停水，请提前储水。有事请打{电话}。",
        "water_leak",
    ),
)


async def furnish(teller: Teller) -> None:
    """Keep what staff look at and write again and again, and publish the last month."""
    session, by = teller.session, await teller.staff("manager")
    late = Filters(undone=True, overdue=True, order="due")
    await views.save(session, name="超时未办结", asked=late, shared=True, by=by)
    for name, text, code in _TEMPLATES:
        category = teller.categories[code] if code else None
        await templates.add(session, name=name, text=text, category=category, by=by)
    last = now().astimezone(CHINA).replace(day=1) - timedelta(days=1)
    note = "数据取自本社区工单，口径见各项说明。"
    await reports.publish(session, f"{last:%Y-%m}", note=note, by=by)
