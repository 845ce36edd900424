"""Access tokens as PyJWT makes them: an implementation that nobody here wrote."""

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import jwt

from stack import Stack
from users import User

AT_JWT = {"typ": "at+jwt"}


def claims(stack: Stack, user: User, **changes: Any) -> dict[str, Any]:
    """The claims of an access token for this user; a change to None takes the claim out."""
    now = int(time.time())
    usual = {
        "iss": stack.issuer,
        "aud": stack.issuer,
        "sub": user.id,
        "client_id": user.id,
        "email": user.email,
        "iat": now,
        "exp": now + 600,
        "jti": str(uuid.uuid4()),
        "scope": "",
        "ver": 1,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def sign(stack: Stack, content: dict[str, Any], header: dict[str, Any] | None = None, key: bytes | None = None) -> str:
    token = jwt.encode(content, key or stack.key, algorithm="HS256", headers=AT_JWT if header is None else header)
    stack.confidential.add(token)
    return token


def token_for(stack: Stack, user: User, **changes: Any) -> str:
    return sign(stack, claims(stack, user, **changes))


def thumbprint(secret: bytes) -> str:
    """RFC 7638 of a symmetric key (RFC 7518 section 6.4)."""
    jwk = {"k": base64url(secret), "kty": "oct"}
    text = json.dumps(jwk, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(text.encode()).digest())


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
