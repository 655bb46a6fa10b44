"""What everybody is answered about what may be asked for, and the days that count."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /service-categories                           401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /service-categories                          401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /service-categories/{code}                    401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /service-categories/{code}                  401 403 403 403 403 403 403 ok  ok  403 403 404
GET /service-categories/suggestions               401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /service-categories/template.xlsx             401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /service-categories/imports                  401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /service-categories/{code}/partners           401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PUT /service-categories/{code}/partners           401 403 403 403 403 403 403 ok  ok  403 403 404
GET /service-categories/{code}/versions           401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /service-categories/{code}/versions/{version} 401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /communities/{slug}/guide                     ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /service-request-policy                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PATCH /service-request-policy                     401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /working-days                                 401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PUT /special-days/{day}                           401 403 403 403 403 403 403 ok  ok  403 403 ok
DELETE /special-days/{day}                        401 403 403 403 403 403 403 ok  ok  403 403 404
"""

ASKS: dict[str, Asks] = {
    "POST /service-categories": lambda _: json(
        code="lift",
        name="电梯",
        group="物业",
        speciality="property",
        answer_limit="30m",
        resolve_limit="1h",
    ),
    "PATCH /service-categories/{code}": lambda _: json(name="新名"),
    "GET /service-categories/suggestions": lambda _: {"params": {"text": "漏水"}},
    "POST /service-categories/imports": lambda _: {"files": {"file": ("x.csv", b"code,public")}},
    "PUT /service-categories/{code}/partners": lambda _: json(organization_ids=[]),
    "PATCH /service-request-policy": lambda _: json(urge_most=5),
    "GET /working-days": lambda _: {"params": {"from": "2026-02-14", "to": "2026-02-28"}},
    "PUT /special-days/{day}": lambda _: json(working=True, note="值班"),
}
