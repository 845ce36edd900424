"""The service that Postern replaces, as such a service is written: FastAPI, python-jose, slowapi, aiomysql, passlib.

It follows the libraries' own documentation (FastAPI: "OAuth2 with Password (and hashing), Bearer with JWT tokens" and
"Lifespan Events"; slowapi: "Quick start"; aiomysql: "Pool") and reads its client from MariaDB at every request.
Requests are counted in Redis, one count for all processes: in slowapi's own memory each process would count for itself,
and two processes let through twice the limit (slowapi issue 226). Passwords are checked outside the event loop. It
exists to be measured by scripts/bench, not to be run for people.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
import os
from typing import Annotated, Any

import aiomysql
from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from passlib.context import CryptContext
from pydantic import BaseModel
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address

SECRET_KEY = os.environ["BENCH_SECRET_KEY"]
ALGORITHM = "HS256"
ACCESS_TOKEN_LIFE = timedelta(minutes=30)
# High enough never to refuse under load; the request is still counted.
RATE = "1000000/second"

passwords = CryptContext(schemes=["bcrypt"], deprecated="auto")
bearer = OAuth2PasswordBearer(tokenUrl="login")
limiter = Limiter(
    key_func=get_remote_address,
    storage_uri=os.environ["BENCH_REDIS_URI"],
    # So that whoever looks at Redis sees which process a connection belongs to.
    storage_options={"client_name": f"uvicorn-{os.getpid()}"},
)


class LoginRequest(BaseModel):
    email: str
    password: str


class Token(BaseModel):
    access_token: str
    token_type: str
    expires_in: int


class Client(BaseModel):
    client_id: str
    email: str
    client_name: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with aiomysql.create_pool(
        unix_socket=os.environ["BENCH_DB_SOCKET"],
        user=os.environ["BENCH_DB_USER"],
        password=os.environ["BENCH_DB_PASSWORD"],
        db=os.environ["BENCH_DB_NAME"],
        autocommit=True,
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)


async def fetch_client(pool: aiomysql.Pool, column: str, value: str) -> dict[str, Any] | None:
    """The row of the client whose `column` (a name from this file, never from a request) holds `value`."""
    async with pool.acquire() as connection, connection.cursor(aiomysql.DictCursor) as cursor:
        await cursor.execute(
            f"SELECT client_id, email, client_name, password_hash, is_active FROM clients WHERE {column} = %s", (value,)
        )
        return await cursor.fetchone()


def unauthorized(detail: str) -> HTTPException:
    return HTTPException(status.HTTP_401_UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


async def current_client(request: Request, token: Annotated[str, Depends(bearer)]) -> Client:
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
    except JWTError as error:
        raise unauthorized("Could not validate credentials") from error
    row = await fetch_client(request.app.state.pool, "client_id", claims.get("client_id", ""))
    if row is None or not row["is_active"] or row["email"] != claims.get("email"):
        raise unauthorized("Could not validate credentials")
    request.state.client_id = row["client_id"]
    return Client(client_id=row["client_id"], email=row["email"], client_name=row["client_name"])


def client_of(request: Request) -> str:
    """Whom a request counts for. slowapi asks after the dependencies have run, so the token has been verified."""
    return request.state.client_id


@app.post("/login")
@limiter.limit(RATE)
async def login(request: Request, form: LoginRequest) -> Token:
    row = await fetch_client(request.app.state.pool, "email", form.email)
    if row is None or not await run_in_threadpool(passwords.verify, form.password, row["password_hash"]):
        raise unauthorized("Incorrect email or password")
    claims = {
        "sub": row["email"],
        "client_id": row["client_id"],
        "email": row["email"],
        "exp": datetime.now(timezone.utc) + ACCESS_TOKEN_LIFE,
    }
    return Token(
        access_token=jwt.encode(claims, SECRET_KEY, algorithm=ALGORITHM),
        token_type="bearer",
        expires_in=int(ACCESS_TOKEN_LIFE.total_seconds()),
    )


@app.get("/me")
@limiter.limit(RATE, key_func=client_of)
async def me(request: Request, client: Annotated[Client, Depends(current_client)]) -> Client:
    return client
