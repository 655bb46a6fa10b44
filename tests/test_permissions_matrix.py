"""Who may do what: every route of the API, asked by everybody there is.

A route that is not in the table fails. `ok` is an answer from behind the check of rights, and a
refusal of the matter itself (409, 429) is one. What a route asks for stands in `ASKS`; the ids in
a path are those of `World.ids`, by name. The columns are those of `CALLERS`.
"""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.clock import now
from app.main import create_app
from app.service_requests.catalogue import OTHER
from tests.matrix import CALLERS, Asks, Door, World, a_photo, a_world, routes
from tests.people.builders import PASSWORD
from tests.people.sheets import csv_of
from tests.polls.matrix import a_poll_asked

TABLE = """
                                                  ano res nei wor far lea sta man adm cli ope for
POST /sessions                                    ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
DELETE /sessions/current                          401 ok  ok  ok  ok  ok  ok  ok  ok  403 ok  ok
GET /me                                           401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok

GET /communities                                  401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /communities                                 401 403 403 403 403 403 403 403 403 403 ok  403
GET /communities/{community_id}                   401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /communities/{community_id}                 401 403 403 403 403 403 403 403 ok  403 ok  404

GET /places                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /places                                      401 403 403 403 403 403 403 ok  ok  403 403 422
GET /places/{place_id}                            401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
PATCH /places/{place_id}                          401 403 403 403 403 403 403 ok  ok  403 403 404

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

GET /clients                                      401 403 403 403 403 403 403 403 ok  403 403 ok
POST /clients                                     401 403 403 403 403 403 403 403 ok  403 403 422
GET /clients/{client_id}                          401 404 404 404 404 404 404 404 ok  404 404 404
DELETE /clients/{client_id}                       401 404 404 404 404 404 404 404 ok  404 404 404

GET /accounts                                     401 403 403 403 403 403 403 403 ok  403 403 ok
POST /accounts                                    401 403 403 403 403 403 403 403 ok  403 403 ok
GET /accounts/{account_id}                        401 404 404 404 404 404 404 404 ok  404 404 404
PATCH /accounts/{account_id}                      401 404 404 404 404 404 404 404 ok  404 404 404

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

GET /service-request-policy                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PATCH /service-request-policy                     401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /working-days                                 401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
PUT /special-days/{day}                           401 403 403 403 403 403 403 ok  ok  403 403 ok
DELETE /special-days/{day}                        401 403 403 403 403 403 403 ok  ok  403 403 404

GET /care-entries                                 401 403 403 ok  ok  ok  ok  ok  ok  ok  403 ok
POST /care-entries                                401 403 403 ok  422 ok  ok  ok  ok  ok  403 422
POST /care-entries/{entry_id}/readings            401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /care-entries/{entry_id}                    401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /care-entries/{entry_id}/ending              401 ok  404 ok  404 ok  ok  ok  ok  ok  404 404
GET /visit-plans                                  401 403 403 ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /visit-plans                                 401 403 403 ok  422 ok  ok  ok  ok  ok  403 422
GET /visit-plans/{plan_id}                        401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
PATCH /visit-plans/{plan_id}                      401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /visit-plans/{plan_id}/ending                401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /tasks                                       401 403 403 ok  403 ok  ok  ok  ok  ok  403 422
GET /figures                                      401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /figures/load                                 401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /figures/export                               401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /service-requests/export                      401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
POST /monthly-reports                             401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /communities/{slug}/monthly-reports           ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
GET /communities/{slug}/monthly-reports/{month}   ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok

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

GET /opinion/watches                              401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /opinion/watches                             401 403 403 403 403 403 403 ok  ok  403 403 422
PATCH /opinion/watches/{watch_id}                 401 404 404 404 404 404 404 ok  ok  404 404 404
DELETE /opinion/watches/{watch_id}                401 404 404 404 404 404 404 ok  ok  404 404 404
GET /opinion/alerts                               401 403 403 ok  403 ok  ok  ok  ok  ok  403 ok
GET /opinion/alerts/{alert_id}                    401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/request           401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/mediation         401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/rebuttal          401 404 404 404 404 ok  ok  ok  ok  ok  404 404
POST /opinion/alerts/{alert_id}/dismissal         401 404 404 404 404 ok  ok  ok  ok  ok  404 404

GET /webhook-kinds                                401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /webhooks                                     401 403 403 403 403 403 403 ok  ok  403 403 ok
POST /webhooks                                    401 403 403 403 403 403 403 ok  ok  403 403 ok
GET /webhooks/{subscription_id}                   401 404 404 404 404 404 404 ok  ok  404 404 404
PATCH /webhooks/{subscription_id}                 401 404 404 404 404 404 404 ok  ok  404 404 404
DELETE /webhooks/{subscription_id}                401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhooks/{subscription_id}/secret           401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhooks/{subscription_id}/test             401 404 404 404 404 404 404 ok  ok  404 404 404
GET /webhooks/{subscription_id}/messages          401 404 404 404 404 404 404 ok  ok  404 404 404
GET /webhook-messages/{webhook_message_id}        401 404 404 404 404 404 404 ok  ok  404 404 404
POST /webhook-messages/{webhook_message_id}/replay 401 404 404 404 404 404 404 ok  ok  404 404 404
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
GET /people/{person_id}/tags                      401 403 404 ok  404 ok  ok  ok  ok  ok  404 404
PUT /people/{person_id}/tags                      401 403 404 ok  404 403 ok  ok  ok  ok  404 404
GET /outlets                                      401 403 403 403 403 403 403 403 ok  403 403 ok
POST /outlets                                     401 403 403 403 403 403 403 403 ok  403 403 ok
PATCH /outlets/{outlet_id}                        401 404 404 404 404 404 404 404 ok  404 404 404

GET /groups/{group_id}/chains                     401 403 403 ok  404 ok  ok  ok  ok  ok  403 404
GET /chains/{chain_id}                            401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /chains/{chain_id}/closing                   401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
DELETE /chains/{chain_id}/entries/{line_id}       401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /chains/{chain_id}/export                     401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
GET /groups/{group_id}/shows                      401 403 403 ok  404 ok  ok  ok  ok  ok  403 404
GET /shows/{show_id}                              401 404 404 ok  404 ok  ok  ok  ok  ok  404 404
POST /shows/{show_id}/closing                     401 404 404 ok  404 ok  ok  ok  ok  ok  404 404

GET /dead-letters                                 401 403 403 403 403 403 403 403 ok  403 403 ok
POST /dead-letters/{letter_id}/replay             401 403 403 403 403 403 403 403 ok  403 403 404

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

GET /topics                                       401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
POST /topics                                      401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  422
GET /topics/{topic_id}                            401 ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/seconds                   401 ok  403 ok  ok  ok  ok  ok  ok  ok  ok  404
POST /topics/{topic_id}/discussion                401 403 403 403 403 ok  ok  ok  ok  ok  403 404
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
    "PATCH /service-request-policy": lambda _: json(urge_most=5),
    "GET /working-days": lambda _: {"params": {"from": "2026-02-14", "to": "2026-02-28"}},
    "PUT /special-days/{day}": lambda _: json(working=True, note="值班"),
    "POST /care-entries": lambda world: json(
        person_id=world.ids["person_id"],
        place_id=world.ids["home_id"],
        kinds=["elderly"],
        consent={"wording": "同意", "channel": "paper"},
    ),
    "POST /care-entries/{entry_id}/readings": lambda _: json(reason="走访"),
    "PATCH /care-entries/{entry_id}": lambda _: json(note=None),
    "POST /visit-plans": lambda world: json(
        person_id=world.ids["person_id"],
        place_id=world.ids["home_id"],
        category=OTHER,
        task="走访",
        every="week",
        starts_on="2026-12-01",
    ),
    "PATCH /visit-plans/{plan_id}": lambda _: json(count=2),
    "POST /tasks": lambda world: json(
        organization_id=world.ids["organization_id"],
        category=OTHER,
        place_id=world.ids["home_id"],
        summary="摸排",
    ),
    "POST /monthly-reports": lambda _: json(month="2026-10"),
    "POST /sessions": lambda _: json(community="yiyi", login="worker", password=PASSWORD),
    "POST /communities": lambda _: json(
        slug="sansan",
        name="叁叁小区",
        town="ZJ镇",
        admin={"name": "周", "login": "zhou", "password": PASSWORD},
    ),
    "PATCH /communities/{community_id}": lambda _: json(name="新名"),
    "POST /places": lambda world: json(
        parent_id=world.ids["place_id"], kind="building", code="8", name="8栋"
    ),
    "PATCH /places/{place_id}": lambda _: json(name="新名"),
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
    "POST /clients": lambda world: json(name="hub", role="staff", place_id=world.ids["place_id"]),
    "POST /accounts": lambda _: json(
        slug="new", name="x", app_id="wxnew", app_secret="x", token="abc", mode="plain"
    ),
    "PATCH /accounts/{account_id}": lambda _: json(name="新名"),
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
    "POST /opinion/watches": lambda world: json(place_id=world.ids["place_id"], written="停水"),
    "PATCH /opinion/watches/{watch_id}": lambda _: json(least=9),
    "POST /opinion/alerts/{alert_id}/request": lambda _: json(category=OTHER, summary="了解"),
    "POST /opinion/alerts/{alert_id}/mediation": lambda _: json(summary="纠纷"),
    "POST /opinion/alerts/{alert_id}/rebuttal": lambda _: json(title="说明", body="不实"),
    "POST /opinion/alerts/{alert_id}/dismissal": lambda _: json(note="玩笑"),
    "POST /webhooks": lambda _: json(
        name="hub", url="https://hub.example/in", kinds=["service_request.*"]
    ),
    "PATCH /webhooks/{subscription_id}": lambda _: json(name="新名"),
    "POST /notices": lambda world: json(
        kind="news", title="新的", body="x", place_id=world.ids["place_id"], channels=["site"]
    ),
    "PATCH /notices/{notice_id}": lambda _: json(title="新名"),
    "POST /notices/{notice_id}/files": lambda _: {"files": {"file": ("a.jpg", a_photo())}},
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
    "PUT /people/{person_id}/tags": lambda _: json(tags=["志愿者"]),
    "POST /outlets": lambda _: json(channel="weibo", name="微博", keys={"access_token": "x"}),
    "PATCH /outlets/{outlet_id}": lambda _: json(name="新名"),
    "POST /files": lambda _: {"files": {"file": ("leak.jpg", a_photo())}},
    "POST /polls": lambda world: json(**a_poll_asked(world.ids["place_id"])),
    "PATCH /polls/{poll_id}": lambda _: json(title="新名"),
    "POST /polls/{poll_id}/files": lambda _: {"files": {"file": ("a.jpg", a_photo())}},
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


def json(**fields: Any) -> dict[str, Any]:
    return {"json": fields}


def table() -> dict[str, list[str]]:
    """The expected answers to each route, in the order of `CALLERS`."""
    lines = [line.split() for line in TABLE.splitlines()[2:] if line]
    return {f"{method} {path}": answers for method, path, *answers in lines}


@pytest.fixture
def web(engine: AsyncEngine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
async def world(session: AsyncSession) -> World:
    return await a_world(session)


def asked(route: str, world: World) -> dict[str, Any]:
    return ASKS[route](world) if route in ASKS else {}


def answer_of(status: int) -> str:
    behind = 200 <= status < 300 or status in (409, 429)
    return "ok" if behind else str(status)


def test_every_route_is_in_the_table(web: FastAPI) -> None:
    assert {generic(route) for route in table()} == {generic(route) for route in routes(web)}
    assert ASKS.keys() <= table().keys()


def generic(route: str) -> str:
    """Staff are people, whose ids the path calls `person_id`."""
    return route.replace("staff_id", "person_id")


async def test_everybody_gets_the_answer_that_the_table_says(
    engine: AsyncEngine, web: FastAPI, world: World
) -> None:
    door = Door(engine, web)
    wrong = []
    for route, expected in table().items():
        assert len(expected) == len(CALLERS), route
        for caller, answer in zip(CALLERS, expected, strict=True):
            got = await door.ask(world, caller, route, asked(route, world))
            if answer_of(got.status_code) != answer:
                wrong.append(f"{route} as {caller}: {got.status_code}, not {answer}: {got.text}")

    assert not wrong, "\n".join(wrong)


async def test_what_is_another_communitys_is_answered_as_what_does_not_exist(
    engine: AsyncEngine, web: FastAPI, world: World
) -> None:
    door = Door(engine, web)
    nowhere = world.nowhere()
    for route, expected in table().items():
        for caller, answer in zip(CALLERS, expected, strict=True):
            if answer != "404":
                continue
            theirs = await door.ask(world, caller, route, asked(route, world))
            nobodys = await door.ask(nowhere, caller, route, asked(route, nowhere))
            assert theirs.content == nobodys.content, (route, caller)
            assert told(theirs.headers) == told(nobodys.headers), (route, caller)


def told(headers: Any) -> dict[str, str]:
    """What the headers say of the matter."""
    return {name: value for name, value in headers.items() if name != "x-request-id"}
