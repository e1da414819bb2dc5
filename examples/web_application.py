"""Who has access to a folder, and more: a web application whose visitors sign in at Box, each seeing what is theirs.

How to run it: README.md beside this file.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import Body, Cookie, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import undefer

import box_dialect
from box_dialect import aio
from box_dialect.orm import Comment, File

BOX_URL = os.environ["BOX_URL"]
"""Where Box is, with the application's id and secret."""

visitors: dict[str, AsyncEngine] = {}
"""The engine of each visitor, by a cookie. Several workers need a store that they share: docs/sign-in-web.md."""


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Close all connections at the end."""
    yield
    for engine in visitors.values():
        await engine.dispose()


app = FastAPI(title="Box by SQL", lifespan=lifespan)


async def as_application(statement: str, **parameters: str) -> Any:
    """Return the row of a procedure that takes no more than the application's id and secret."""
    async with await aio.connect(BOX_URL) as box, box.cursor() as cursor:
        await cursor.execute(statement, parameters)
        return await cursor.fetchone()


@app.get("/login")
async def login(request: Request) -> Response:
    """Send the visitor to Box's page, with a state that only this browser knows."""
    state = secrets.token_urlsafe()
    (address,) = await as_application(
        "SELECT GetOAuthAuthorizationURL(:callback, :state)", callback=str(request.url_for("callback")), state=state
    )
    answer = RedirectResponse(address)
    answer.set_cookie("state", state, max_age=600, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


@app.get("/callback")
async def callback(
    request: Request, state: str = "", code: str = "", expected: Annotated[str, Cookie(alias="state")] = ""
) -> Response:
    """Take the visitor back, and make the engine that makes its calls in the visitor's name."""
    if not expected or not secrets.compare_digest(state.encode(), expected.encode()):
        raise HTTPException(400, "This answer belongs to another sign-in")
    if not code:
        raise HTTPException(403, "You refused access to Box")
    access_token, refresh_token = await as_application(
        "SELECT OAuthAccessToken, OAuthRefreshToken FROM GetOAuthAccessToken('WEB', :code, :callback)",
        code=code,
        callback=str(request.url_for("callback")),
    )
    visitor = secrets.token_urlsafe()
    visitors[visitor] = create_async_engine(
        sa.engine.make_url(BOX_URL).set(drivername="box+aioapsw"),
        connect_args={
            "AuthScheme": "OAuth",
            "InitiateOAuth": "REFRESH",  # before a token runs out, all connections of the visitor get a new one
            "TokenCache": "memory",
            "SubjectId": visitor,  # whose tokens they are
            "OAuthAccessToken": access_token,
            "OAuthRefreshToken": refresh_token,
            "MaxApiCalls": 1000,  # what one request may cost
            "Timeout": 60,
        },
    )
    answer = RedirectResponse("/")
    answer.delete_cookie("state")
    answer.set_cookie("visitor", visitor, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


async def visitors_session(visitor: Annotated[str, Cookie()] = "") -> AsyncIterator[AsyncSession]:
    """Give a session in the name of whoever sent the request."""
    if visitor not in visitors:
        raise HTTPException(401, "Sign in at /login")
    async with AsyncSession(visitors[visitor]) as session:
        yield session


Session = Annotated[AsyncSession, Depends(visitors_session)]


@app.exception_handler(DBAPIError)
@app.exception_handler(box_dialect.Error)
async def refused(_: Request, error: Any) -> Response:
    """Pass on what Box refused, by the status that it has for the visitor."""
    problem: Any = error.orig if isinstance(error, DBAPIError) else error  # SQLAlchemy wraps the driver's
    if isinstance(problem, box_dialect.SignInNeededError):
        return JSONResponse({"detail": "Sign in at /login"}, 401)
    status = problem.diag.status if problem.diag.status in {403, 404, 409} else 502
    return JSONResponse({"detail": str(problem)}, status)


@app.get("/")
async def who_am_i(session: Session) -> dict[str, str]:
    """Tell whose Box it is."""
    return dict((await session.execute(sa.text("SELECT name, login FROM users WHERE id = 'me'"))).mappings().one())


ACCESS = sa.text("""
    WITH RECURSIVE above(id, name, parent_id, level) AS (
        SELECT id, name, parent_id, 0 FROM folders WHERE id = :folder_id
        UNION ALL
        SELECT folders.id, folders.name, folders.parent_id, level + 1
        FROM above JOIN folders ON folders.id = above.parent_id
        WHERE above.parent_id <> '0'
    )
    SELECT
        above.name AS folder, level, role, status,
        coalesce(accessible_by_name, invite_email) AS who, accessible_by_type AS kind
    FROM above JOIN collaborations ON item_id = above.id AND item_type = 'folder'
    ORDER BY level, who
""")
"""Box lists a collaboration at the folder that it was given for; it holds for all below, so the way up is asked."""


@app.get("/folders/{folder_id}/access")
async def access(session: Session, folder_id: str) -> list[dict[str, Any]]:
    """List who has access to a folder, and by which folder: itself, or one above it."""
    return [dict(row) for row in (await session.execute(ACCESS, {"folder_id": folder_id})).mappings()]


@app.get("/search")
async def search(
    session: Session, words: Annotated[str, Query(min_length=1)], limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> list[dict[str, Any]]:
    """Find files by their names, their text and what was said about them, as Box does."""
    query = sa.text("SELECT id, path, size, modified_at FROM files WHERE files MATCH :words LIMIT :limit")
    return [dict(row) for row in (await session.execute(query, {"words": words, "limit": limit})).mappings()]


async def found(session: AsyncSession, file_id: str, *options: Any) -> File:
    """Return a file that the visitor sees."""
    file = await session.get(File, file_id, options=options)
    if file is None:
        raise HTTPException(404, "There is no such file")
    return file


@app.get("/files/{file_id}/content")
async def download(session: Session, file_id: str) -> Response:
    """Give the bytes of a file, which are read with it."""
    file = await found(session, file_id, undefer(File.content))
    name = quote(file.name, safe="")
    return Response(
        file.content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@app.post("/files/{file_id}/comments", status_code=201)
async def comment(session: Session, file_id: str, message: Annotated[str, Body(embed=True)]) -> dict[str, Any]:
    """Say something about a file."""
    file = await found(session, file_id)
    said = Comment(file=file, message=message)
    session.add(said)
    await session.commit()
    await session.refresh(said)
    return {"id": said.id, "message": said.message, "created_by_name": said.created_by_name}
