"""What everybody is answered about figures, exports and monthly reports."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /figures                                      401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /figures/load                                 401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /figures/export                               401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /service-requests/export                      401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
POST /monthly-reports                             401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /communities/{slug}/monthly-reports           ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /communities/{slug}/monthly-reports/{month}   ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
"""

ASKS: dict[str, Asks] = {
    "POST /monthly-reports": lambda _: json(month="2026-10"),
}
