"""What everybody is answered about groups, their bots, and what is counted in them."""

from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /bots                                         401 403 403 403 403 403 403 403 ok  403 403 ok
POST /bots                                        401 403 403 403 403 403 403 403 ok  403 403 ok
GET /bots/{bot_id}                                401 404 404 404 404 404 404 404 ok  404 404 404
PATCH /bots/{bot_id}                              401 404 404 404 404 404 404 404 ok  404 404 404
GET /groups                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /groups                                      401 ok  ok  ok  ok  ok  ok  ok  ok  422 ok  422
GET /groups/{group_id}                            401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /groups/{group_id}                          401 403 404 403 404 403 ok  ok  ok  ok  404 404
POST /groups/{group_id}/approval                  401 403 404 403 404 403 ok  ok  ok  ok  404 404
POST /groups/{group_id}/refusal                   401 403 404 403 404 403 ok  ok  ok  ok  404 404
POST /groups/{group_id}/closing                   401 403 404 403 404 403 ok  ok  ok  ok  404 404
GET /groups/{group_id}/members                    401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /groups/{group_id}/members                   401 403 404 403 404 403 ok  ok  ok  ok  404 404
PATCH /groups/{group_id}/members/{group_member_id} 401 403 404 403 404 403 ok  ok  ok  ok  404 404
GET /groups/{group_id}/messages                   401 403 404 403 404 ok  ok  ok  ok  ok  404 404
GET /groups/{group_id}/answering                  401 403 404 403 404 ok  ok  ok  ok  ok  404 404
GET /groups/{group_id}/questions                  401 403 404 403 404 ok  ok  ok  ok  ok  404 404
DELETE /groups/{group_id}/questions/{question_id} 401 403 404 403 404 ok  ok  ok  ok  ok  404 404
GET /communities/{slug}/property-answers          ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /group-policy                                 401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PUT /group-policy                                 401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /groups/{group_id}/chains                     401 403 403 ok  404 ok  ok  ok  ok  ok  403 404
GET /chains/{chain_id}                            401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /chains/{chain_id}/closing                   401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
DELETE /chains/{chain_id}/entries/{line_id}       401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /chains/{chain_id}/export                     401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /groups/{group_id}/shows                      401 403 403 ok  404 ok  ok  ok  ok  ok  403 404
GET /shows/{show_id}                              401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /shows/{show_id}/closing                     401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
"""

ASKS: dict[str, Asks] = {
    "POST /bots": lambda _: json(slug="new", name="小乙", platform="signed", keys={"secret": "x"}),
    "PATCH /bots/{bot_id}": lambda _: json(name="小丙"),
    "POST /groups": lambda world: json(
        kind="interest", name="书法", place_id=world.ids["place_id"], platform="wecom"
    ),
    "PATCH /groups/{group_id}": lambda _: json(name="新名"),
    "POST /groups/{group_id}/approval": lambda _: json(),
    "POST /groups/{group_id}/refusal": lambda _: json(reason="重复"),
    "POST /groups/{group_id}/closing": lambda _: json(reason="解散"),
    "POST /groups/{group_id}/members": lambda world: json(
        person_id=world.ids["person_id"], title="building_head"
    ),
    "PATCH /groups/{group_id}/members/{group_member_id}": lambda _: json(title="company"),
    "PUT /group-policy": lambda _: json(messages_kept_days=365, answer_minutes=60),
}
