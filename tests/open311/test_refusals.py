"""Whatever is wrong, on whatever path: the answer is GeoReport's list of errors."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.open311.arguments import LARGEST_BODY
from app.service_requests.models import ServiceRequest
from tests.conftest import Client as Http
from tests.open311.city import LIGHT, City, said
from tests.open311.conftest import As, Programs
from tests.service_requests.builders import Town, a_client, a_person, a_town

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


def refusal(answer: httpx.Response) -> int:
    """The status, after a look at the form of what was said."""
    if answer.headers["content-type"].startswith("application/json"):
        errors = answer.json()
        assert {error["code"] for error in errors} == {str(answer.status_code)}
        assert all(error["description"] for error in errors)
    else:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert all(said(answer))
    return answer.status_code


NOWHERE = [
    "",
    "v2",
    "v2/",
    "v1/services.xml",
    "v2/nothing.xml",
    "v2/nothing.json",
    "v2/services",
    "v2/services.pdf",
    "v2/services.XML",
    "v2/services.xml/",
    "v2/services/water_leak",
    "v2/services/water%2Fleak.xml",
    "v2/services/漏水.xml",
    "v2/services/a.b.xml",
    "v2/services/..%2f..%2fetc.xml",
    f"v2/services/{'x' * 65}.xml",
    "v2/services/nope.json",
    "v2/requests/1.xml",
    "v2/requests/x.json",
    f"v2/requests/{'9' * 60}.xml",
    "v2/requests/-1.xml",
    "v2/tokens/nope.xml",
    "v2/tokens/nope.json",
]


async def test_what_is_not_there_is_not_found(city: As, town: Town) -> None:
    for path in NOWHERE:
        answer = await city().http.get(f"/open311/{path}")

        assert refusal(answer) == 404, path
        expected = "application/json" if path.endswith(".json") else "text/xml"
        assert answer.headers["content-type"].startswith(expected), path


METHODS = [
    ("DELETE", "requests.xml", "GET, HEAD, POST"),
    ("PUT", "requests/1.json", "GET, HEAD"),
    ("POST", "services.xml", "GET, HEAD"),
    ("OPTIONS", "services.xml", "GET, HEAD"),
    ("PROPFIND", "discovery.xml", "GET, HEAD"),
]


async def test_a_method_that_is_not_for_it_is_refused(city: As, town: Town) -> None:
    for method, path, allowed in METHODS:
        answer = await city().http.request(method, f"/open311/v2/{path}")

        assert refusal(answer) == 405, path
        assert set(answer.headers["Allow"].split(", ")) == set(allowed.split(", ")), path


LISTS: list[dict[str, str]] = [
    {"start_date": "yesterday"},
    {"start_date": "2026-01-01"},
    {"start_date": "2026-01-01T00:00:00"},
    {"start_date": "0001-01-01T00:00:00+08:00"},
    {"end_date": "2026-02-30T00:00:00Z"},
    {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
    {"start_date": "2026-04-02T00:00:00Z", "end_date": "2026-04-01T00:00:00Z"},
    {"status": "pending"},
    {"page": "0"},
    {"page": "-1"},
    {"page": "1e9"},
    {"page": "٣"},
    {"page_size": "1001"},
    {"page_size": "9" * 400},
    {"service_request_id": ",".join(map(str, range(1001)))},
]


async def test_a_list_that_cannot_be_is_a_bad_request(city: As, town: Town) -> None:
    for query in LISTS:
        assert refusal(await city().get("requests.xml", **query)) == 400, query
        assert refusal(await city().get("requests.json", **query)) == 400, query


async def test_a_service_code_that_does_not_exist_is_not_found(hotline: City) -> None:
    assert refusal(await hotline.get("requests.xml", service_code="nope")) == 404
    form = LIGHT | {"service_code": "nope"}
    assert refusal(await hotline.post("requests.xml", **form)) == 404


FORMS: list[dict[str, str]] = [
    {"service_code": ""},
    {"address_string": ""},
    {"address_string": "x" * 201},
    {"address_id": "nowhere"},
    {"address_id": "01a20987-74b5-7d1b-810a-9b395170c802"},
    {"lat": "31.1"},
    {"long": "121.5"},
    {"lat": "90.1", "long": "121.5"},
    {"lat": "31.1", "long": "-180.5"},
    {"lat": "nan", "long": "inf"},
    {"lat": "1e1", "long": "121.5"},
    {"lat": "31,1", "long": "121.5"},
    {"phone": "555-0100"},
    {"media_url": "javascript:alert(1)"},
    {"media_url": "file:///etc/passwd"},
    {"media_url": "https://example.org/a b"},
    {"account_id": "x" * 201},
    {"first_name": "x" * 101, "phone": "13812345678"},
    {"attribute[]": "x"},
    {"attribute[nobody asked]": "x"},
    {"attribute[colour]": "x"},
]


async def test_a_form_that_says_something_wrong_is_a_bad_request_and_nothing_is_filed(
    hotline: City, session: AsyncSession
) -> None:
    for changes in FORMS:
        form = LIGHT | changes
        assert refusal(await hotline.post("requests.xml", **form)) == 400, changes
        assert refusal(await hotline.post("requests.json", **form)) == 400, changes
    assert await session.scalar(select(func.count()).select_from(ServiceRequest)) == 0


BODIES = [
    ({"Content-Type": "application/json"}, b'{"service_code": "drain"}'),
    ({"Content-Type": "text/xml"}, b"<request/>"),
    ({}, b"service_code=drain"),
    (FORM, "description=路灯不亮".encode("gbk")),
    (FORM, b"description=%C2%A"),
    (FORM, b"description=%ff%fe"),
    (FORM, b"&".join(b"a=%d" % n for n in range(501))),
    ({"Content-Type": "multipart/form-data"}, b"--b\r\n"),
    (MULTIPART, b"not multipart at all"),
    (MULTIPART, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 70_000),
    (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 501),
]


async def test_a_body_that_is_no_form_is_a_bad_request(hotline: City) -> None:
    for headers, body in BODIES:
        for path in ("requests.xml", "servicerequestupdates.json"):
            answer = await hotline.http.post(
                f"/open311/v2/{path}?api_key={hotline.key}", content=body, headers=headers
            )
            assert refusal(answer) == 400, (path, body[:100])


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_without_an_end_is_too_large_and_not_read_where_it_says_so(
    hotline: City, announced: bool
) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(LARGEST_BODY // 65_536 + 2):
            read += 1
            yield b"x" * 65_536

    length = {"Content-Length": str(LARGEST_BODY + 1)} if announced else {}
    answer = await hotline.http.post(
        "/open311/v2/requests.xml", content=endless(), headers=FORM | length
    )

    assert refusal(answer) == 413
    assert (read == 0) == announced


async def test_the_key_of_nobody_of_elsewhere_of_a_person_or_of_before_is_refused(
    city: As, town: Town, programs: Programs, session: AsyncSession
) -> None:
    elsewhere = await a_town(session, "erer")
    theirs = await a_client(session, elsewhere, programs.overseer.role)
    person = await a_person(session, town, "王强", programs.overseer.role)
    await session.commit()
    keys = ["", "nonsense", "\0", elsewhere.tokens[theirs.id], town.tokens[person.id]]
    for key in keys:
        caller = City(city().http, key)
        form = LIGHT | {"jurisdiction_id": "yiyi"}
        assert refusal(await caller.post("requests.xml", **form)) == 403
        update = {"service_request_id": "1", "status": "OPEN", "jurisdiction_id": "yiyi"}
        assert refusal(await caller.post("servicerequestupdates.json", **update)) == 403
        query = {"jurisdiction_id": "yiyi"}
        assert refusal(await caller.get("servicerequestupdates.xml", **query)) == 403


async def test_a_wrong_key_is_refused_where_none_is_needed(city: As, town: Town) -> None:
    assert refusal(await City(city().http, "nonsense").get("requests.xml")) == 403


async def test_a_key_may_come_in_a_header(hotline: City) -> None:
    headers = {"Authorization": f"Bearer {hotline.key}"}
    keyless = City(hotline.http)

    answer = await keyless.http.post("/open311/v2/requests.xml", data=LIGHT, headers=headers)

    assert answer.status_code == 200


async def test_who_calls_too_often_is_told_when_to_come_back(
    hotline: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.open311.callers._CALLS", 1)

    answers = [await hotline.get("requests.xml") for _ in range(3)]

    assert [answer.status_code for answer in answers[:1]] == [200]
    assert refusal(answers[-1]) == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_what_breaks_here_is_told_in_the_same_form_and_without_its_words(
    city: As, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        message = "secret"
        raise RuntimeError(message)

    monkeypatch.setattr("app.open311.listing.find", broken)

    answer = await city().get("requests.xml")

    assert refusal(answer) == 500
    assert "secret" not in answer.text


async def test_a_database_that_is_away_is_a_503(client: Http, sessions: Sessions) -> None:
    class Gone:
        def begin(self) -> None:
            raise ConnectionError

    client._transport.app.state.sessions = Gone()  # type: ignore[attr-defined]

    assert refusal(await client.get("/open311/v2/services.xml")) == 503


async def test_errors_are_told_in_the_language_that_was_asked_for(city: As, town: Town) -> None:
    path = "/open311/v2/requests/1.xml"
    english = await city().http.get(path, headers={"Accept-Language": "en"})
    chinese = await city().http.get(path)

    assert said(english)[0].isascii()
    assert not said(chinese)[0].isascii()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    body=st.binary(max_size=200),
    query=st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=50
    ),
    kind=st.sampled_from([*FORM.values(), *MULTIPART.values()]),
)
async def test_no_form_breaks_anything(
    hotline: City, monkeypatch: pytest.MonkeyPatch, body: bytes, query: str, kind: str
) -> None:
    monkeypatch.setattr("app.open311.callers._CALLS", 10**6)
    answer = await hotline.http.post(
        httpx.URL("http://palm.test/open311/v2/requests.xml", query=query.encode()),
        content=body,
        headers={"Content-Type": kind},
    )

    assert refusal(answer) in (400, 403, 404)
