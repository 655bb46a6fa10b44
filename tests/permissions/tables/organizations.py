"""What everybody is answered about organisations, their offers and orders."""

from tests.people.builders import PASSWORD
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /organizations                                401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /organizations                               401 403 403 403 403 403 403 ok  ok  403 403 422
GET /organizations/{organization_id}              401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /organizations/{organization_id}            401 403 403 403 403 403 403 ok  ok  403 403 404
GET /organizations/{organization_id}/members      401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /organizations/{organization_id}/members     401 403 403 403 403 403 403 ok  ok  403 403 404
DELETE /organizations/{organization_id}/members/{member_id} 401 403 403 403 403 403 403 ok  ok  403 403 404
GET /listings                                     401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /listings                                    401 403 403 403 403 403 403 ok  ok  403 403 422
GET /listings/{listing_id}                        401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /listings/{listing_id}                      401 403 403 403 403 403 403 ok  ok  403 403 404
POST /orders                                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  422
"""  # noqa: E501 - a line is a route

ASKS: dict[str, Asks] = {
    "POST /organizations": lambda world: json(
        code="wanjia", name="万家物业", kind="property", place_id=world.ids["place_id"]
    ),
    "PATCH /organizations/{organization_id}": lambda _: json(name="新名"),
    "POST /organizations/{organization_id}/members": lambda _: json(
        name="吴师傅", login="wu", password=PASSWORD
    ),
    "POST /listings": lambda world: json(
        organization_id=world.ids["organization_id"],
        category_code="other",
        title="擦窗",
        place_id=world.ids["place_id"],
    ),
    "PATCH /listings/{listing_id}": lambda _: json(title="新名"),
    "POST /orders": lambda world: json(
        listing_id=world.ids["listing_id"], place_id=world.ids["home_id"], summary="两扇窗"
    ),
}
