"""An ID token proves somebody only when everything in it fits: signature, issuer, audience, times, nonce."""

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.infra.oidc import NotProved, Proof, Provider

KEY = rsa.generate_private_key(65537, 2048)
OTHER = ec.generate_private_key(ec.SECP256R1())
ISSUER, NONCE = "https://id.example", "n" * 43
JWKS = {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "one", "use": "sig"}]}


def provider(**changes: Any) -> Provider:
    known: dict[str, Any] = {
        "issuer": ISSUER,
        "client_id": "fangbang",
        "client_secret": None,
        "redirect_uri": "https://fangbang.example/account/oidc/callback",
        "trusts_second_factor": False,
        "acr_values": frozenset({"two"}),
    }
    return Provider(**{**known, **changes})


def token(key: Any = KEY, algorithm: str = "RS256", kid: str = "one", **changes: Any) -> str:
    now = int(time.time())
    known = {"iss": ISSUER, "aud": "fangbang", "sub": "zhao", "iat": now, "exp": now + 60, "nonce": NONCE}
    claims = {name: value for name, value in {**known, **changes}.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def unsigned() -> str:
    head, body, _ = token().split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "one"}).encode()).rstrip(b"=").decode()
    assert head != none
    return f"{none}.{body}."


def test_a_token_for_us_and_this_sign_in_proves_its_subject() -> None:
    assert provider().checked(token(), JWKS, NONCE) == Proof(ISSUER, "zhao", second_factor=False)


@pytest.mark.parametrize(
    "forged",
    [
        token(OTHER, "ES256"),
        token(kid="two"),
        unsigned(),
        token().rsplit(".", 1)[0] + ".AAAA",
        "not a token",
        token(iss="https://other.example"),
        token(aud="another"),
        token(aud=["fangbang", "another"], azp="another"),
        token(exp=int(time.time()) - 60),
        token(exp=None),
        token(iat=int(time.time()) + 3600),
        token(sub=None),
        token(nonce="m" * 43),
        token(nonce=None),
    ],
)
def test_whatever_does_not_fit_proves_nobody(forged: str) -> None:
    with pytest.raises(NotProved):
        provider().checked(forged, JWKS, NONCE)


def test_a_token_signed_with_the_public_key_as_a_secret_proves_nobody() -> None:
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=")
    signed = head + b"." + token().split(".")[1].encode()
    seal = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")

    with pytest.raises(NotProved):
        provider().checked(f"{signed.decode()}.{seal.decode()}", JWKS, NONCE)


@pytest.mark.parametrize(
    ("trusts", "claims", "expected"),
    [
        (False, {"acr": "two", "amr": ["mfa"]}, False),
        (True, {"acr": "two"}, True),
        (True, {"amr": ["pwd", "otp"]}, True),
        (True, {"acr": "one", "amr": ["pwd"]}, False),
        (True, {"amr": "mfa"}, False),
        (True, {}, False),
    ],
)
def test_a_second_factor_there_counts_only_where_the_setting_says_so(
    trusts: bool, claims: dict[str, Any], expected: bool
) -> None:
    found = provider(trusts_second_factor=trusts).checked(token(**claims), JWKS, NONCE)

    assert found.second_factor is expected
