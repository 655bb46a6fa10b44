"""待办: what a worker still has to do, the most urgent first."""

from app.chat.commands import Reads, command
from app.chat.phrases import day, listed, shown, tap
from app.chat.queries import Task, tasks_of
from app.chat.talk import Reply, Said, Speaker
from app.core.clock import now
from app.core.i18n import N_, _
from app.service_requests import words


@command(
    "待办",
    exactly=("我的待办", "任务", "todo", "tasks"),
    reads=True,
    staff=True,
    says=N_("派给您、还没办完的事"),
    order=60,
)
async def tasks(reads: Reads, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """The worker's list."""
    found = await reads.ask(tasks_of, (speaker.community_id, speaker.person_id))
    if not found:
        return Reply(_("没有派给您的待办事项。"))
    head = _("您有 {n} 件待办：").format(n=len(found))
    tail = _("回复“开始 编号”“完成 编号 办理情况”就行。")
    return Reply(listed(head, [line(task) for task in found], tail))


def line(task: Task) -> str:
    """One task, with its number to be tapped."""
    number = tap(str(task.number), f"进度{task.number}")
    late = _("已超时") if task.due_at < now() else _("{day}前").format(day=day(task.due_at))
    state = words.label(task.state)
    return f"· {number} {shown(task.place, 20)} {shown(task.summary, 20)}（{state}，{late}）"
