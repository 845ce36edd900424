"""Bodies that nobody sends by mistake: the right status each, the workers alive after."""

import pytest

from problems import problem

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MIB = 1 << 20

BAD_JSON = {
    "nothing": b"",
    "an open brace": b"{",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1",
    "a number for the e-mail": b'{"email":1,"password":"x"}',
    "null for the password": b'{"email":"a@b.test","password":null}',
    "no password": b'{"email":"a@b.test"}',
    "no e-mail": b'{"password":"x"}',
    "a repeated name": b'{"email":"a@b.test","email":"a@b.test","password":"x"}',
    "bytes behind the end": b'{"email":"a@b.test","password":"x"} x',
    "single quotes": b"{'email':'a@b.test','password':'x'}",
    "a comment": b'{"email":"a@b.test","password":"x"/**/}',
    "a last comma": b'{"email":"a@b.test","password":"x",}',
    "broken UTF-8": b'{"email":"a@b.test","password":"\xff\xfe"}',
    "half a surrogate pair": b'{"email":"a@b.test","password":"\\ud800"}',
    "a bare control character": b'{"email":"a@b.test","password":"a\x01b"}',
    "a byte order mark": b'\xef\xbb\xbf{"email":"a@b.test"}',
    "10,000 open brackets": b"[" * 10_000,
    "4,000 open braces": b'{"":' * 4_000,
    "7,000 closed brackets in a field": b'{"email":' + b"[" * 7_000 + b"]" * 7_000 + b"}",
    "16-bit text": '{"email":"a@b.test","password":"x"}'.encode("utf-16"),
}
BAD_FORMS = {
    "nothing": b"",
    "no password": b"email=a%40b.test",
    "a repeated field": b"email=a%40b.test&email=a%40b.test&password=x",
    "a broken escape": b"email=a%4&password=x",
    "an escape of no digit": b"email=a%zz&password=x",
    "broken UTF-8": b"email=a%40b.test&password=%ff%fe",
    "only separators": b"&&&==&&",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_broken_json_is_400(client, body):
    problem(client.post("/login", data=body, headers=JSON), 400)


@pytest.mark.parametrize("body", BAD_FORMS.values(), ids=BAD_FORMS.keys())
def test_a_broken_form_is_400(client, body):
    problem(client.post("/login", data=body, headers=FORM), 400)


@pytest.mark.parametrize("body, field", [(b'{"email":"a@b.test"}', "password"), (b'{"password":"x"}', "email")])
def test_a_400_names_the_field(client, body, field):
    assert problem(client.post("/login", data=body, headers=JSON), 400)["field"] == field


def test_json_nested_10000_deep_is_above_the_body_limit(client):
    problem(client.post("/login", data=b"[" * 10_000 + b"]" * 10_000, headers=JSON), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_content_type_is_415(client, user, kind):
    body = f'{{"email":"{user.email}","password":"{user.password}"}}'
    problem(client.post("/login", data=body, headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;charset=UTF-8"]
)
def test_a_content_type_may_have_parameters_and_capitals(client, user, kind):
    body = f'{{"email":"{user.email}","password":"{user.password}"}}'
    assert client.post("/login", data=body, headers={"Content-Type": kind}).status_code == 200


def test_100_mib_of_body_is_413(client):
    with client.connection() as connection:
        connection.send(f"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {100 * MIB}\r\n\r\n".encode())
        connection.send_until_refused(b"x" * MIB, 100)
        assert connection.read().status == 413


def test_100_mib_of_chunked_body_is_413(client):
    with client.connection() as connection:
        connection.send(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send_until_refused(f"{MIB:x}\r\n".encode() + b"x" * MIB + b"\r\n", 100)
        assert connection.read().status == 413


def test_a_chunked_login_is_a_login(client, user):
    body = f'{{"email":"{user.email}","password":"{user.password}"}}'.encode()
    chunks = b"".join(b"1\r\n" + body[at : at + 1] + b"\r\n" for at in range(len(body))) + b"0\r\n\r\n"
    head = "POST /login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/json\nTransfer-Encoding: chunked"
    with client.connection() as connection:
        assert connection.ask(head, chunks).status == 200
