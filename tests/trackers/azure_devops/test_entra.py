"""Signing in with Entra ID: tokens are got in time, renewed when refused, and the request goes out once more."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from pydantic import ValidationError

from reconciler.clock import VirtualClock
from reconciler.errors import ConfigError, Unauthorized, Unavailable
from reconciler.simulators.kit.transport import InProcess
from reconciler.trackers.azure_devops import AzureDevOps, Connection
from reconciler.trackers.azure_devops.entra import SCOPE, Auth, EntraSignIn, credential
from tests.trackers.azure_devops.conftest import URL, Bench

PRINCIPAL = {"method": "service-principal", "tenant": "t", "client": "c", "secret": "client-secret"}
HOUR_S = 3600.0


@dataclass
class Got:
    token: str
    expires_on: int


class Entra:
    """The token endpoint: every credential asks it until it knows a token that lasts, as azure-identity does."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.tokens: list[str] = []
        self.asked = 0
        self.error: Exception | None = None

    def make(self) -> Credential:
        return Credential(self)

    def issue(self) -> Got:
        if self.error is not None:
            raise self.error
        self.asked += 1
        return Got(self.tokens[min(self.asked, len(self.tokens)) - 1], int(self.clock.now().timestamp() + HOUR_S))


class Credential:
    def __init__(self, entra: Entra) -> None:
        self.entra = entra
        self.known: Got | None = None

    def get_token(self, *scopes: str, **_: Any) -> Got:
        assert scopes == (SCOPE,)
        if self.known is None or self.known.expires_on - self.entra.clock.now().timestamp() < 300:
            self.known = self.entra.issue()
        return self.known


@pytest.fixture
def endpoint(bench: Bench) -> Entra:
    made = Entra(bench.clock)
    made.tokens = [bench.bot.token]
    return made


def signed_in(bench: Bench, endpoint: Entra, monkeypatch: pytest.MonkeyPatch) -> AzureDevOps:
    monkeypatch.setattr("reconciler.trackers.azure_devops.client.credential", lambda _auth: endpoint.make())
    connection = Connection.model_validate({"kind": "azure-devops", "url": URL, "auth": PRINCIPAL})
    transport = InProcess({"https://dev.azure.com": bench.service, "https://vssps.dev.azure.com": bench.service})
    return AzureDevOps("ado", connection, bench.clock, transport)


