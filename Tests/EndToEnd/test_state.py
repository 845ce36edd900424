"""Nothing of one request survives into the next."""

import tokens


def test_a_request_with_a_token_then_one_without_on_the_same_connection_is_refused(client, user, token):
    with client.connection() as connection:
        for _ in range(10):
            good = connection.ask(f"GET /me HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}")
            assert good.status == 200 and user.email.encode() in good.body
            bare = connection.ask("GET /me HTTP/1.1\nHost: 127.0.0.1")
            assert bare.status == 401 and user.email.encode() not in bare.body


def test_nor_on_the_same_connection_to_the_same_worker(parameters, token, workers_apart):
    for connection in workers_apart.values():
        for _ in range(5):
            assert connection.ask(parameters("GET", "/me", HTTP_AUTHORIZATION="Bearer " + token)).status == 200
            assert connection.ask(parameters("GET", "/me")).status == 401


def test_two_users_in_turn_on_one_connection_each_see_themselves(stack, client, new_user):
    users = [new_user(), new_user()]
    with client.connection() as connection:
        for _ in range(5):
            for user in users:
                token = tokens.token_for(stack, user)
                answer = connection.ask(f"GET /me HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}")
                assert user.email.encode() in answer.body


def test_a_body_of_one_request_is_not_seen_by_the_next(client, user):
    form = f"email={user.email}&password={user.password}".encode()
    head = "POST /login HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {}"
    with client.connection() as connection:
        assert connection.ask(head.format(len(form)), form).status == 200
        assert connection.ask(head.format(0)).status == 400
