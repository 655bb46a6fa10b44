"""The endpoints of polls, of the register of owners, and of topics."""

from fastapi import APIRouter

from app.polls.api import (
    acts,
    attendances,
    ballots,
    boxes,
    bundles,
    chain,
    councils,
    deeds,
    objections,
    owners,
    papers,
    policies,
    polls,
    posts,
    proxies,
    reminders,
    results,
    rolls,
    statistics,
    templates,
    topics,
)

router = APIRouter()
for part in (topics, posts, councils):
    router.include_router(part.router)
router.include_router(posts.queue)
router.include_router(ballots.router)
router.include_router(chain.router)
for kept in (owners, deeds, proxies, papers, boxes, attendances):
    router.include_router(kept.router)
router.include_router(bundles.router)
router.include_router(statistics.router)
for run in (polls, acts, rolls, objections, policies):
    router.include_router(run.router)
for shown in (results, templates):
    router.include_router(shown.router)
router.include_router(reminders.router)
