"""What everybody is answered about topics and councils."""

from app.service_requests.catalogue import OTHER
from tests.permissions.asking import Asks, json

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /topics                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /topics                                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  422
GET /topics/{topic_id}                            401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/seconds                   401 ok  403 ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/discussion                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/publication               401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/refusal                   401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/polls                     401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/resolution                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/requests                  401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /topics/{topic_id}/account                   401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /topics/{topic_id}/posts                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/posts                     401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/posts/{topic_post_id}/moderation 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /topic-posts                                  401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /councils                                     401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /councils                                    401 403 403 403 403 ok  ok  ok  ok  ok  403 422
GET /councils/{council_id}                        401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /councils/{council_id}/ending                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /councils/{council_id}/sittings               401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /councils/{council_id}/sittings              401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /councils/{council_id}/sittings/{sitting_id}  401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /councils/{council_id}/sittings/{sitting_id} 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
PUT /councils/{council_id}/sittings/{sitting_id}/agenda 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
PUT /councils/{council_id}/sittings/{sitting_id}/minutes 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
"""  # noqa: E501 - a line is a route

ASKS: dict[str, Asks] = {
    "POST /topics": lambda world: json(
        place_id=world.ids["place_id"], title="装充电桩", body="没处充电"
    ),
    "POST /topics/{topic_id}/refusal": lambda _: json(reason="不归社区管"),
    "POST /topics/{topic_id}/polls": lambda _: json(
        form={"questions": [{"key": "q1", "method": "yes_no", "text": "装吗？"}]}
    ),
    "POST /topics/{topic_id}/resolution": lambda _: json(text="装六个"),
    "POST /topics/{topic_id}/requests": lambda _: json(category=OTHER),
    "POST /topics/{topic_id}/account": lambda _: json(text="装好了"),
    "POST /topics/{topic_id}/posts": lambda _: json(text="我同意"),
    "POST /topics/{topic_id}/posts/{topic_post_id}/moderation": lambda _: json(shown=True),
    "POST /councils": lambda world: json(place_id=world.ids["place_id"], name="议事会"),
    "POST /councils/{council_id}/sittings": lambda _: json(starts_at="2030-01-01T19:00:00+08:00"),
    "PATCH /councils/{council_id}/sittings/{sitting_id}": lambda _: json(where="三栋"),
    "PUT /councils/{council_id}/sittings/{sitting_id}/agenda": lambda _: json(items=[]),
    "PUT /councils/{council_id}/sittings/{sitting_id}/minutes": lambda _: json(
        minutes="好", attended=3
    ),
}
