"""What everybody is answered about notices, their deliveries and ways out."""

from datetime import timedelta

from app.core.clock import now
from tests.permissions.asking import Asks, json
from tests.pictures import a_picture

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /notices                                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /notices                                     401 403 403 ok  403 ok  ok  ok  ok  ok  403 422
GET /notices/{notice_id}                          401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /notices/{notice_id}                        401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/files                   401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /notices/{notice_id}/files/{attached_id}      401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
DELETE /notices/{notice_id}/files/{attached_id}   401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /notices/{notice_id}/audience                 401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/submission              401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/approval                401 404 404 403 404 ok  403 ok  ok  403 404 404
POST /notices/{notice_id}/return                  401 404 404 403 404 ok  403 ok  ok  403 404 404
POST /notices/{notice_id}/schedule                401 404 404 403 404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/publication             401 404 404 403 404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/withdrawal              401 404 404 403 404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/correction              401 404 404 403 404 ok  ok  ok  ok  ok  404 404
GET /notices/{notice_id}/readings                 401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/readings                401 404 404 ok  404 ok  ok  ok  ok  403 404 404
POST /notices/{notice_id}/studies                 401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /notices/{notice_id}/unreached-homes          401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /notices/{notice_id}/deliveries               401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /notices/{notice_id}/replays                 401 404 404 403 404 403 403 ok  ok  403 404 404
GET /deliveries                                   401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /deliveries/{delivery_id}/replays            401 403 403 403 403 403 403 ok  ok  403 403 404
GET /notice-policy                                401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
PUT /notice-policy                                401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /communities/{slug}/notices                   ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /outlets                                      401 403 403 403 403 403 403 403 ok  403 403 ok
POST /outlets                                     401 403 403 403 403 403 403 403 ok  403 403 ok
PATCH /outlets/{outlet_id}                        401 404 404 404 404 404 404 404 ok  404 404 404
"""

ASKS: dict[str, Asks] = {
    "POST /notices": lambda world: json(
        kind="news", title="新的", body="x", place_id=world.ids["place_id"], channels=["site"]
    ),
    "PATCH /notices/{notice_id}": lambda _: json(title="新名"),
    "POST /notices/{notice_id}/files": lambda _: {"files": {"file": ("a.jpg", a_picture())}},
    "POST /notices/{notice_id}/return": lambda _: json(reason="再改"),
    "POST /notices/{notice_id}/schedule": lambda _: json(
        at=(now() + timedelta(days=1)).isoformat()
    ),
    "POST /notices/{notice_id}/withdrawal": lambda _: json(reason="有误"),
    "POST /notices/{notice_id}/correction": lambda _: json(body="改为后天"),
    "POST /notices/{notice_id}/studies": lambda world: json(person_id=world.ids["person_id"]),
    "PUT /notice-policy": lambda _: json(
        second_person=True, quiet_from="21:30", quiet_to="07:30", knock_after_hours=24
    ),
    "POST /outlets": lambda _: json(channel="weibo", name="微博", keys={"access_token": "x"}),
    "PATCH /outlets/{outlet_id}": lambda _: json(name="新名"),
}
