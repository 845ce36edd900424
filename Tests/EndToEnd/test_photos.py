"""GET /photos/me and GET /public/search read real tables; without the setting both are 404."""

import uuid

import pytest

from problems import problem


def test_a_user_without_photos_has_an_empty_list(client, token):
    response = client.get("/photos/me", token)
    assert response.status_code == 200
    assert response.json() == {"photos": []}


def test_photos_of_a_user_need_a_token(client):
    problem(client.get("/photos/me"), 401)


@pytest.fixture
def photos(stack, user):
    """Three of a user, the newest first; the last one is not public. The word is in no other title."""
    word = "w" + uuid.uuid4().hex
    rows = [
        (f"{word} Zürich 100 %", "photo", 1),
        (f"the {word.upper()} film", "video", 1),
        (f"{word} at home", "photo", 0),
    ]
    for age, (title, kind, public) in enumerate(rows):
        stack.database.sql(
            "INSERT INTO photos (id, user_id, kind, title, content_type, bytes, is_public, created_at) VALUES"
            f" (UUID(), '{user.id}', '{kind}', '{title}', 'image/png', 5, {public}, NOW() - INTERVAL {age} DAY)"
        )
    return word, [title for title, _, _ in rows]


def test_a_user_sees_their_own_newest_first(client, token, photos):
    found = client.get("/photos/me", token).json()["photos"]
    assert [photo["title"] for photo in found] == photos[1]
    assert [photo["kind"] for photo in found] == ["photo", "video", "photo"]


def test_a_search_finds_what_is_public_by_any_part_of_its_title_in_any_case(client, photos):
    word, titles = photos
    for query in (word, word[3:].upper()):
        response = client.get("/public/search", params={"q": query})
        assert [photo["title"] for photo in response.json()["photos"]] == titles[:2]


def test_a_search_takes_wildcards_of_sql_as_they_are(client, photos):
    word, titles = photos
    queries = {f"{word} Zürich 100 %": titles[:1], f"{word}_": [], f"{word}%home": []}
    for query, expected in queries.items():
        response = client.get("/public/search", params={"q": query})
        assert [photo["title"] for photo in response.json()["photos"]] == expected


def test_a_search_without_a_word_is_400(client):
    for query in ("?q=", "?other=a", ""):
        assert problem(client.get("/public/search" + query), 400)["field"] == "q"


def test_both_are_404_unless_photos_are_on(stack, client, token):
    with stack.settings.set("[photos]\nenabled = false\n"):
        for path in ("/photos/me", "/public/search?q=a"):
            problem(client.get(path, token), 404)
