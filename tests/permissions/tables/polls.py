"""What everybody is answered about polls, and what they proved."""

from tests.permissions.asking import Asks, json
from tests.pictures import a_picture
from tests.polls.matrix import a_poll_asked

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
GET /polls                                        401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /polls                                       401 ok  403 403 403 ok  ok  ok  ok  ok  403 422
GET /polls/{poll_id}                              401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /polls/{poll_id}                            401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/copies                      401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/files                       401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /polls/{poll_id}/files/{poll_file_id}         401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
DELETE /polls/{poll_id}/files/{poll_file_id}      401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/support                     401 ok  403 403 403 403 403 403 403 403 403 404
POST /polls/{poll_id}/acceptance                  401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/refusal                     401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/announcement                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/opening                     401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/extension                   401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/tightening                  401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/closing                     401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/publication                 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/cancellation                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
POST /polls/{poll_id}/roll-counts                 401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /polls/{poll_id}/roll                         401 403 403 403 403 403 ok  ok  ok  ok  403 404
GET /polls/{poll_id}/turnout                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /polls/{poll_id}/my-votes                     401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /polls/{poll_id}/objections                   401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /polls/{poll_id}/objections                  401 ok  403 403 403 403 ok  ok  ok  ok  403 404
POST /polls/{poll_id}/objections/{objection_id}/decision 401 403 403 403 403 403 403 ok  ok  403 403 404
GET /poll-policy                                  401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PUT /poll-policy                                  401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /polls/{poll_id}/reminders                   401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /polls/{poll_id}/bundle                       401 403 403 403 403 403 403 ok  ok  403 403 404
GET /polls/{poll_id}/results                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /polls/{poll_id}/links                        ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /polls/{poll_id}/receipts/{code}              404 404 404 404 404 404 404 404 404 404 404 404
POST /ballots                                     401 401 401 401 401 401 401 401 401 401 401 401
GET /polls/{poll_id}/results/charts               401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /polls/{poll_id}/ballots                      401 403 403 403 403 403 403 ok  ok  403 403 404
GET /poll-templates                               401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /polls/{poll_id}/statistics                   401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
GET /polls/{poll_id}/export                       401 403 403 403 403 ok  ok  ok  ok  ok  403 404
GET /recount.py                                   ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
"""  # noqa: E501 - a line is a route

ASKS: dict[str, Asks] = {
    "POST /polls": lambda world: json(**a_poll_asked(world.ids["place_id"])),
    "PATCH /polls/{poll_id}": lambda _: json(title="新名"),
    "POST /polls/{poll_id}/files": lambda _: {"files": {"file": ("a.jpg", a_picture())}},
    "POST /polls/{poll_id}/refusal": lambda _: json(reason="重复"),
    "POST /polls/{poll_id}/extension": lambda _: json(closes_at="2099-01-01T00:00:00Z"),
    "POST /polls/{poll_id}/tightening": lambda _: json(names_shown=False),
    "POST /polls/{poll_id}/cancellation": lambda _: json(reason="有误"),
    "POST /polls/{poll_id}/objections": lambda world: json(
        kind="missing", text="漏了", person_id=world.ids["person_id"]
    ),
    "POST /polls/{poll_id}/objections/{objection_id}/decision": lambda _: json(
        upheld=True, answer="属实"
    ),
    "PUT /poll-policy": lambda _: json(
        supports_needed=20,
        seconds_needed=5,
        moderated=True,
        notice_days=15,
        publish_days=3,
        seal_minutes=10,
        remind_hours=24,
        smallest_cell=5,
        accepted_by=None,
    ),
    "GET /polls/{poll_id}/statistics": lambda _: {"params": {"question": "q1"}},
}
