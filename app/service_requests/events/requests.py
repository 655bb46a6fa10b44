"""What happens to requests."""

from uuid import UUID

from app.core.facts import Event


class RequestFiled(Event, kind="service_request.filed", subject="request_id"):
    """Somebody asked for something."""

    request_id: UUID


class RequestAccepted(Event, kind="service_request.accepted", subject="request_id"):
    """The matter is ours to see to."""

    request_id: UUID


class RequestAssigned(Event, kind="service_request.assigned", subject="request_id"):
    """A worker was given the request, perhaps instead of another."""

    request_id: UUID
    worker_id: UUID
    instead_of_id: UUID | None = None


class RequestStarted(Event, kind="service_request.started", subject="request_id"):
    """The worker is at it."""

    request_id: UUID


class RequestCompleted(Event, kind="service_request.completed", subject="request_id"):
    """The worker says it is done."""

    request_id: UUID
    remark_id: UUID


class RequestVerified(Event, kind="service_request.verified", subject="request_id"):
    """Somebody else made sure that it is done."""

    request_id: UUID


class RequestRated(Event, kind="service_request.rated", subject="request_id"):
    """Who reported it said how it went, this time."""

    request_id: UUID
    score: int
    round: int = 1
    remark_id: UUID | None = None


class RequestWasClosed(Event, kind="service_request.closed", subject="request_id"):
    """Nothing is left to do."""

    request_id: UUID


class RequestRejected(Event, kind="service_request.rejected", subject="request_id"):
    """The matter is not ours, and it was said whose it is."""

    request_id: UUID
    remark_id: UUID
    channel_id: UUID


class RequestAmended(Event, kind="service_request.amended", subject="request_id"):
    """Somebody added words or photos that everybody concerned may see."""

    request_id: UUID
    remark_id: UUID


class RequestNoted(Event, kind="service_request.noted", subject="request_id"):
    """Staff wrote something down for each other."""

    request_id: UUID
    remark_id: UUID


class RequestTransferred(Event, kind="service_request.transferred", subject="request_id"):
    """A worker handed the request on to another."""

    request_id: UUID
    worker_id: UUID
    instead_of_id: UUID | None
    remark_id: UUID


class RequestOffered(Event, kind="service_request.offered", subject="request_id"):
    """The request is there for the first worker to take it."""

    request_id: UUID


class RequestTaken(Event, kind="service_request.taken", subject="request_id"):
    """A worker took a request that was on offer."""

    request_id: UUID
    worker_id: UUID


class ReturnAsked(Event, kind="service_request.return_asked", subject="request_id"):
    """Its worker says that the request is not theirs."""

    request_id: UUID
    petition_id: UUID
    remark_id: UUID


class ReturnDecided(Event, kind="service_request.return_decided", subject="request_id"):
    """It was decided whether a worker may give the request back."""

    request_id: UUID
    petition_id: UUID
    granted: bool
    remark_id: UUID


class ExtensionAsked(Event, kind="service_request.extension_asked", subject="request_id"):
    """Its worker asked for more time."""

    request_id: UUID
    petition_id: UUID
    remark_id: UUID


class ExtensionDecided(Event, kind="service_request.extension_decided", subject="request_id"):
    """It was decided whether there is more time."""

    request_id: UUID
    petition_id: UUID
    granted: bool
    remark_id: UUID


class RequestSuspended(Event, kind="service_request.suspended", subject="request_id"):
    """The work waits for something, and the reporter was told for what."""

    request_id: UUID
    remark_id: UUID


class RequestResumed(Event, kind="service_request.resumed", subject="request_id"):
    """The work goes on."""

    request_id: UUID


class RequestUrged(Event, kind="service_request.urged", subject="request_id"):
    """Somebody asked where their matter stands; counted over all who did."""

    request_id: UUID
    nth: int
    remark_id: UUID | None = None


class RequestSupervised(Event, kind="service_request.supervised", subject="request_id"):
    """A leader watches over this request."""

    request_id: UUID
    remark_id: UUID


class RequestEscalated(Event, kind="service_request.escalated", subject="request_id"):
    """The request went up the chain."""

    request_id: UUID
    worker_id: UUID
    level: int
    remark_id: UUID | None = None


class CoHandlerAdded(Event, kind="service_request.co_handler_added", subject="request_id"):
    """Somebody is to work along."""

    request_id: UUID
    co_handler_id: UUID
    worker_id: UUID | None = None
    organization_id: UUID | None = None
    remark_id: UUID | None = None


class CoHandlerReported(Event, kind="service_request.co_handler_reported", subject="request_id"):
    """Somebody who works along told the leader of the work what they did."""

    request_id: UUID
    co_handler_id: UUID
    remark_id: UUID


class CoHandlerReleased(Event, kind="service_request.co_handler_released", subject="request_id"):
    """Somebody need not work along any more."""

    request_id: UUID
    co_handler_id: UUID


class RequestVisited(Event, kind="service_request.visited", subject="request_id"):
    """Somebody went back and asked whether the matter was resolved."""

    request_id: UUID
    round: int
    resolved: bool
    satisfied: bool
    remark_id: UUID | None = None


class RequestSentBack(Event, kind="service_request.sent_back", subject="request_id"):
    """It was not resolved: the work begins again, perhaps with the leader of the area."""

    request_id: UUID
    worker_id: UUID | None
    round: int
    to_leader: bool


class RequestReopened(Event, kind="service_request.reopened", subject="request_id"):
    """A closed matter was taken up again."""

    request_id: UUID
    remark_id: UUID


class RequestWithdrawn(Event, kind="service_request.withdrawn", subject="request_id"):
    """Whoever reported it does not want it any more."""

    request_id: UUID
    remark_id: UUID | None = None


class RequestFollowed(Event, kind="service_request.followed", subject="request_id"):
    """A neighbour has the same matter."""

    request_id: UUID
    follower_id: UUID


class RequestUnfollowed(Event, kind="service_request.unfollowed", subject="request_id"):
    """A neighbour does not want to hear of it any more."""

    request_id: UUID


class RequestMerged(Event, kind="service_request.merged", subject="request_id"):
    """This request is the same matter as another, and goes on there."""

    request_id: UUID
    into_id: UUID
    number: int


class RequestJoined(Event, kind="service_request.joined", subject="request_id"):
    """Another request was found to be the same matter, and merged into this one."""

    request_id: UUID
    joined_id: UUID
    number: int


class RequestReclassified(Event, kind="service_request.reclassified", subject="request_id"):
    """The request is of another kind than it was filed under, by the codes of both."""

    request_id: UUID
    was: str
    now: str
    remark_id: UUID | None = None


class EffortLogged(Event, kind="service_request.effort_logged", subject="request_id"):
    """Somebody wrote down how long they worked on it."""

    request_id: UUID
    effort_id: UUID
    minutes: int


class ClockWarned(Event, kind="service_request.clock_warned", subject="request_id"):
    """Most of the time of a clock has gone."""

    request_id: UUID
    clock: str
    round: int


class ClockBreached(Event, kind="service_request.clock_breached", subject="request_id"):
    """The time of a clock ran out."""

    request_id: UUID
    clock: str
    round: int
