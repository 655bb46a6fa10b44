"""What came and went, for tests and for the curious, without secrets."""

from collections.abc import Mapping
from typing import Any

from app.sandbox.state import Attempt, Call, Delivery, World

_HIDDEN = ("secret", "access_token", "refresh_token", "code")


def _hidden(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "…" if key in _HIDDEN else value for key, value in body.items()}


def called(
    world: World,
    *,
    app_id: str,
    method: str,
    path: str,
    body: Mapping[str, Any],
    errcode: int | None,
    fault: str | None,
    latency_ms: float,
) -> None:
    """Note a call of the API; `errcode` is None when the answer carried none."""
    seq = world.count("calls")
    world.count(f"call {path}")
    row = Call(
        seq=seq,
        at=world.now(),
        app_id=app_id,
        method=method,
        path=path,
        body=_hidden(body),
        errcode=errcode,
        fault=fault,
        latency_ms=round(latency_ms, 1),
    )
    world.calls.put(str(seq), row)


def delivered(
    world: World,
    app_id: str,
    fields: Mapping[str, Any],
    *,
    attempts: list[Attempt],
    reply: str,
    reason: str,
) -> Delivery:
    """Note a callback after its last attempt."""
    seq = world.count("deliveries")
    for _ in attempts:
        world.count("attempts")
    world.count(f"reply {reply}")
    row = Delivery(
        seq=seq,
        at=world.now(),
        app_id=app_id,
        openid=fields["FromUserName"],
        msg_type=fields["MsgType"],
        event=fields.get("Event", ""),
        msg_id=str(fields.get("MsgId") or fields.get("MsgID") or ""),
        attempts=attempts,
        reply=reply,
        reason=reason,
    )
    return world.deliveries.put(str(seq), row)


def _counted(world: World, prefix: str) -> dict[str, int]:
    counts = world.counts.items()
    return {key.removeprefix(prefix): n.times for key, n in counts if key.startswith(prefix)}


def printed(world: World, limit: int) -> dict[str, Any]:
    """Counts since the journal began, and the newest rows, newest last."""
    total = _counted(world, "")
    return {
        "counts": {
            "calls": _counted(world, "call "),
            "callbacks": total.get("deliveries", 0),
            "attempts": total.get("attempts", 0),
            "replies": _counted(world, "reply "),
        },
        "calls": [row.model_dump() for row in list(world.calls.values())[-limit:]],
        "callbacks": [row.model_dump() for row in list(world.deliveries.values())[-limit:]],
    }
