import io

import httpx
import pytest
from PIL import Image

from tests.sandbox.rig import OPENID, Box, Clock, Desk, reply_xml


def a_picture(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "steelblue").save(file, kind)
    return file.getvalue()


def upload(box: Box, content: bytes, kind: str = "image", field: str = "media") -> httpx.Response:
    query = {"access_token": box.token, "type": kind}
    return box.http.post("/cgi-bin/media/upload", params=query, files={field: ("a.jpg", content)})


def download(box: Box, media_id: str) -> httpx.Response:
    query = {"access_token": box.token, "media_id": media_id}
    return box.http.get("/cgi-bin/media/get", params=query)


def test_what_was_uploaded_can_be_fetched_for_three_days(box: Box, clock: Clock) -> None:
    picture = a_picture()
    media = upload(box, picture).json()

    got = download(box, media["media_id"])
    assert (media["type"], got.content) == ("image", picture)
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["content-disposition"].endswith('.jpg"')
    clock.ahead = 3 * 86400 + 1
    assert download(box, media["media_id"]).json()["errcode"] == 40007


@pytest.mark.parametrize(
    ("content", "kind", "field", "code"),
    [
        (b"<svg onload='x'>", "image", "media", 40005),
        (b"#!AMR\n", "image", "media", 40005),
        (a_picture(), "hologram", "media", 40004),
        (a_picture(), "image", "picture", 41005),
        (a_picture() + bytes(10 * 1024 * 1024), "image", "media", 40009),
        (a_picture() + bytes(64 * 1024), "thumb", "media", 40009),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    box: Box, content: bytes, kind: str, field: str, code: int
) -> None:
    expected = 45002 if kind == "thumb" else code
    assert upload(box, content, kind, field).json()["errcode"] == expected


def test_another_account_cannot_fetch_it(box: Box, callback_url: str) -> None:
    media_id = upload(box, a_picture()).json()["media_id"]
    box.open_account(callback_url, "wx-other")
    other = box.stable(appid="wx-other")["access_token"]

    query = {"access_token": other, "media_id": media_id}
    assert box.get("/cgi-bin/media/get", **query)["errcode"] == 40007


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_sent_reaches_the_account_by_address_and_by_media_id(
    box: Box, desk: Desk, kind: str
) -> None:
    picture = a_picture(kind)
    path = f"/phones/{OPENID}/messages"
    outcome = box.http.post(path, files={"image": ("photo", picture)}).json()

    fields = desk.messages[0]
    assert (fields["MsgType"], outcome["outcome"]) == ("image", "none")
    assert httpx.get(fields["PicUrl"]).content == picture
    assert fields["PicUrl"].startswith(box.address)
    assert download(box, fields["MediaId"]).content == picture
    assert box.phone()[0]["url"] in fields["PicUrl"]


def test_what_is_no_picture_is_not_sent(box: Box, desk: Desk) -> None:
    path = f"/phones/{OPENID}/messages"

    assert box.http.post(path, files={"image": ("a", b"<html>")}).status_code == 422
    assert box.http.post(path, files={"other": ("a", a_picture())}).status_code == 422
    large = a_picture() + bytes(10 * 1024 * 1024)
    assert box.http.post(path, files={"image": ("a", large)}).status_code == 413
    assert box.get("/pictures/none") == {"error": "no such picture"}
    assert not desk.messages


def test_a_recording_can_be_fetched_too(box: Box, desk: Desk) -> None:
    box.act(type="voice", recognition="水管漏水")

    fields = desk.messages[0]
    assert (fields["Format"], fields["Recognition"]) == ("amr", "水管漏水")
    assert download(box, fields["MediaId"]).content.startswith(b"#!AMR")


def test_a_reply_with_a_picture_shows_the_uploaded_one(box: Box, desk: Desk) -> None:
    media_id = upload(box, a_picture()).json()["media_id"]
    inner = f"<MsgType>image</MsgType><Image><MediaId>{media_id}</MediaId></Image>"
    desk.answers = [desk.replying(reply_xml(inner))]

    reply = box.say("照片")["reply"]

    assert (reply["type"], reply["url"]) == ("image", f"/sandbox/pictures/{media_id}")
