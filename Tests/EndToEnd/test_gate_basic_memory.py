"""What was right is remembered for seconds: a page with sixty parts is one hash, and every change ends it at once."""

import pytest

import access
import contract
import folders
from access import basic, basic_of
from basic_gate import CACHE, NO_PAUSES, checks, get, message, one_worker, setting
from basic_gate import new_visitor, on, on_without_pauses, site  # fixtures: pytest finds them by name
from client import Client, at_once
from guesses import WIDE_ROUTE, guess, hashes, reason
from wait import until
from workers import NUMBERS

USER_BUDGET_OF_3 = '[login]\npauses = []\nper_user_elsewhere = "3/hour"\n'


class TestMemory:
    @pytest.mark.usefixtures("on")
    def test_many_requests_cost_each_worker_one_hash_at_most(self, stack, visitor, user):
        mark = stack.journal.mark()
        for _ in range(30):
            assert get(visitor, basic_of(user)).status_code == 200
        assert 1 <= hashes(stack.journal, mark) <= len(NUMBERS)

    @pytest.mark.usefixtures("on")
    def test_a_page_with_sixty_parts_and_a_cold_memory_is_one_hash_of_a_worker(self, stack, visitor, user):
        for number in NUMBERS:
            mark = stack.journal.mark()
            with one_worker(stack, number):
                answers = at_once(visitor.site, [(visitor.address, message(basic_of(user)))] * 60)
            assert {answer.status for answer in answers} == {200}
            assert hashes(stack.journal, mark) == 1

    def test_sixty_parts_with_a_wrong_password_are_one_guess(self, stack, site, user):
        """Of the twenty of a minute as well: whoever mistypes once has the rest of them."""
        visitor = Client(site)
        with stack.settings.set(setting(more=USER_BUDGET_OF_3)):
            mark = stack.journal.mark()
            answers = at_once(site, [(visitor.address, message(basic(user.email, guess())))] * 60)
            assert {answer.status for answer in answers} == {401}
            assert 1 <= hashes(stack.journal, mark) <= len(NUMBERS)
            assert get(visitor, basic_of(user)).text == folders.KEPT

    def test_without_a_memory_every_request_is_a_login(self, stack, visitor, user):
        with stack.settings.set(setting("0s")):
            mark = stack.journal.mark()
            for _ in range(5):
                assert get(visitor, basic_of(user)).status_code == 200
            assert hashes(stack.journal, mark) == 5

    def test_it_ends_after_its_time(self, stack, visitor, user):
        with stack.settings.set(setting(f"{CACHE}s")), one_worker(stack, 1):
            mark = stack.journal.mark()
            for _ in range(3):
                assert get(visitor, basic_of(user)).status_code == 200
            assert hashes(stack.journal, mark) >= 1

            def hashed_again() -> bool:
                assert get(visitor, basic_of(user)).status_code == 200
                return hashes(stack.journal, mark) >= 3

            until(hashed_again, 9 * CACHE, "the memory to end twice", every=0.1)

    @pytest.mark.usefixtures("on_without_pauses")
    def test_only_what_was_right_is_remembered_and_a_repeated_mistake_is_no_new_guess(self, stack, visitor, user):
        wrong = basic(user.email, guess())
        mark = stack.journal.mark()
        assert get(visitor, wrong).status_code == 401
        for _ in range(5):
            again = get(visitor, wrong)
            assert again.status_code == 401
            assert reason(stack.journal, again) == contract.REPEATED_PASSWORD
        assert hashes(stack.journal, mark) == 1

    @pytest.mark.usefixtures("on_without_pauses")
    def test_it_is_of_this_password_and_this_user_only(self, stack, visitor, new_user):
        user, other = new_user(), new_user()
        assert get(visitor, basic_of(user)).status_code == 200
        wrong = [user.password[:-1], user.password + "x", user.password.swapcase(), other.password]
        for password in wrong:
            assert get(visitor, basic(user.email, password)).status_code == 401
        assert get(visitor, basic(other.email, user.password)).status_code == 401
        assert get(visitor, basic_of(user)).status_code == 200

    @pytest.mark.usefixtures("on")
    def test_it_is_of_this_network_only(self, stack, new_visitor, user):
        """Whoever has a stolen password spends a guess of their own network's, and is seen in the events."""
        with one_worker(stack, 1):
            for expected in (1, 2):
                mark = stack.journal.mark()
                visitor = new_visitor()
                for _ in range(3):
                    assert get(visitor, basic_of(user)).status_code == 200
                assert hashes(stack.journal, mark) == 1, expected


@pytest.mark.usefixtures("on_without_pauses")
class TestChanges:
    """In force at the next request on either worker, whatever was remembered."""

    def test_of_the_password(self, stack, user, workers_apart, parameters):
        assert checks(workers_apart, parameters, basic_of(user)) == {1: 204, 2: 204}
        new = guess()
        stack.confidential.add(new)
        assert stack.postern("user", "password", user.email, "--password-stdin", input=new + "\n").returncode == 0
        assert checks(workers_apart, parameters, basic_of(user)) == {1: 401, 2: 401}
        assert checks(workers_apart, parameters, basic(user.email, new)) == {1: 204, 2: 204}

    def test_of_disable_and_enable(self, stack, user, workers_apart, parameters):
        assert checks(workers_apart, parameters, basic_of(user)) == {1: 204, 2: 204}
        assert stack.postern("user", "disable", user.email).returncode == 0
        assert checks(workers_apart, parameters, basic_of(user)) == {1: 401, 2: 401}
        assert stack.postern("user", "enable", user.email).returncode == 0
        assert checks(workers_apart, parameters, basic_of(user)) == {1: 204, 2: 204}

    def test_of_groups_and_scopes(self, stack, user, visitor):
        access.change(stack, user, "scope", "add", "ops")
        assert get(visitor, basic_of(user), "/ops/page.txt").status_code == 200
        access.change(stack, user, "scope", "remove", "ops")
        for _ in range(6):
            assert get(visitor, basic_of(user), "/ops/page.txt").status_code == 403

    def test_of_the_password_by_sql_within_the_time_of_the_memory(self, stack, visitor, new_user):
        user, other = new_user(), new_user()
        with stack.settings.set(setting(f"{CACHE}s", NO_PAUSES + WIDE_ROUTE)):
            assert get(visitor, basic_of(user)).status_code == 200
            stack.database.sql(
                "UPDATE users AS u JOIN users AS o SET u.password_hash = o.password_hash "
                f"WHERE u.id = '{user.id}' AND o.id = '{other.id}'"
            )
            until(
                lambda: get(visitor, basic_of(user)).status_code == 401, 9 * CACHE, "the old password to end", every=0.2
            )
            assert get(visitor, basic(user.email, other.password)).status_code == 200
