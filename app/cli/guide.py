"""What `palm demo` says when everything runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TEXT = """
掌上社区 · 伊伊小区 is open.

  手机 phone page     {sandbox_url}/sandbox/
  接口 API            {base_url}/docs
  凭据 credentials    {file}

Try it: on the phone page choose {resident} ({home}), write 报修 厨房水管漏水, and confirm.
The grid worker of that building is told at once on a phone of their own; choose them in the list,
answer 开始, then 完成, with the number, and see the resident being told at each turn. Then rate: 5.

Staff sign in through the API, for instance as {login} with the password {password}.
Ctrl-C stops everything; started again, it goes on where it was.
"""


def guide(demo: Mapping[str, Any], file: Path) -> str:
    """A short way round."""
    resident, manager = demo["residents"][0], demo["staff"][1]
    return _TEXT.format(
        sandbox_url=demo["sandbox_url"],
        base_url=demo["base_url"],
        file=file,
        resident=resident["name"],
        home=resident["home"],
        login=manager["login"],
        password=manager["password"],
    )
