"""What everybody is answered about what is heard in groups."""

from app.service_requests.catalogue import OTHER
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /opinion/watches                              401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /opinion/watches                             401 403 403 403 403 403 403 ok  ok  403 403 422
PATCH /opinion/watches/{watch_id}                 401 404 404 404 404 404 404 ok  ok  404 404 404
DELETE /opinion/watches/{watch_id}                401 404 404 404 404 404 404 ok  ok  404 404 404
GET /opinion/alerts                               401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /opinion/alerts/{alert_id}                    401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/request           401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/mediation         401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/rebuttal          401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/dismissal         401 404 404 404 404 ok  ok  ok  ok  ok  404 404
"""

ASKS: dict[str, Asks] = {
    "POST /opinion/watches": lambda world: json(place_id=world.ids["place_id"], written="停水"),
    "PATCH /opinion/watches/{watch_id}": lambda _: json(least=9),
    "POST /opinion/alerts/{alert_id}/request": lambda _: json(category=OTHER, summary="了解"),
    "POST /opinion/alerts/{alert_id}/mediation": lambda _: json(summary="纠纷"),
    "POST /opinion/alerts/{alert_id}/rebuttal": lambda _: json(title="说明", body="不实"),
    "POST /opinion/alerts/{alert_id}/dismissal": lambda _: json(note="玩笑"),
}
