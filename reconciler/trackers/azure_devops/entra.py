"""Entra: signing in as a service principal, a managed identity or a workload, instead of with a personal access token.

Access tokens last about an hour. One is got when first needed, the next one before it ends, and another one should the
service refuse it all the same. Needs the extra `entra`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from reconciler.clock import Clock
from reconciler.errors import ConfigError, Unauthorized, Unavailable

SCOPE = "499b84ac-1321-427f-aa17-267ca6975798/.default"  # FACTS ado 1.5

RENEWED_BEFORE_S = 300.0
"""So long before its end a token is not used any more."""

_NEEDS = {
    "service-principal": ("tenant", "client"),
    "managed-identity": (),
    "workload-identity": (),
}


class Auth(BaseModel):
    """`[trackers.<name>.auth]`: who signs in with Entra ID, in place of `token`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["service-principal", "managed-identity", "workload-identity"] = Field(description="Who signs in.")
    tenant: str | None = Field(default=None, description="Tenant id; a workload has it in AZURE_TENANT_ID.")
    client: str | None = Field(default=None, description="Application (client) id; of a user-assigned identity, too.")
    secret: SecretStr | None = Field(default=None, description='Client secret, as a secret: "$ADO_CLIENT_SECRET".')
    certificate: SecretStr | None = Field(
        default=None, description='Certificate and private key as PEM, as a secret: "file:/run/secrets/ado.pem".'
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Auth:
        missing = [name for name in _NEEDS[self.method] if not getattr(self, name)]
        if missing:
            raise ValueError(f'method "{self.method}" needs {" and ".join(missing)}')
        keys = [key for key in (self.secret, self.certificate) if key is not None]
        if self.method == "service-principal" and len(keys) != 1:
            raise ValueError("a service principal needs either secret or certificate")
        if self.method != "service-principal" and keys:
            raise ValueError(f'method "{self.method}" has neither secret nor certificate')
        if self.method == "managed-identity" and self.tenant:
            raise ValueError('method "managed-identity" has no tenant')
        return self


class Credential(Protocol):
    """What azure-identity calls a TokenCredential."""

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """`token`, and `expires_on` in seconds since the epoch."""


def credential(auth: Auth, **options: Any) -> Credential:
    """A new one, which remembers no token; sends nothing yet. Raises ConfigError where azure-identity is not installed,
    or the certificate cannot be read."""
    try:
        from azure import identity
    except ImportError:
        raise ConfigError(
            ["signing in with Entra ID needs azure-identity, which is not installed; pip install 'reconciler[entra]'"]
        ) from None
    match auth.method:
        case "managed-identity":
            return identity.ManagedIdentityCredential(client_id=auth.client, **options)
        case "workload-identity":
            try:
                return identity.WorkloadIdentityCredential(tenant_id=auth.tenant, client_id=auth.client, **options)
            except ValueError:
                raise ConfigError(
                    ["auth: no workload identity here: AZURE_TENANT_ID, AZURE_CLIENT_ID or AZURE_FEDERATED_TOKEN_FILE"]
                ) from None
    tenant, client = auth.tenant or "", auth.client or ""
    if auth.secret is not None:
        return identity.ClientSecretCredential(tenant, client, auth.secret.get_secret_value(), **options)
    try:
        pem = auth.certificate.get_secret_value().encode() if auth.certificate is not None else b""
        return identity.CertificateCredential(tenant, client, certificate_data=pem, **options)
    except ValueError:
        raise ConfigError(["auth.certificate: is not a certificate with its private key as PEM"]) from None


class EntraSignIn:
    """`trackers.http.SignIn` over credentials; `make` gives a new one, which has no token in its memory."""

    def __init__(self, make: Callable[[], Credential], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._credential = make()
        self._token = ""
        self._until_s = 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self._token,) if self._token else ()

    def header(self) -> str:
        if not self._token or self._clock.monotonic_s() >= self._until_s:
            self._get()
        return f"Bearer {self._token}"

    def renew(self) -> None:
        self._credential = self._make()
        self._get()

    def _get(self) -> None:
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            got = self._credential.get_token(SCOPE)
        except ClientAuthenticationError as error:
            raise Unauthorized(f"Entra ID gives no token: {_first_line(error)}") from None
        except (AzureError, ValueError, OSError) as error:
            raise Unavailable(f"no token from Entra ID: {_first_line(error)}") from None
        self._token = str(got.token)
        lasts_s = float(got.expires_on) - self._clock.now().timestamp()
        self._until_s = self._clock.monotonic_s() + lasts_s - RENEWED_BEFORE_S


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
