"""What everybody is answered about owners and their deeds."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /owners                                       401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
POST /owners                                      401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
GET /owners/template.xlsx                         401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
POST /owners/imports                              401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
GET /owners/{owner_id}                            401 404 404 ok  404 404 ok  ok  ok  ok  404 404
PATCH /owners/{owner_id}                          401 404 404 ok  404 404 ok  ok  ok  ok  404 404
GET /deeds                                        401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
POST /deeds                                       401 403 403 ok  403 403 ok  ok  ok  ok  403 422
GET /deeds/totals                                 401 403 403 ok  403 403 ok  ok  ok  ok  403 ok
GET /deeds/{deed_id}                              401 404 404 ok  404 404 ok  ok  ok  ok  404 404
PATCH /deeds/{deed_id}                            401 404 404 ok  404 404 ok  ok  ok  ok  404 404
POST /deeds/{deed_id}/ending                      401 404 404 ok  404 404 ok  ok  ok  ok  404 404
"""

ASKS: dict[str, Asks] = {
    "POST /owners": lambda _: json(name="张三"),
    "POST /owners/imports": lambda _: {
        "files": {"file": ("owners.csv", "楼栋,房号,业主,面积".encode())}
    },
    "PATCH /owners/{owner_id}": lambda _: json(name="李四"),
    "POST /deeds": lambda world: json(
        home_id=world.ids["home_id"],
        area="89.50",
        area_source="registry",
        owner_ids=[world.ids["owner_id"]],
    ),
    "PATCH /deeds/{deed_id}": lambda _: json(area="90.00"),
}
