"""The published guide, and what is suggested from it, as they cross the wire."""

from app.core.wire import Out
from app.service_requests.limits import LimitText
from app.service_requests.models import PlaceRule
from app.service_requests.questions import Question
from app.service_requests.schemas.categories import Guide


class GuideCommunity(Out):
    """Whose guide it is, and how they are reached."""

    name: str
    town: str
    hotline: str | None


class GuideOrganization(Out):
    """Who is responsible."""

    name: str
    phone: str | None


class GuidedOut(Out):
    """A kind of matter; limits in words, of a `confidential` one only who handles it is told."""

    code: str
    name: str
    guide: Guide
    organization: GuideOrganization | None
    answered_in: str
    updated_every: str | None
    resolved_in: str
    source: str | None
    anonymous_allowed: bool
    confidential: bool


class GroupOut(Out):
    """Kinds of matter that belong together."""

    name: str
    categories: list[GuidedOut]


class GuideOut(Out):
    """What can be asked of a community."""

    community: GuideCommunity
    groups: list[GroupOut]


class SuggestionOut(Out):
    """A kind of matter that a report may be about, and what is asked about it."""

    code: str
    name: str
    group: str
    guide: Guide
    questions: list[Question]
    place_rule: PlaceRule
    answer_limit: LimitText
    resolve_limit: LimitText
    anonymous_allowed: bool
    confidential: bool


class SuggestionsOut(Out):
    """At most five, the best first; none when the text says nothing."""

    items: list[SuggestionOut]
