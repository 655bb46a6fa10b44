"""What everybody is answered about communities and their places."""

from tests.people.builders import PASSWORD
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /communities                                  401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /communities                                 401 403 403 403 403 403 403 403 403 403 ok  403
GET /communities/{community_id}                   401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /communities/{community_id}                 401 403 403 403 403 403 403 403 ok  403 ok  404
GET /places                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /places                                      401 403 403 403 403 403 403 ok  ok  403 403 422
GET /places/{place_id}                            401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /places/{place_id}                          401 403 403 403 403 403 403 ok  ok  403 403 404
"""

ASKS: dict[str, Asks] = {
    "POST /communities": lambda _: json(
        slug="sansan",
        name="叁叁小区",
        town="ZJ镇",
        admin={"name": "周", "login": "zhou", "password": PASSWORD},
    ),
    "PATCH /communities/{community_id}": lambda _: json(name="新名"),
    "POST /places": lambda world: json(
        parent_id=world.ids["place_id"], kind="building", code="8", name="8栋"
    ),
    "PATCH /places/{place_id}": lambda _: json(name="新名"),
}
