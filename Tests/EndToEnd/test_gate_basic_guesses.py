"""Guesses by HTTP Basic spend what guesses at /login spend, and are answered alike."""

import pytest

import contract
from access import basic, basic_of
from basic_gate import CACHE, NO_PAUSES, get, message, setting, visible
from basic_gate import new_visitor, on, site  # fixtures: pytest finds them by name
from client import Client, at_once
from guesses import FREE, guess, hashes, nobody, reason, wait_until_told
from problems import problem


class TestBudgets:
    def test_basic_and_login_spend_one_budget(self, stack, new_visitor, new_client, user):
        with stack.settings.set(setting(more='[login]\npauses = []\nper_user_elsewhere = "4/hour"\n')):
            mark = stack.journal.mark()
            for _ in range(2):
                assert get(new_visitor(), basic(user.email, guess())).status_code == 401
                assert new_client().login(user.email, guess()).status_code == 401
            assert hashes(stack.journal, mark) == 4
            blocked = get(new_visitor(), basic_of(user))
            assert problem(blocked, 401)["code"] == "invalid_credentials"
            assert reason(stack.journal, blocked) == contract.USER_BUDGET
            assert reason(stack.journal, new_client().login(user.email, user.password)) == contract.USER_BUDGET
            assert hashes(stack.journal, mark) == 4

    def test_blocked_is_answered_like_wrong(self, stack, new_visitor, new_user):
        with stack.settings.set(setting(more='[login]\npauses = []\nper_user_elsewhere = "1/hour"\n')):
            spent = new_user()
            wrong = get(new_visitor(), basic(spent.email, guess()))
            blocked = get(new_visitor(), basic_of(spent))
            assert reason(stack.journal, wrong, contract.LOGIN_FAILED) == contract.WRONG_PASSWORD
            assert reason(stack.journal, blocked) == contract.USER_BUDGET
            assert visible(wrong) == visible(blocked) == visible(get(new_visitor(), basic(nobody(), guess())))

    @pytest.mark.usefixtures("on")
    def test_pauses_are_of_both_doors(self, stack, visitor, client, user):
        """A wrong password at /login holds up Basic from the same network, and the other way round."""
        same = Client(visitor.site, client.address)
        assert client.login(user.email, guess()).status_code == 401
        blocked = get(same, basic_of(user))
        assert problem(blocked, 401)["code"] == "invalid_credentials"
        assert reason(stack.journal, blocked) == contract.PAUSED

    def test_the_limit_of_logins_counts_mistakes_and_gives_back_what_was_right(self, stack, new_visitor, user):
        with stack.settings.set(setting("0s", FREE)):
            good = new_visitor()
            assert [get(good, basic_of(user)).status_code for _ in range(25)] == [200] * 25
            bad = new_visitor()
            assert [get(bad, basic(user.email, guess())).status_code for _ in range(22)] == [401] * 20 + [429] * 2
            refused = get(bad, basic_of(user))
            body = problem(refused, 429)
            assert body["type"] == contract.QUOTA_EXCEEDED and body["violated-policies"] == ["login"]
            assert 1 <= int(refused.headers["Retry-After"]) <= 60

    def test_a_storm_of_guesses_by_basic_reaches_the_hash_as_often_as_the_budget_says(self, stack, site, user):
        addresses = [Client(site).address for _ in range(30)]
        messages = [(addresses[number % 30], message(basic(user.email, guess()))) for number in range(300)]
        with stack.settings.set(setting(more=NO_PAUSES)):
            mark = stack.journal.mark()
            answers = at_once(site, messages)
            assert {answer.status for answer in answers} == {401}
            assert hashes(stack.journal, mark) == 20  # login.per_user_elsewhere as shipped
            wait_until_told(stack.journal, mark, len(messages) - 20)

    @pytest.mark.usefixtures("on")
    def test_a_ban_by_hand_holds_here_too(self, stack, visitor, new_visitor, user):
        done = stack.postern("ban", "add", visitor.address, "--force")  # the tests' addresses are this host's own
        assert done.returncode == 0, done.stderr
        try:
            blocked = get(visitor, basic_of(user))
            assert problem(blocked, 401)["code"] == "invalid_credentials"
            assert reason(stack.journal, blocked) == contract.BANNED_BY_HAND
            assert get(new_visitor(), basic_of(user)).status_code == 200
        finally:
            assert stack.postern("ban", "remove", visitor.address).returncode == 0

    def test_a_ban_ends_what_is_remembered(self, stack, visitor, user):
        with stack.settings.set(setting(f"{CACHE}s")):
            assert get(visitor, basic_of(user)).status_code == 200
            assert stack.postern("ban", "add", user.email, "--force").returncode == 0
            try:
                assert get(visitor, basic_of(user)).status_code == 401
            finally:
                assert stack.postern("ban", "remove", user.email).returncode == 0
