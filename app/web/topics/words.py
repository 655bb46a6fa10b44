"""What steps and states of topics are called on the pages."""

from app.core.i18n import N_, _
from app.polls.models import TopicState

_STATES = {
    TopicState.RAISED: N_("待附议"),
    TopicState.DISCUSSED: N_("讨论中"),
    TopicState.VOTED: N_("表决中"),
    TopicState.RESOLVED: N_("已有决议"),
    TopicState.CARRIED_OUT: N_("落实中"),
    TopicState.CLOSED: N_("已办结"),
    TopicState.REFUSED: N_("未采纳"),
}
_STEPS = {
    "raised": N_("提出"),
    "seconded": N_("附议"),
    "discussed": N_("讨论"),
    "voted": N_("表决"),
    "resolved": N_("决议"),
    "carried_out": N_("落实"),
    "closed": N_("告知结果"),
}


def state_word(state: TopicState) -> str:
    """How far a topic has come."""
    return _(_STATES[state])


def step_word(step: str) -> str:
    """What a step of a topic is called."""
    return _(_STEPS[step])
