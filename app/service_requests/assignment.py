"""Giving a request to somebody: whoever has it first answers for it to the end (首接负责)."""

from uuid import UUID

from app.core.clock import now
from app.service_requests.models import ServiceRequest


def give(request: ServiceRequest, worker_id: UUID) -> None:
    """Make somebody its worker; a clock that runs goes on running."""
    request.assignee_id = worker_id
    request.assigned_at = now()
    request.first_handler_id = request.first_handler_id or worker_id
