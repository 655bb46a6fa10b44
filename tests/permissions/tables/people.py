"""What everybody is answered about people, their homes, and who works for the community."""

from tests.people.builders import PASSWORD
from tests.people.sheets import csv_of
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
POST /sessions                                    ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
DELETE /sessions/current                          401 ok  ok  ok  ok  ok  ok  ok  ok  403 ok  ok
GET /me                                           401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /people                                       401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /people                                      401 403 403 ok  403 403 ok  ok  ok  ok  403 422
GET /people/{person_id}                           401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /people/{person_id}                         401 403 404 ok  404 403 ok  ok  ok  ok  404 404
POST /people/{person_id}/phone-reveals            401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /rosters                                     401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /residences                                   401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /residences/{residence_id}/confirmation      401 404 404 ok  404 403 ok  ok  ok  ok  404 404
POST /residences/{residence_id}/rejection         401 404 404 ok  404 403 ok  ok  ok  ok  404 404
POST /residences/{residence_id}/ending            401 404 404 ok  404 403 ok  ok  ok  ok  404 404
GET /staff                                        401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /staff                                       401 403 403 403 403 403 403 ok  ok  403 403 422
GET /staff/{staff_id}                             401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /staff/{staff_id}/posts                      401 404 404 403 404 403 403 ok  ok  403 404 404
DELETE /staff/{staff_id}/posts/{post_id}          401 404 404 403 404 403 403 ok  ok  403 404 404
PUT /staff/{staff_id}/password                    401 404 404 403 404 403 403 ok  ok  403 404 404
POST /staff/{staff_id}/wechat-code                401 404 404 ok  404 403 403 ok  ok  403 404 404
GET /people/{person_id}/tags                      401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
PUT /people/{person_id}/tags                      401 403 404 ok  404 403 ok  ok  ok  ok  404 404
"""

ASKS: dict[str, Asks] = {
    "POST /sessions": lambda _: json(community="yiyi", login="worker", password=PASSWORD),
    "POST /people": lambda world: json(name="赵六", home_id=world.ids["home_id"]),
    "PATCH /people/{person_id}": lambda _: json(name="张三丰"),
    "POST /people/{person_id}/phone-reveals": lambda _: json(reason="上门维修"),
    "POST /rosters": lambda _: {"files": {"file": ("roster.csv", csv_of())}},
    "POST /residences/{residence_id}/rejection": lambda _: json(),
    "POST /staff": lambda world: json(
        name="王强",
        login="wang",
        password=PASSWORD,
        role="grid_worker",
        place_id=world.ids["place_id"],
    ),
    "POST /staff/{staff_id}/posts": lambda world: json(
        role="staff", place_id=world.ids["place_id"]
    ),
    "PUT /staff/{staff_id}/password": lambda _: json(password="another horse"),
    "PUT /people/{person_id}/tags": lambda _: json(tags=["志愿者"]),
}
