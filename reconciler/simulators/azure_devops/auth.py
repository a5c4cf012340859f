"""Who is calling, and how the service refuses somebody it does not know (FACTS ado 1.4 to 1.9)."""

from __future__ import annotations

import binascii
from base64 import b64decode

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.identity import Grant
from reconciler.simulators.azure_devops.world import World
from reconciler.simulators.kit.wire import Request, Response

_SIGN_IN_PAGE = b"""<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head>
<body><p>Sign in to continue to Azure DevOps</p></body></html>"""

_MOVED_PAGE = b"""<html><head><title>Object moved</title></head>
<body><h2>Object moved to <a href="#">here</a>.</h2></body></html>"""


class SignInError(Exception):
    """Carries the answer, because it is not an error document."""

    def __init__(self, response: Response) -> None:
        super().__init__("sign-in needed")
        self.response = response


def authenticate(world: World, request: Request) -> Grant:
    """What the caller may do. Raises SignInError for an unknown token, ApiError for a known stranger."""
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    token = _password(credential) if scheme.lower() == "basic" else credential if scheme.lower() == "bearer" else ""
    grant = world.grants.get(token)
    if grant is None:
        raise _refusal(world, request, bearer=scheme.lower() == "bearer")
    if not grant.user.member:
        raise errors.not_authorized(f"{grant.user.id}\\\\{grant.user.address}")
    return grant


def _password(credential: str) -> str:
    try:
        return b64decode(credential, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _refusal(world: World, request: Request, *, bearer: bool) -> Exception:
    if request.headers.get("x-tfs-fedauthredirect", "").lower() == "suppress":
        realm = 'Basic realm="https://tfsprodcus1.app.visualstudio.com/"'
        return SignInError(Response(401, {"www-authenticate": realm, "content-length": "0"}))
    if bearer and request.method == "PATCH":
        return errors.not_authorized("")
    if world.switches.sign_in_page == "302":
        place = f"https://spsprodcus1.vssps.visualstudio.com/_signin?realm=dev.azure.com&reply_to={request.path}"
        return SignInError(Response(302, {"location": place, "content-type": "text/html; charset=utf-8"}, _MOVED_PAGE))
    return SignInError(Response(203, {"content-type": "text/html; charset=utf-8"}, _SIGN_IN_PAGE))
