"""A drawn page as an answer: a picture and nothing else, whatever the file it was drawn from held."""

from starlette.responses import Response

_PICTURE_ONLY = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=86400, immutable",
}


def picture(drawn: bytes) -> Response:
    """A PNG that its browser may keep: a locked file never changes."""
    return Response(drawn, media_type="image/png", headers=_PICTURE_ONLY)
