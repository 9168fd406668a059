"""Connects to somebody else's Dask scheduler, or says in one sentence why that does not work and what helps."""

from __future__ import annotations

import ssl
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

CONNECT_SECONDS = 10.0  # after which nothing listens at an address
_TLS = "tls://"


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Yield the client of the scheduler at an address, which has a worker.

    Raises:
        UsageError: nothing answers there, it is not a scheduler that trusts us and that we can trust, or it has no
            worker.
    """
    from distributed import Client, Security
    from distributed.versions import VersionMismatchWarning

    security = Security()
    _require_certificate(address, security)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # what decides a mark is compared with every worker
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False, security=security)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise UsageError(_why_not(address, error)) from error
    with client:
        if not client.nthreads():
            raise UsageError(f"No worker has come to {address} yet: start one with `dask worker`.")
        yield client


def _require_certificate(address: str, security: object) -> None:
    """Raise `UsageError` if Dask's settings lack what a connection by TLS needs, or name what cannot be used."""
    try:
        has_one = security.get_connection_args("client")["ssl_context"] is not None  # type: ignore[attr-defined]
    except (OSError, ValueError) as error:  # `ssl.SSLError` is one of the first kind
        raise UsageError(
            f"The certificates that `distributed.comm.tls` names in Dask's settings cannot be used "
            f"({_reason(error)}): correct the files or their names."
        ) from error
    if address.startswith(_TLS) and not has_one:
        raise UsageError(
            f"No scheduler can be reached at {address} (there is no certificate of the client): set those of "
            "`distributed.comm.tls` in Dask's settings, as on the scheduler."
        )


def _why_not(address: str, error: BaseException) -> str:
    """Return why there is no connection, and what helps."""
    from distributed.comm.core import CommClosedError

    by_tls = address.startswith(_TLS)
    causes = _causes(error)
    refused = next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None)
    if refused is not None:
        return (
            f"The scheduler at {address} has a certificate that Dask's settings here do not trust "
            f"({refused.verify_message}): name the authority that signed it as `distributed.comm.tls.ca-file`."
        )
    if any(isinstance(each, ssl.SSLError) and each.reason == "WRONG_VERSION_NUMBER" for each in causes):
        return f"What answers at {address} does not use TLS: if it is the scheduler, begin the address with tcp://."
    if isinstance(error, CommClosedError):  # it had been reached
        return (
            f"The scheduler at {address} does not accept the certificate of `distributed.comm.tls.client` in Dask's "
            "settings, or has just ended: name one that the scheduler's authority has signed."
            if by_tls
            else f"What answers at {address} ended the connection: begin the address with tls:// if the scheduler "
            "uses TLS, or correct it."
        )
    return (
        f"No scheduler can be reached at {address} ({_reason(error)}): start one with `dask scheduler`, or correct the "
        "address."
    )


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__
    return found


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0].rstrip(".")
