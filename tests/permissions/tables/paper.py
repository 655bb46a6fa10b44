"""What everybody is answered about votes that are given on paper, by proxy or in a hall."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /polls/{poll_id}/proxies                      401 403 403 403 403 403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/proxies                     401 403 403 403 403 403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/proxies/{proxy_id}/revocation 401 403 403 403 403 403 ok  ok  ok  ok  403 404
GET /polls/{poll_id}/proxies/{proxy_id}/scan      401 403 403 403 403 403 ok  ok  ok  ok  403 404
GET /polls/{poll_id}/papers                       401 403 403 ok  ok  403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/papers                      401 403 403 ok  403 403 ok  ok  ok  403 403 404
POST /polls/{poll_id}/papers/{paper_id}/reading   401 403 403 ok  404 403 ok  ok  ok  403 403 404
POST /polls/{poll_id}/papers/{paper_id}/discarding 401 403 403 ok  404 403 ok  ok  ok  403 403 404
GET /polls/{poll_id}/papers/{paper_id}/photo      401 403 403 ok  404 403 ok  ok  ok  ok  403 404
GET /polls/{poll_id}/boxes                        401 403 403 ok  403 403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/boxes                       401 403 403 ok  403 403 ok  ok  ok  403 403 404
POST /polls/{poll_id}/boxes/{box_id}/reading      401 403 403 ok  403 403 ok  ok  ok  403 403 404
POST /polls/{poll_id}/boxes/{box_id}/discarding   401 403 403 ok  403 403 ok  ok  ok  403 403 404
GET /polls/{poll_id}/attendances                  401 403 403 403 403 403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/attendances                 401 403 403 403 403 403 ok  ok  ok  ok  403 404
"""

ASKS: dict[str, Asks] = {
    "POST /polls/{poll_id}/proxies": lambda world: json(
        giver_id=world.ids["person_id"], holder_id=world.ids["staff_id"], paper="第2号"
    ),
    "POST /polls/{poll_id}/papers": lambda world: json(
        code=world.ids["entry_code"], choice={"q1": "A"}
    ),
    "POST /polls/{poll_id}/papers/{paper_id}/reading": lambda _: json(choice={"q1": "A"}),
    "POST /polls/{poll_id}/boxes": lambda _: json(
        entries=["NOBODY"], choices=[{"choice": {"q1": "A"}, "count": 1}]
    ),
    "POST /polls/{poll_id}/boxes/{box_id}/reading": lambda _: json(
        entries=["NOBODY"], choices=[{"choice": {"q1": "A"}, "count": 1}]
    ),
    "POST /polls/{poll_id}/attendances": lambda world: json(entries=[world.ids["entry_code"]]),
}
