"""What the kinds of notices are called."""

from app.core.i18n import N_, _
from app.notices.models import NoticeKind

_KINDS = {
    NoticeKind.NOTICE: N_("通知公告"),
    NoticeKind.POLICY: N_("政策"),
    NoticeKind.NEWS: N_("社区动态"),
    NoticeKind.EMERGENCY: N_("紧急通知"),
    NoticeKind.REBUTTAL: N_("辟谣"),
    NoticeKind.LESSON: N_("党课"),
    NoticeKind.ASSESSMENT: N_("考核结果"),
}


def kind_word(kind: NoticeKind) -> str:
    """What a kind of notice is called, in the reader's language."""
    return _(_KINDS[kind])
