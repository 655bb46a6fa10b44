"""What everybody is answered about requests, and what their desk has at hand."""

from tests.permissions.asking import Asks, json
from tests.pictures import a_picture

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /service-requests                             401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /service-requests                            401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  422
GET /service-requests/{request_id}                401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
GET /service-requests/{request_id}/timeline       401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
POST /service-requests/{request_id}/steps/{step}  401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /service-requests/similar                     401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  422
GET /service-requests/{request_id}/similar        401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
POST /service-requests/{request_id}/merge         401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /service-requests/followed                    401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /service-requests/followed                   401 ok  404 404 404 404 404 404 404 403 404 404
DELETE /service-requests/followed/{number}        401 404 ok  404 404 404 404 404 404 403 404 404
POST /service-requests/followed/{number}/urges    401 404 ok  404 404 404 404 404 404 404 404 404
POST /service-requests/{request_id}/remarks       401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
GET /service-requests/counts                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /service-requests/bulk                       401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
GET /request-views                                401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /request-views                               401 403 403 ok  ok  ok  ok  ok  ok  403 403 ok
GET /request-views/{view_id}                      401 404 404 ok  ok  ok  ok  ok  ok  ok  404 404
PATCH /request-views/{view_id}                    401 404 404 403 403 403 ok  ok  ok  ok  404 404
DELETE /request-views/{view_id}                   401 404 404 403 403 403 ok  ok  ok  ok  404 404
GET /reply-templates                              401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /reply-templates                             401 403 403 403 403 403 ok  ok  ok  ok  403 ok
GET /reply-templates/{template_id}                401 404 404 ok  ok  ok  ok  ok  ok  ok  404 404
PATCH /reply-templates/{template_id}              401 404 404 403 403 403 ok  ok  ok  ok  404 404
DELETE /reply-templates/{template_id}             401 404 404 403 403 403 ok  ok  ok  ok  404 404
POST /reply-templates/{template_id}/rendered      401 404 404 ok  422 ok  ok  ok  ok  ok  404 404
POST /files                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /files/{file_id}                              401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
"""

ASKS: dict[str, Asks] = {
    "POST /service-requests": lambda world: json(place_id=world.ids["home_id"], summary="水管漏水"),
    "POST /service-requests/{request_id}/steps/{step}": lambda _: json(),
    "GET /service-requests/similar": lambda world: {
        "params": {"place_id": world.ids["home_id"], "summary": "水管漏水"}
    },
    "POST /service-requests/{request_id}/merge": lambda world: json(
        into_number=int(world.ids["number"])
    ),
    "POST /service-requests/followed": lambda world: json(number=int(world.ids["number"])),
    "POST /service-requests/followed/{number}/urges": lambda _: json(),
    "POST /service-requests/{request_id}/remarks": lambda _: json(text="还在漏"),
    "POST /service-requests/bulk": lambda world: json(ids=[world.ids["request_id"]], step="accept"),
    "POST /request-views": lambda _: json(name="新的", filters={"q": "漏水"}),
    "PATCH /request-views/{view_id}": lambda _: json(name="新名"),
    "POST /reply-templates": lambda _: json(name="新的", text="您好"),
    "PATCH /reply-templates/{template_id}": lambda _: json(name="新名"),
    "POST /reply-templates/{template_id}/rendered": lambda world: json(
        request_id=world.ids["request_id"]
    ),
    "POST /files": lambda _: {"files": {"file": ("leak.jpg", a_picture())}},
}
