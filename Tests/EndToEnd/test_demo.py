"""The page that the quickstart puts behind the gate, to try it on."""

from problems import problem


def test_the_demo_page_is_for_who_has_a_token(stack, client, token):
    assert problem(client.get("/demo/"), 401)["code"] == "unauthorized"
    response = client.get("/demo/", token)
    assert response.status_code == 200 and "behind the gate" in response.text
    assert response.headers["Content-Type"] == "text/html"


def test_a_browser_that_comes_without_one_gets_a_page_with_the_same_status(client):
    """Until there is a page to log in."""
    response = client.get("/demo/", headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"})
    assert response.status_code == 401
    assert response.headers["Content-Type"].startswith("text/html")
    assert "behind the gate" not in response.text and response.headers["WWW-Authenticate"]


def test_the_api_beside_it_is_what_it_was(stack, client, user):
    assert client.login(user.email, user.password).status_code == 200
    assert problem(client.get("/nothing"), 404)["code"] == "not_found"
