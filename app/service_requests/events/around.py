"""What happens to the catalogue, the policy, plans, and what the desk keeps."""

from typing import Any
from uuid import UUID

from app.core.facts import Event


class ReportPublished(Event, kind="monthly_report.published", subject="report_id"):
    """The figures of a month were made public."""

    report_id: UUID
    month: str
    edition: int


class FiguresTaken(Event, kind="figures.taken", subject="export_id"):
    """Somebody took requests or figures out of the house as a file."""

    export_id: UUID
    what: str
    rows: int


class PolicyChanged(Event, kind="service_policy.changed", subject="community_id"):
    """A community deals with requests differently."""

    community_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]


class SpecialDaySet(Event, kind="service_policy.special_day", subject="community_id"):
    """A community works, or does not work, on a day, whatever the calendar says."""

    community_id: UUID
    day: str
    working: bool | None


class CatalogueImported(Event, kind="service_catalogue.imported", subject="community_id"):
    """Categories were read from a spreadsheet."""

    community_id: UUID
    added: list[str]
    changed: list[str]


class VisitPlanned(Event, kind="visit_plan.made", subject="plan_id"):
    """A visit is to be made again and again."""

    plan_id: UUID


class VisitPlanChanged(Event, kind="visit_plan.changed", subject="plan_id"):
    """A visit is to be made differently."""

    plan_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]


class VisitPlanEnded(Event, kind="visit_plan.ended", subject="plan_id"):
    """A visit need not be made any more."""

    plan_id: UUID


class CatalogueInstalled(Event, kind="service_catalogue.installed", subject="community_id"):
    """A community was given the categories that came with the software."""

    community_id: UUID
    codes: list[str]


class CategoryAdded(Event, kind="service_category.added", subject="category_id"):
    """There is a new kind of matter."""

    category_id: UUID


class CategoryChanged(Event, kind="service_category.changed", subject="category_id"):
    """A kind of matter is described or handled differently."""

    category_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]


class ViewSaved(Event, kind="request_view.saved", subject="view_id"):
    """Somebody keeps a list as they like to look at it, for themselves or for all staff."""

    view_id: UUID
    shared: bool


class ViewChanged(Event, kind="request_view.changed", subject="view_id"):
    """A view shows something else, or is called otherwise.

    What it was is not told: a name that somebody searched for would stay on record for ever.
    """

    view_id: UUID
    changed: list[str]


class ViewRemoved(Event, kind="request_view.removed", subject="view_id"):
    """A view is not kept any more."""

    view_id: UUID


class TemplateAdded(Event, kind="reply_template.added", subject="template_id"):
    """There are new words to reply with."""

    template_id: UUID


class TemplateChanged(Event, kind="reply_template.changed", subject="template_id"):
    """Words to reply with are different."""

    template_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]


class TemplateRemoved(Event, kind="reply_template.removed", subject="template_id"):
    """Some words to reply with are not kept any more."""

    template_id: UUID
    was: dict[str, Any]
