"""Reading what sets the stage: JSON of a known shape, or 422 with what is wrong."""

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.sandbox.phones import clean


class In(BaseModel):
    """A body; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


InT = TypeVar("InT", bound=BaseModel)


async def read(request: Request, model: type[InT], **known: str) -> InT:
    """The body as a model, with what the address tells already; refused with 422."""
    try:
        body = json.loads(await request.body())
        return model.model_validate({**body, **known} if isinstance(body, dict) else body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        raise HTTPException(422, json.dumps(clean(details), ensure_ascii=False)) from error
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "the body is not JSON") from error
