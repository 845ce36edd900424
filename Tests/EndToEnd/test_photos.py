"""GET /photos/me and GET /public/search read real tables; without the setting both are 404."""

from problems import problem


def test_a_user_without_photos_has_an_empty_list(client, token):
    response = client.get("/photos/me", token)
    assert response.status_code == 200
    assert [value for value in response.json().values() if isinstance(value, list)] == [[]]


def test_photos_of_a_user_need_a_token(client):
    problem(client.get("/photos/me"), 401)


def test_a_search_needs_no_token_and_no_word(client):
    for query in ("?q=a", "?q=", ""):
        assert client.get("/public/search" + query).status_code in (200, 400)
    assert client.get("/public/search?q=a").status_code == 200


def test_both_are_404_unless_photos_are_on(stack, client, token):
    with stack.settings.set("[photos]\nenabled = false\n"):
        for path in ("/photos/me", "/public/search?q=a"):
            problem(client.get(path, token), 404)
