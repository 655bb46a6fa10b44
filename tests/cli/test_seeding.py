"""The invented community shows everything that can become of a request, and everybody there is."""

from typing import Any

import psycopg

from app.cli.seeding import CHAT_SECRETS, prepared
from app.core.settings import settings
from app.groups.models import GroupKind
from app.organizations.models import OrganizationKind
from app.people.models import Role
from app.polls.forms import Method
from app.polls.models import PollKind
from app.service_requests.models import ClockState, Dispatch, Origin, State
from app.wechat.edge import new_aes_key

SECRETS = {
    "app_id": "wx0000000000000001",
    "original_id": "gh_000000000001",
    "app_secret": "secret-of-nobody",
    "token": "token-of-nobody",
    "aes_key": new_aes_key(),
    **dict.fromkeys(CHAT_SECRETS, "of-nobody"),
}
CLOCKS = """
SELECT DISTINCT CASE WHEN breached_at IS NOT NULL THEN 'breached' WHEN cancelled THEN 'cancelled'
    WHEN stopped_at IS NOT NULL THEN 'met' WHEN paused_at IS NOT NULL THEN 'paused'
    ELSE 'running' END
FROM request_clocks
"""
METHODS = "SELECT DISTINCT jsonb_array_elements(form->'questions')->>'method' FROM polls"
LIVED_IN = "SELECT 'resident' WHERE EXISTS (SELECT FROM residences WHERE standing = 'verified')"
SHOWN = {
    "suspended": "service_requests WHERE suspended_at IS NOT NULL",
    "supervised": "service_requests WHERE supervised_at IS NOT NULL",
    "escalated": "service_requests WHERE escalated_to_id IS NOT NULL",
    "anonymous": "service_requests WHERE anonymous",
    "extension pending": "request_petitions WHERE kind = 'extension' AND granted IS NULL",
    "extension granted": "request_petitions WHERE kind = 'extension' AND granted",
    "return pending": "request_petitions WHERE kind = 'return' AND granted IS NULL",
    "return refused": "request_petitions WHERE kind = 'return' AND NOT granted",
    "person helps": "request_co_handlers WHERE person_id IS NOT NULL AND reported_at IS NOT NULL",
    "organisation helps": "request_co_handlers WHERE organization_id IS NOT NULL",
    "urged again": "request_urges WHERE nth = 2",
    "followed": "request_followers WHERE merged_from_id IS NULL",
    "followed by merging": "request_followers WHERE merged_from_id IS NOT NULL",
    "bad visit": "return_visits WHERE NOT resolved",
    "good visit in a second round": "return_visits WHERE resolved AND satisfied AND round = 2",
    "staff visited": "return_visits WHERE NOT by_reporter",
    "rated": "service_requests WHERE score IS NOT NULL",
    "hours on a task": "request_efforts e JOIN service_requests r ON r.id = e.request_id"
    " AND r.origin = 'above' AND r.origin_reference IS NOT NULL",
    "rated offer": "listings WHERE rated = 1 AND score_sum = 5",
    "offer": "listings WHERE rated = 0",
    "order": "service_requests WHERE listing_id IS NOT NULL AND state = 'closed'",
    "head": "organization_members WHERE head",
    "on the care register": "care_entries OFFSET 1",
    "reading of it": "facts WHERE kind = 'care_entry.read'",
    "visit due": "visit_plans WHERE ended_at IS NULL",
    "category with partners": "service_category_partners",
    "saved view": "saved_views",
    "reply template": "reply_templates OFFSET 1",
    "group a resident wishes for": "chat_groups WHERE state = 'proposed'",
    "group with a robot": "chat_groups WHERE robot IS NOT NULL AND bot_id IS NULL",
    "bound in a chat": "bot_bindings",
    "question answered": "group_questions WHERE answered_at IS NOT NULL",
    "question open": "group_questions WHERE answered_at IS NULL",
    "sign-up": "chains WHERE closed_at IS NULL AND capacity = 3",
    "serious word": "opinion_watches WHERE gravity = 'serious'",
    "notice to be agreed to": "notices WHERE state = 'submitted'",
    "notice going out": "notices WHERE state = 'sending'",
    "Weibo": "outlets WHERE channel = 'weibo' AND keys IS NOT NULL",
    "monthly report": "monthly_reports WHERE edition = 1",
    "owner of several homes": "deed_owners GROUP BY owner_id HAVING count(*) > 1",
    "home of a couple": "deed_owners GROUP BY deed_id HAVING count(*) > 1",
    "homes not sold": "owners WHERE kind = 'developer'",
    "assembly that passed": "poll_results"
    " WHERE result->'questions'->'q1'->'decision'->>'passed' = 'true'",
    "sealed batch": "poll_links WHERE kind = 'ballots'",
    "secret ballots waiting": "poll_intake",
    "topic carried out": "topics WHERE state = 'carried_out'",
    "topic wanting seconds": "topics WHERE state = 'raised'",
    "official answer": "topic_posts WHERE official",
    "post to be read": "topic_posts WHERE state = 'waiting'",
    "council that will sit": "council_sittings WHERE held_at IS NULL",
}


async def test_the_seeded_community_shows_every_turn_and_is_made_once(database: str) -> None:
    kept: list[dict[str, Any]] = []
    settings.cache_clear()
    stage = await prepared(database, SECRETS, None, kept.append)
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:

        def found(query: str) -> set[Any]:
            return {row[0] for row in connection.execute(query.encode())}

        assert found("SELECT state FROM service_requests") == {*State}
        assert found(CLOCKS) == {*ClockState}
        roles = "SELECT role FROM posts WHERE ended_at IS NULL"
        assert found(f"{roles} UNION {LIVED_IN}") == {*Role}
        assert found("SELECT kind FROM organizations") == {
            *OrganizationKind,
        } - {OrganizationKind.COMMITTEE, OrganizationKind.SOCIAL}
        assert found("SELECT dispatch FROM service_categories") == {*Dispatch}
        assert found("SELECT origin FROM service_requests") == {*Origin}
        missing = {what for what, rows in SHOWN.items() if not found(f"SELECT 1 FROM {rows}")}  # noqa: S608 - constants
        assert missing == set()
        ends = "SELECT DISTINCT kind || CASE WHEN closed_at IS NULL THEN ' open' ELSE ' over' END"
        assert found(f"{ends} FROM polls") == {
            f"{kind.value} {end}" for kind in PollKind for end in ("open", "over")
        }
        assert found(METHODS) == {*Method} - {Method.DATE}
        assert found("SELECT kind FROM chat_groups") == {*GroupKind} - {GroupKind.OTHER}
        assert found("SELECT task_name FROM procrastinate_jobs") == {
            "notices.plan",
            "app.polls.reactions.telling.tell_of_opened",
            "app.polls.reactions.telling.tell_of_head",
        }

        logins = {one["login"] for one in stage.story["staff"]}
        assert {*found("SELECT login FROM credentials")} == logins
        count = "SELECT count(*) FROM facts"
        facts = found(count)
        again = await prepared(database, SECRETS, kept[0], kept.append)
        assert (again.story, len(kept), found(count)) == (stage.story, 1, facts)
