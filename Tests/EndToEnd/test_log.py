"""What stands in the log of the workers, and what does not."""

import contract

QUIET = '[log]\nlevel = "notice"\n'


def events_of(stack, mark: int, trace: str) -> list[str]:
    return [event.name for event in stack.journal.since(mark) if event.fields.get("trace") == trace]


def test_at_the_default_level_a_refusal_has_a_line_and_a_served_request_has_none(stack, client, token):
    with stack.settings.set(QUIET):
        mark = stack.journal.mark()
        served = client.get("/me", token).headers["X-Request-Id"]
        refused = client.get("/me").headers["X-Request-Id"]
        event = stack.journal.of_trace(contract.REQUEST_REFUSED, refused)
        assert (event["status"], event["path"], event["addr"]) == ("401", "/me", client.address)
        assert events_of(stack, mark, served) == []


def test_at_level_info_each_request_has_a_line(stack, client, token):
    trace = client.get("/me", token).headers["X-Request-Id"]
    assert stack.journal.of_trace(contract.REQUEST_SERVED, trace)["status"] == "200"


def test_a_login_names_user_address_and_door(stack, client, user):
    for door, response in (
        ("login", client.login(user.email, user.password)),
        ("token", client.grant(user.email, user.password)),
    ):
        stack.confidential.add(response.json()["access_token"])
        event = stack.journal.of_trace(contract.LOGIN_OK, response.headers["X-Request-Id"])
        assert (event["user"], event["addr"], event["door"]) == (user.id, client.address, door)


def test_users_stay_unnamed_where_the_settings_say_so(stack, client, user):
    with stack.settings.set('[log]\nuser = "none"\n'):
        mark = stack.journal.mark()
        trace = client.login(user.email, "not the password").headers["X-Request-Id"]
        stack.journal.of_trace(contract.LOGIN_FAILED, trace)
        assert user.id not in stack.journal.text(mark)


def test_the_access_log_of_nginx_has_the_same_request_id(stack, client):
    trace = client.get("/photos/unknown").headers["X-Request-Id"]
    assert trace in (stack.run / "nginx" / "access.log").read_text()
    assert stack.journal.of_trace(contract.REQUEST_REFUSED, trace)["path"] == "/photos/unknown"
