"""我的诉求: what I reported last, and how it stands."""

from app.chat import mine
from app.chat.commands import Reads, command
from app.chat.phrases import listed, tap
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import N_, _
from app.service_requests.queries import latest_of


@command(
    "我的诉求",
    "我的报修",
    "我的投诉",
    "我的求助",
    "我的工单",
    "requests",
    exactly=("我的", "诉求", "工单", "我的事", "mine", "my requests", "list"),
    reads=True,
    says=N_("您反映过的事，都在这里"),
    order=20,
)
async def my_requests(reads: Reads, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """The latest requests, a line each."""
    briefs = await reads.ask(latest_of, (speaker.community_id, speaker.person_id))
    if not briefs:
        return Reply(none())
    tail = _("点编号看进度。想补充，回复“补充”；有新的事，回复“报修”。")
    return Reply(listed(_("您最近反映的事："), [mine.line(brief) for brief in briefs], tail))


def none() -> str:
    """What to say to somebody who never asked for anything."""
    return _("您还没有反映过问题。有事就回复{report}，一句话也行，比如“报修 水管漏水”。").format(
        report=tap(_("报修"), "报修")
    )
