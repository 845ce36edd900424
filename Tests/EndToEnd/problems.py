"""The shape of an error: RFC 9457 with our code, message and trace."""

from typing import Any

import requests


def problem(response: requests.Response, status: int) -> dict[str, Any]:
    """Checks the shape of an error and gives its members."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:400]}"
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    for member in ("type", "title", "code", "message", "trace"):
        assert isinstance(body[member], str) and body[member], member
    assert body["code"] == body["code"].lower() and " " not in body["code"]
    assert body["trace"] == response.headers["X-Request-Id"]
    return body


def without_trace(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "trace"}
