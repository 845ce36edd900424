"""An office behind one address: 200 people come in the morning, evenly over a minute, and every one gets in."""

import statistics
import threading
import time
import uuid

PEOPLE = 200
MINUTE = 60


def hire(stack, owner, count: int) -> list[tuple[str, str]]:
    """Ids and e-mails of `count` users who all have the password of `owner`: one hash, one statement."""
    people = [(str(uuid.uuid4()), f"office{number}@example.test") for number in range(count)]
    rows = ", ".join(
        f"('{identifier}', '{email}', 'Office', (SELECT h FROM (SELECT password_hash AS h FROM users "
        f"WHERE id = '{owner.id}') AS one))"
        for identifier, email in people
    )
    stack.database.sql(f"INSERT INTO users (id, email, name, password_hash) VALUES {rows}")
    return people


def test_200_people_behind_one_address_log_in_over_a_minute_without_a_refusal(stack, client, user, capsys):
    people = hire(stack, user, PEOPLE)
    answers: dict[str, int] = {}
    times: list[float] = []

    def arrive(email: str) -> None:
        start = time.monotonic()
        answers[email] = client.login(email, user.password).status_code
        times.append(time.monotonic() - start)

    begin = time.monotonic()
    threads = []
    for number, (_, email) in enumerate(people):
        time.sleep(max(0, begin + number * MINUTE / PEOPLE - time.monotonic()))  # they arrive evenly
        threads.append(threading.Thread(target=arrive, args=(email,)))
        threads[-1].start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == PEOPLE
    refused = {email: status for email, status in answers.items() if status != 200}
    assert refused == {}
    with capsys.disabled():
        print(f"\noffice: median {statistics.median(times) * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms")
