"""Incidents: what the real service answers on its bad days, ready to be injected for chosen requests."""

from __future__ import annotations

from reconciler.simulators.azure_devops import errors
from reconciler.simulators.azure_devops.errors import ApiError
from reconciler.simulators.azure_devops.switches import Switches
from reconciler.simulators.kit.faults import Fault, Faults, Matcher

_BOM = b"\xef\xbb\xbf"


class Incidents:
    """Every method injects one fault into `faults`: it lets `after` matching requests pass and acts on `times`."""

    def __init__(self, organization: str, faults: Faults, switches: Switches) -> None:
        self._organization = organization
        self._faults = faults
        self._switches = switches

    def lost_race(self, match: Matcher = "^PATCH .*/workitems/", *, times: int = 1, after: int = 0) -> Fault:
        """Another save wins inside the server; nothing of ours is kept (FACTS ado 7.7, U11)."""
        return self._answer(match, errors.lost_race(self._switches.conflict_status), times, after)

    def blocked(self, match: Matcher = "", retry_after_s: int = 30, *, times: int = 1, after: int = 0) -> Fault:
        """429, though no budget is used up (FACTS ado 14.3)."""
        return self._answer(match, errors.blocked(retry_after_s), times, after)

    def organization_stopped(self, match: Matcher = "", *, times: int = 1, after: int = 0) -> Fault:
        """503 with a body that begins with a byte order mark (FACTS ado 1.11)."""
        text = (
            f"TF24668: The following team project collection is stopped: {self._organization}. Start the collection "
            "and then try again."
        )
        error = errors.framework_error(503, text, "VssServiceException", "Microsoft.VisualStudio.Services.Common")
        answer = error.response()
        headers = {"content-type": "application/json"}
        return self._faults.answer(match, 503, headers=headers, body=_BOM + answer.body, times=times, after=after)

    def query_timeout(self, match: Matcher = "^POST .*/wiql", *, times: int = 1, after: int = 0) -> Fault:
        """A query that ran for too long (FACTS ado 3.14)."""
        text = (
            "VS402335: The timeout period (30 seconds) elapsed prior to completion of the query or the server is not "
            "responding."
        )
        return self._answer(match, ApiError(400, text, "WorkItemTrackingQueryTimeoutException"), times, after)

    def _answer(self, match: Matcher, error: ApiError, times: int, after: int) -> Fault:
        response = error.response()
        return self._faults.answer(
            match, response.status, headers=response.headers, body=response.body, times=times, after=after
        )
