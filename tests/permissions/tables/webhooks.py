"""What everybody is answered about webhooks."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /webhook-kinds                                401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /webhooks                                     401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /webhooks                                    401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /webhooks/{subscription_id}                   401 404 404 404 404 404 404 ok  ok  404 404 404
PATCH /webhooks/{subscription_id}                 401 404 404 404 404 404 404 ok  ok  404 404 404
DELETE /webhooks/{subscription_id}                401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhooks/{subscription_id}/secret           401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhooks/{subscription_id}/test             401 404 404 404 404 404 404 ok  ok  404 404 404
GET /webhooks/{subscription_id}/messages          401 404 404 404 404 404 404 ok  ok  404 404 404
GET /webhook-messages/{webhook_message_id}        401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhook-messages/{webhook_message_id}/replay 401 404 404 404 404 404 404 ok  ok  404 404 404
"""

ASKS: dict[str, Asks] = {
    "POST /webhooks": lambda _: json(
        name="hub", url="https://hub.example/in", kinds=["service_request.*"]
    ),
    "PATCH /webhooks/{subscription_id}": lambda _: json(name="新名"),
}
