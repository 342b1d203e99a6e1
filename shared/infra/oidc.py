"""An OpenID Connect provider: discovery, the way to it, the exchange of the code, the check of the ID token.

The code flow with PKCE, state and nonce; nothing of the provider but the subject (and how it was proved) is taken over.
"""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import BaseModel, ValidationError

from shared.infra.settings import Settings
from shared.kernel.refusals import NotSignedIn, Refusal

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
SECONDS = 5.0
LEEWAY_SECONDS = 10
SECOND_FACTOR_METHODS = frozenset({"mfa", "otp", "hwk", "swk", "sms"})


class ProviderDown(Refusal):
    """The provider does not answer, or not as agreed; the sign-in with a password still works."""

    status = 503

    def __init__(self) -> None:
        super().__init__("provider_down", "统一身份认证没有应答，请稍后再试，或用账号和密码登录。")


class NotProved(NotSignedIn):
    """What came back from the provider does not prove anybody; never says which part did not fit."""

    def __init__(self) -> None:
        super().__init__("统一身份认证的结果未通过核验，请重新登录。", "identity_not_proved")


class Metadata(BaseModel):
    """What discovery tells."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


@dataclass(frozen=True)
class Proof:
    """Who somebody is at the provider, and whether it says that a second factor was given."""

    issuer: str
    subject: str
    second_factor: bool


@dataclass(frozen=True)
class Provider:
    """The provider of the settings."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    trusts_second_factor: bool
    acr_values: frozenset[str]

    async def way_to(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            metadata = await self._discover(client)
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if self.trusts_second_factor and self.acr_values:
            asked["acr_values"] = " ".join(sorted(self.acr_values))
        return f"{metadata.authorization_endpoint}?{urlencode(asked)}"

    async def prove(self, code: str, nonce: str, verifier: str) -> Proof:
        """Exchange the code and check the ID token.

        Raises:
            ProviderDown: no answer, or none that can be read.
            NotProved: the code is refused, or the token is not for us, of another sign-in, expired or forged.
        """
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            metadata = await self._discover(client)
            token = await self._exchange(client, metadata, code, verifier)
            keys = await _json(client, metadata.jwks_uri)
        return self.checked(token, keys, nonce)

    def checked(self, token: str, keys: dict[str, Any], nonce: str) -> Proof:
        """The proof in an ID token that one of the keys has signed, for us and for this sign-in."""
        try:
            key = _key_of(token, keys)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self.client_id,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "aud", "iss", "sub"]},
            )
        except jwt.PyJWTError as trouble:
            raise NotProved from trouble
        party = claims.get("azp", self.client_id)
        if party != self.client_id or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise NotProved
        return Proof(self.issuer, str(claims["sub"]), self._second_factor(claims))

    async def way_out(self) -> str | None:
        """Where the browser goes to sign out at the provider too; None where it has no such place or is down."""
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                metadata = await self._discover(client)
        except ProviderDown:
            return None
        if metadata.end_session_endpoint is None:
            return None
        home = self.redirect_uri.partition("/account/")[0] + "/"
        asked = {"client_id": self.client_id, "post_logout_redirect_uri": home}
        return f"{metadata.end_session_endpoint}?{urlencode(asked)}"

    def _second_factor(self, claims: dict[str, Any]) -> bool:
        if not self.trusts_second_factor:
            return False
        methods = claims.get("amr") if isinstance(claims.get("amr"), list) else []
        return claims.get("acr") in self.acr_values or bool(SECOND_FACTOR_METHODS.intersection(map(str, methods or ())))

    async def _discover(self, client: httpx.AsyncClient) -> Metadata:
        try:
            found = Metadata.model_validate(
                await _json(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            )
        except ValidationError as trouble:
            raise ProviderDown from trouble
        if found.issuer != self.issuer:
            raise ProviderDown
        return found

    async def _exchange(self, client: httpx.AsyncClient, metadata: Metadata, code: str, verifier: str) -> str:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
            **({} if self.client_secret else {"client_id": self.client_id}),
        }
        login = httpx.BasicAuth(self.client_id, self.client_secret) if self.client_secret else httpx.Auth()
        try:
            answer = await client.post(metadata.token_endpoint, data=body, auth=login)
            answered = answer.json()
        except (httpx.HTTPError, ValueError) as trouble:
            raise ProviderDown from trouble
        token = answered.get("id_token") if isinstance(answered, dict) and answer.status_code == 200 else None
        if not isinstance(token, str):
            raise NotProved
        return token


def provider_of(settings: Settings) -> Provider | None:
    """The provider, or None where none is set."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        redirect_uri=f"{settings.public_origin}/account/oidc/callback",
        trusts_second_factor=settings.oidc_trust_second_factor,
        acr_values=frozenset(settings.oidc_acr_values),
    )


def _key_of(token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """The key that the token's head names; a set of one needs no name."""
    known, named = jwt.PyJWKSet.from_dict(keys).keys, jwt.get_unverified_header(token).get("kid")
    found = [key for key in known if named is None or key.key_id == named]
    if len(found) != 1:
        raise jwt.InvalidKeyError("no key of this name")
    return found[0]


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    try:
        answer = await client.get(url)
        answer.raise_for_status()
        body = answer.json()
    except (httpx.HTTPError, ValueError) as trouble:
        raise ProviderDown from trouble
    if not isinstance(body, dict):
        raise ProviderDown
    return body
