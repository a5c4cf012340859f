"""HTTP for every tracker: the only module that imports httpx.

Pacing, retries of what is safe to retry, and the translation of transport failures into the error tree live here, so
that a tracker's client only knows addresses and bodies.
"""

from __future__ import annotations

import ipaddress
import json
import random
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, BinaryIO, Protocol

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from reconciler.clock import Clock
from reconciler.errors import ConfigError, OutcomeUnknown, Rejected, TrackerError, Unauthorized, Unavailable
from reconciler.trackers.answer import Answer
from reconciler.trackers.circuit import Circuit
from reconciler.trackers.meaning import broken, generic, proves_nothing_happened

Transport = httpx.BaseTransport

ATTEMPTS_MAX = 3
CONNECT_TIMEOUT_S = 5.0
BACKOFF_MAX_S = 30.0
TOLD_WAIT_MIN_S, TOLD_WAIT_MAX_S = 1.0, 120.0

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Pacer(Protocol):
    """Decides when the next request of one credential may be sent."""

    def acquire(self) -> None:
        """Waits, on the clock, until a request may be sent, and counts it."""

    def observe(self, answer: Answer) -> None:
        """Learns from the rate-limit headers and status of an answer."""


class SignIn(Protocol):
    """Credentials that change while we run. Both may raise Unauthorized and Unavailable."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is to be struck out of error texts."""

    def header(self) -> str:
        """The Authorization header of a request that is about to be sent."""

    def renew(self) -> None:
        """The one before was refused, though it should not have ended yet."""


Judge = Callable[[Answer], TrackerError | None]
"""A tracker's verdict on an answer: None for a good one, else the error it stands for. Called for every answer that
is not a redirect loop or transport failure; 429 and 5xx reach it too, returning None for those means "generic"."""

TOO_LARGE = "TOO_LARGE"
"""Our code for a file that has more bytes than were asked for."""

PIECE_BYTES = 1 << 16
"""So much of a file is held in memory at a time."""

Permit = Callable[[], None]
"""Raises, not a TrackerError, where this process must not change anything any more."""


def granted() -> None:
    """The permit of whoever shares its store with nobody."""