def test_a_tracker_works_without_a_token_of_its_own(
    bench: Bench, endpoint: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = signed_in(bench, endpoint, monkeypatch)
    tracker.connect()
    tracker.schema(bench.scope)
    assert endpoint.asked == 1


def test_a_token_that_is_refused_is_renewed_once_and_the_request_goes_out_again(
    bench: Bench, endpoint: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.tokens = ["stale-0123456789", bench.bot.token]
    tracker = signed_in(bench, endpoint, monkeypatch)
    tracker.connect()
    assert endpoint.asked == 2
    assert tracker.circuit == "closed"


def test_a_sign_in_that_stays_refused_is_told_without_the_token(
    bench: Bench, endpoint: Entra, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.tokens = ["stale-0123456789"]
    with pytest.raises(Unauthorized) as caught:
        signed_in(bench, endpoint, monkeypatch).connect()
    assert endpoint.asked == 2
    assert "stale" not in str(caught.value)


def test_a_token_is_used_until_five_minutes_before_its_end(bench: Bench, endpoint: Entra) -> None:
    sign_in = EntraSignIn(endpoint.make, bench.clock)
    endpoint.tokens = ["one", "two"]
    assert sign_in.header() == "Bearer one"
    bench.clock.advance(HOUR_S - 301)
    assert sign_in.header() == "Bearer one"
    bench.clock.advance(2)
    assert sign_in.header() == "Bearer two"
    assert sign_in.secrets == ("two",)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ClientAuthenticationError("AADSTS7000215: Invalid client secret\nTrace ID: 1"), Unauthorized),
        (ServiceRequestError("no connection"), Unavailable),
    ],
)
def test_what_entra_says_is_a_sentence(
    bench: Bench, endpoint: Entra, error: Exception, told: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.error = error
    with pytest.raises(told) as caught:
        signed_in(bench, endpoint, monkeypatch).connect()
    assert str(error).partition("\n")[0] in str(caught.value)
    assert "Trace ID" not in str(caught.value)


# --- azure-identity ------------------------------------------------------------------------------------------------


class TokenEndpoint:
    """What azure-identity takes for the network: the discovery document and one token."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __enter__(self) -> TokenEndpoint:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass

    def send(self, request: Any, **_: Any) -> Any:
        address = "https://login.microsoftonline.com/t"
        self.asked.append(request.url)
        document: dict[str, Any] = {
            "token_endpoint": f"{address}/oauth2/v2.0/token",
            "authorization_endpoint": f"{address}/oauth2/v2.0/authorize",
            "issuer": f"{address}/v2.0",
        }
        if request.url.endswith("/token"):
            assert SCOPE in request.body["scope"]
            assert request.body["client_secret"] == "client-secret"
            document = {"access_token": "the-token", "expires_in": 3600, "token_type": "Bearer"}
        return Answered(request, document)


class Answered:
    status_code = 200
    reason = "OK"
    headers = {"Content-Type": "application/json", "content-type": "application/json"}  # noqa: RUF012
    content_type = "application/json"

    def __init__(self, request: Any, document: dict[str, Any]) -> None:
        self.request = request
        self._text = json.dumps(document)

    def text(self, encoding: str | None = None) -> str:
        return self._text

    def body(self) -> bytes:
        return self._text.encode()


def test_a_service_principal_gets_its_token_from_the_tenant(bench: Bench) -> None:
    network = TokenEndpoint()
    auth = Auth.model_validate(PRINCIPAL)
    sign_in = EntraSignIn(lambda: credential(auth, transport=network, disable_instance_discovery=True), bench.clock)
    assert sign_in.header() == "Bearer the-token"
    assert network.asked[-1].endswith("/t/oauth2/v2.0/token")


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (PRINCIPAL, "ClientSecretCredential"),
        ({"method": "managed-identity"}, "ManagedIdentityCredential"),
        ({"method": "managed-identity", "client": "c"}, "ManagedIdentityCredential"),
        ({"method": "workload-identity", "tenant": "t", "client": "c"}, "WorkloadIdentityCredential"),
    ],
)
def test_every_method_has_its_credential(table: dict[str, str], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/token")
    assert type(credential(Auth.model_validate(table))).__name__ == kind


def test_a_certificate_that_is_none_and_a_workload_that_is_none_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE", raising=False)
    certificate = {"method": "service-principal", "tenant": "t", "client": "c", "certificate": "canary"}
    for table in (certificate, {"method": "workload-identity", "tenant": "t", "client": "c"}):
        with pytest.raises(ConfigError) as caught:
            credential(Auth.model_validate(table))
        assert "canary" not in str(caught.value)


def test_a_certificate_with_its_key_signs_in() -> None:
    auth = Auth.model_validate({**PRINCIPAL, "secret": None, "certificate": _pem()})
    assert type(credential(auth)).__name__ == "CertificateCredential"


def _pem() -> str:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "reconciler")])
    now = datetime(2026, 3, 2, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (secret + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)).decode()


def test_without_azure_identity_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    monkeypatch.delattr("azure.identity", raising=False)
    with pytest.raises(ConfigError, match=r"pip install 'reconciler\[entra\]'"):
        credential(Auth.model_validate(PRINCIPAL))


@pytest.mark.parametrize(
    "table",
    [
        {"method": "service-principal", "tenant": "t", "client": "c"},
        {**PRINCIPAL, "certificate": "pem"},
        {"method": "service-principal", "client": "c", "secret": "s"},
        {"method": "managed-identity", "secret": "s"},
        {"method": "managed-identity", "tenant": "t"},
        {"method": "password"},
    ],
)
def test_a_mistake_in_the_sign_in_is_refused(table: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Auth.model_validate(table)


@pytest.mark.parametrize("credentials", [{}, {"token": "t", "auth": PRINCIPAL}])
def test_there_is_either_a_token_or_a_sign_in(credentials: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="either token"):
        Connection.model_validate({"kind": "azure-devops", "url": URL, **credentials})
