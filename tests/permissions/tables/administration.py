"""What everybody is answered about programs, accounts and work that failed."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /clients                                      401 403 403 403 403 403 403 403 ok  403 403 ok
POST /clients                                     401 403 403 403 403 403 403 403 ok  403 403 422
GET /clients/{client_id}                          401 404 404 404 404 404 404 404 ok  404 404 404
DELETE /clients/{client_id}                       401 404 404 404 404 404 404 404 ok  404 404 404
GET /accounts                                     401 403 403 403 403 403 403 403 ok  403 403 ok
POST /accounts                                    401 403 403 403 403 403 403 403 ok  403 403 ok
GET /accounts/{account_id}                        401 404 404 404 404 404 404 404 ok  404 404 404
PATCH /accounts/{account_id}                      401 404 404 404 404 404 404 404 ok  404 404 404
GET /dead-letters                                 401 403 403 403 403 403 403 403 ok  403 403 ok
POST /dead-letters/{letter_id}/replay             401 403 403 403 403 403 403 403 ok  403 403 404
"""

ASKS: dict[str, Asks] = {
    "POST /clients": lambda world: json(name="hub", role="staff", place_id=world.ids["place_id"]),
    "POST /accounts": lambda _: json(
        slug="new", name="x", app_id="wxnew", app_secret="x", token="abc", mode="plain"
    ),
    "PATCH /accounts/{account_id}": lambda _: json(name="新名"),
}