class Http:
    """A connection to one tracker with one credential; shared by all its scopes, closed once.

    `send` raises Unavailable, Unauthorized, Rejected (via the judge) for answers, and for transport failures
    Unavailable when the request cannot have had an effect, OutcomeUnknown when a write may have. At most three
    attempts, only where repeating is harmless: reads, and refusals that prove that nothing happened. While the circuit
    is open nothing is sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tracker: str,
        headers: Mapping[str, str],
        secrets: Sequence[str],
        pacer: Pacer,
        circuit: Circuit,
        judge: Judge,
        clock: Clock,
        transport: Transport | None = None,
        permit: Permit = granted,
        read_timeout_s: float = 60.0,
        reads_answers: bool = True,
        sign_in: SignIn | None = None,
        uniform: Callable[[], float] = random.random,
    ) -> None:
        """`secrets` are struck out of every error text, also in their base64 forms. `permit` is asked right before
        every request that writes, after all waiting, and raises where it must not be sent. `reads_answers`: a good
        status with a broken body is no answer. `sign_in` gives what `headers` cannot: each request asks it, and one
        that is refused is sent once more with renewed credentials. `uniform` gives numbers from 0 to below 1 for the
        jitter. Raises ConfigError for a header that cannot be sent (a token with a line break)."""
        _check_headers(tracker, headers)
        self.requests_sent = 0
        self._tracker = tracker
        self._base_url = base_url.rstrip("/")
        self._secrets = _spellings(secrets)
        self._pacer = pacer
        self._circuit = circuit
        self._judge = judge
        self._permit = permit
        self._reads_answers = reads_answers
        self._sign_in = sign_in
        self._clock = clock
        self._uniform = uniform
        self._server_time: datetime | None = None
        self._client = httpx.Client(
            headers={"Accept": "application/json", **headers},
            timeout=httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
            follow_redirects=False,
            trust_env=not _is_loopback(httpx.URL(base_url).host),  # HTTP_PROXY would catch 127.0.0.1 too
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # a cookie session must not outlive the token
            transport=transport,
            event_hooks={"response": [self._hear]},
        )
        self._retrying = Retrying(
            sleep=clock.sleep,
            retry=retry_if_exception(lambda error: isinstance(error, _Again) and circuit.may_repeat),
            stop=stop_after_attempt(ATTEMPTS_MAX),
            wait=self._wait_s,
            before_sleep=lambda _state: circuit.repeated(),
            reraise=True,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: Any = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] = MappingProxyType({}),
        writes: bool,
        key: str = "",
    ) -> Answer:
        """Sends one request below the base address and returns a good answer. `path` is percent-encoded and begins
        with a slash; `body` is JSON, bytes, or None; `writes` says whether it may change anything; `key` names the item
        for error texts."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body, separators=(",", ":"))
        request = self._client.build_request(
            method,
            self._base_url + path,
            params=list(params) or None,
            content=content,
            headers=None if body is None else {"Content-Type": content_type, **headers},
        )
        return self._repeatedly(_Call(lambda: request, path, writes), key)

    def upload(
        self,
        path: str,
        content: BinaryIO,
        *,
        params: Sequence[tuple[str, str]] = (),
        part: tuple[str, str] | None = None,
        key: str = "",
    ) -> Answer:
        """POSTs a file as `send` does with `writes`, a piece at a time: the bytes alone, or, with `part`, as a form's
        only part of that name and file name."""

        def build() -> httpx.Request:
            content.seek(0)
            if part is not None:
                field, file_name = part
                body: dict[str, Any] = {"files": {field: (file_name, content)}}
            else:
                body = {"content": content, "headers": {"Content-Type": "application/octet-stream"}}
            return self._client.build_request("POST", self._base_url + path, params=list(params) or None, **body)

        return self._repeatedly(_Call(build, path, writes=True), key)

    def fetch(
        self,
        address: str,
        into: BinaryIO,
        *,
        bytes_max: int,
        params: Sequence[tuple[str, str]] = (),
        key: str = "",
    ) -> Answer:
        """GETs a file, a piece at a time, into the emptied `into`; the answer has no text. `address` is a path as in
        `send`, or a whole address elsewhere, which gets the same headers. Raises Rejected with TOO_LARGE where it has
        more bytes than wanted."""
        url = self._base_url + address if address.startswith("/") else address
        request = self._client.build_request("GET", url, params=list(params) or None, headers={"Accept": "*/*"})
        return self._repeatedly(
            _Call(lambda: request, request.url.path, writes=False, into=into, bytes_max=bytes_max), key
        )

    def _repeatedly(self, call: _Call, key: str) -> Answer:
        try:
            return self._retrying(self._attempt, call)
        except _Again as again:
            raise self._finished(again.error, key) from again.__cause__
        except TrackerError as error:
            self._finished(error, key)
            raise

    @property
    def server_time(self) -> datetime | None:
        """The tracker's clock as of the last answer that carried a Date header."""
        return self._server_time

    def close(self) -> None:
        """Ends all connections. Idempotent."""
        self._client.close()

    def _attempt(self, call: _Call) -> Answer:
        self._circuit.admit()
        try:
            answer = self._signed_in(call)
        except _Again as again:
            self._circuit.failed(again.error)
            raise
        except (Unavailable, Unauthorized, OutcomeUnknown) as error:
            self._circuit.failed(error)
            raise
        except TrackerError:
            self._circuit.succeeded()
            raise
        self._circuit.succeeded()
        return answer

    def _signed_in(self, call: _Call) -> Answer:
        """A refusal of the credentials proves that nothing happened."""
        try:
            return self._once(call)
        except Unauthorized:
            if self._sign_in is None:
                raise
        self._sign_in.renew()
        return self._once(call)

    def _once(self, call: _Call) -> Answer:
        self._pacer.acquire()
        if call.writes:
            self._permit()
        self.requests_sent += 1
        return self._judged(call)

    def _judged(self, call: _Call) -> Answer:
        answer, writes = self._exchange(call), call.writes
        if call.into is not None and answer.status == 200:
            return answer
        cut_short = broken(answer, writes) if self._reads_answers else None
        refusal = cut_short or self._judge(answer) or generic(answer, writes)
        if refusal is None:
            return answer
        if isinstance(refusal, Unavailable):
            wait_s = self._told_wait_s(answer)
            if refusal.retry_after_s is None:
                refusal.retry_after_s = wait_s
            patient = wait_s is None or wait_s <= TOLD_WAIT_MAX_S
            if patient and (not writes or proves_nothing_happened(answer)):
                raise _Again(refusal, wait_s)
        raise refusal

    def _exchange(self, call: _Call) -> Answer:
        request = call.build()
        if self._sign_in is not None:
            request.headers["Authorization"] = self._sign_in.header()
        try:
            response = self._client.send(request, stream=call.into is not None)
            if call.into is not None:
                _pour(response, call.into, call.bytes_max)
        except _NOTHING_SENT as error:
            raise _Again(Unavailable(f"no connection to {request.url.netloc.decode()}: {_reason(error)}")) from error
        except httpx.RequestError as error:
            what = f"{request.method} {call.path} got no answer: {_reason(error)}"
            if call.writes:
                raise OutcomeUnknown(what) from error
            raise _Again(Unavailable(what)) from error
        poured = call.into is not None and response.is_success
        return (_head if poured else _answer)(response, call.path, self._scrubbed)

    def _hear(self, response: httpx.Response) -> None:
        """What the headers say counts, also where the body is cut short."""
        head = _head(response, response.request.url.path, self._scrubbed)
        self._server_time = head.server_time or self._server_time
        self._pacer.observe(head)

    def _told_wait_s(self, answer: Answer) -> float | None:
        """How long the tracker wants to be left alone. A Retry-After is taken at its word, however long; the reset of
        a window is not, since it is an instant of somebody's clock (reliability.md, fault 12)."""
        told_s = answer.retry_after_s
        if told_s is None and answer.status == 429:
            told_s = answer.reset_in_s(self._clock.now())
            told_s = None if told_s is None else min(told_s, TOLD_WAIT_MAX_S)
        return None if told_s is None else max(told_s, TOLD_WAIT_MIN_S)

    def _wait_s(self, state: RetryCallState) -> float:
        """What the tracker told, else exponential backoff with full jitter."""
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, _Again) and failure.wait_s is not None:
            return failure.wait_s
        return self._uniform() * min(BACKOFF_MAX_S, 2.0**state.attempt_number)

    def _finished(self, error: TrackerError, key: str) -> TrackerError:
        error.tracker = error.tracker or self._tracker
        error.key = error.key or key
        error.args = (self._scrubbed(error.message), *error.args[1:])
        return error

    def _scrubbed(self, text: str) -> str:
        for secret in (*self._secrets, *(self._sign_in.secrets if self._sign_in else ())):
            text = text.replace(secret, "[secret]")
        return text


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, made anew for every attempt. A good answer's body goes into `into` where that is given."""

    build: Callable[[], httpx.Request]
    path: str
    writes: bool
    into: BinaryIO | None = None
    bytes_max: int = 0


