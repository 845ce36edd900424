"""More logins than the hash lane takes: 503 with Retry-After at once, and nobody else waits behind them."""

import json
import threading

import tokens
from client import Client, login_message
from guesses import guess, nobody
from wait import until


def test_logins_beyond_the_queue_are_503_while_other_requests_are_served(stack, client, user):
    token = tokens.token_for(stack, user)
    connections = [Client(stack.site).connection() for _ in range(250)]
    answers = []
    for connection in connections:
        # Each a guess of its own: one that no budget refuses and that was not made before.
        connection.send(login_message(nobody(), guess()))
    thread = threading.Thread(target=lambda: answers.extend(connection.read("POST") for connection in connections))
    thread.start()
    assert [client.get("/me", token).status_code for _ in range(10)] == [200] * 10
    thread.join(60)

    assert len(answers) == len(connections)
    assert {answer.status for answer in answers} == {401, 503}
    for answer in answers:
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) >= 1
            assert json.loads(answer.body)["status"] == 503
    until(lambda: client.login(user.email, user.password).status_code == 200, 10, "logins to work again", every=0.2)
