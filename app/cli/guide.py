"""What `palm demo` says when everything runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

_TEXT = """
掌上社区 · 伊伊小区 is open.

  手机 phone page     {sandbox_url}/sandbox/
  群聊 group page     {sandbox_url}/sandbox/groups/
  网站 site           {base_url}/c/{community}/polls
                      {base_url}/c/{community}/topics
                      {base_url}/c/{community}/feed.xml
  接口 API            {base_url}/docs
  凭据 credentials    {file}

Try it: on the phone page choose {resident} ({home}), write 报修 厨房水管漏水, and confirm.
The grid worker of that building is told at once on a phone of their own; choose them in the list,
answer 开始, then 完成, with the number, and see the resident being told at each turn. Then 未解决
sends it back, 解决 closes it, and 5 rates it; 催单, 撤回 and 我也是 are said the same way.

On the group page choose a building's group and a member, and say 报修 楼道灯不亮 with @小掌, or
send a #接龙; the notice that goes out at the first start is in every group, on the site, on Weibo.

On a phone, 投票 lists what there is to decide: a poll of every kind, open and closed. 投票 with a
number shows one, with the voter's own link; said in a building's group with A after it, to @小掌,
it is the same vote. 议题 lists what is talked over.

Every state and clock is there already: ninety days of requests, an order, a task from above, a
care register, last month's report. Other programs read and file requests by Open311, and figures:

  KEY=$(jq -r .api_key {quoted})
  curl "{base_url}/open311/v2/requests.xml?jurisdiction_id={community}&page_size=3"
  curl "{base_url}/open311/v2/requests.xml" -d "api_key=$KEY" -d "service_code=street_light" \\
    --data-urlencode "address_string=3栋" --data-urlencode "description=路灯不亮"
  curl "{base_url}/api/v1/figures?by=grid" -H "Authorization: Bearer $KEY"
  curl "{base_url}/api/v1/communities/{community}/monthly-reports"

Staff sign in through the API with the password {password}:
{logins}
Ctrl-C stops everything; started again, it goes on where it was.
"""
_WIDTH = 14


def _logins(staff: Sequence[Mapping[str, Any]]) -> str:
    """A line for each role, with who signs in as it."""
    by_role: dict[str, list[str]] = {}
    for one in staff:
        by_role.setdefault(one["role"], []).append(one["login"])
    return "".join(f"  {role:<{_WIDTH}}{' '.join(them)}\n" for role, them in by_role.items())


def guide(demo: Mapping[str, Any], file: Path) -> str:
    """A short way round."""
    resident, manager = demo["residents"][0], demo["staff"][1]
    return _TEXT.format(
        sandbox_url=demo["sandbox_url"],
        base_url=demo["base_url"],
        community=demo["community"],
        file=file,
        quoted=quote(str(file)),
        resident=resident["name"],
        home=resident["home"],
        password=manager["password"],
        logins=_logins(demo["staff"]),
    )
