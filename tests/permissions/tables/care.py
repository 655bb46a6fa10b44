"""What everybody is answered about people who are looked after: register, visits, tasks."""

from app.service_requests.catalogue import OTHER
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /care-entries                                 401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /care-entries                                401 403 403 ok  422 ok  ok  ok  ok  ok  403 422
POST /care-entries/{entry_id}/readings            401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /care-entries/{entry_id}                    401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /care-entries/{entry_id}/ending              401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
GET /visit-plans                                  401 403 403 ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /visit-plans                                 401 403 403 ok  422 ok  ok  ok  ok  ok  403 422
GET /visit-plans/{plan_id}                        401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /visit-plans/{plan_id}                      401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /visit-plans/{plan_id}/ending                401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /tasks                                       401 403 403 ok  403 ok  ok  ok  ok  ok  403 422
"""

ASKS: dict[str, Asks] = {
    "POST /care-entries": lambda world: json(
        person_id=world.ids["person_id"],
        place_id=world.ids["home_id"],
        kinds=["elderly"],
        consent={"wording": "同意", "channel": "paper"},
    ),
    "POST /care-entries/{entry_id}/readings": lambda _: json(reason="走访"),
    "PATCH /care-entries/{entry_id}": lambda _: json(note=None),
    "POST /visit-plans": lambda world: json(
        person_id=world.ids["person_id"],
        place_id=world.ids["home_id"],
        category=OTHER,
        task="走访",
        every="week",
        starts_on="2026-12-01",
    ),
    "PATCH /visit-plans/{plan_id}": lambda _: json(count=2),
    "POST /tasks": lambda world: json(
        organization_id=world.ids["organization_id"],
        category=OTHER,
        place_id=world.ids["home_id"],
        summary="摸排",
    ),
}