class _Again(Exception):
    """Carries an error out of one attempt that may be repeated; never leaves this module."""

    def __init__(self, error: TrackerError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def _pour(response: httpx.Response, into: BinaryIO, bytes_max: int) -> None:
    """The body of a good answer into a file, of any other into memory."""
    try:
        if not response.is_success:
            response.read()
            return
        into.seek(0)
        into.truncate()
        if int(response.headers.get("content-length") or 0) > bytes_max:
            raise _too_large(bytes_max)
        for piece in response.iter_bytes(PIECE_BYTES):
            into.write(piece)
            if into.tell() > bytes_max:
                raise _too_large(bytes_max)
    finally:
        response.close()


def _too_large(bytes_max: int) -> Rejected:
    return Rejected(f"the file has more than {bytes_max} bytes", code=TOO_LARGE)


def _head(response: httpx.Response, path: str, scrub: Callable[[str], str]) -> Answer:
    """The answer without its body."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, "", None, response.request.method, path, scrub)


def _answer(response: httpx.Response, path: str, scrub: Callable[[str], str]) -> Answer:
    text = response.content.decode("utf-8-sig", errors="replace")  # some bodies begin with a BOM (FACTS ado 1.11)
    if not response.is_success:
        text = scrub(text)  # what it says goes into error texts, cut to length
    answer = replace(_head(response, path, scrub), text=text)
    if not answer.is_json:
        return answer
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return answer
    return replace(answer, json=parsed)


def _reason(error: httpx.RequestError) -> str:
    return f"{type(error).__name__} {error}".strip()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _spellings(secrets: Sequence[str]) -> tuple[str, ...]:
    """Every secret as it is and as Basic credentials carry it (with an empty user name), longest first."""
    plain = [secret for secret in secrets if secret]
    encoded = [b64encode(f"{prefix}{secret}".encode()).decode() for secret in plain for prefix in ("", ":")]
    return tuple(sorted([*plain, *encoded], key=len, reverse=True))


def _check_headers(tracker: str, headers: Mapping[str, str]) -> None:
    """httpx would quote an unsendable value, which may be the token, in its own error."""
    bad = [name for name, value in headers.items() if not value.isascii() or not value.isprintable()]
    if bad:
        raise ConfigError([f"trackers.{tracker}: {', '.join(bad)} has a character that HTTP cannot carry; check token"])
