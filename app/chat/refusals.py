"""What was refused, said so that nobody is ashamed of having asked."""

from app.chat.talk import Reply
from app.core.i18n import _, locale
from app.core.problems import Forbidden, NotFound, Problem


def refusal(problem: Problem) -> Reply:
    """The sentence for somebody whose wish could not be done."""
    if isinstance(problem, NotFound):
        return nothing_of_that_number()
    if isinstance(problem, Forbidden):
        return Reply(_("这件事您暂时办不了。需要帮忙，请回复“转人工”。"))
    title = problem.title()
    said = _(title)
    if said == title and locale() == "zh":
        said = _("这件事现在办不了，没有改动任何内容。")
    return Reply(said + "\n" + _("需要帮忙，请回复“转人工”。"))


def nothing_of_that_number() -> Reply:
    """The same words for what is not there and for what is somebody else's."""
    return Reply(_("没有找到这个编号的诉求。请核对编号，或回复“我的诉求”看看您的全部诉求。"))
