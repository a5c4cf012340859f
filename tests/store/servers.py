"""Throw-away database servers for tests, each in a folder of its own, reachable over a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _missing(*programs: str) -> list[str]:
    return [program for program in programs if shutil.which(program, path=_path()) is None]


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def _account(preferred: str) -> str | None:
    """Who shall run the server: neither of them agrees to be run by root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in (preferred, "nobody") if name in known), None)


@contextmanager
def _folder(owner: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="store-test-"))
    shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str | None]:
    """A format of database URLs with a place for the name; None where PostgreSQL is not installed."""
    owner = _account("postgres")
    if owner is None or _missing("initdb", "pg_ctl"):
        yield None
        return
    with _folder(owner) as folder:
        data = folder / "data"

        def run(*command: str) -> None:
            environment = {**os.environ, "PATH": _path(), "LC_ALL": "C.UTF-8"}
            user = owner if os.geteuid() == 0 else None
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                env=environment,
                user=user,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        run("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c timezone=Asia/Kolkata"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://tester@/{{}}?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


@contextmanager
def mysql() -> Iterator[str | None]:
    """A format of database URLs with a place for the name; None where neither MariaDB nor MySQL's tools are there."""
    owner = _account("mysql")
    if owner is None or _missing("mariadbd", "mariadb-install-db"):
        yield None
        return
    with _folder(owner) as folder:
        data, address = folder / "data", folder / "socket"
        environment = {**os.environ, "PATH": _path()}
        user = owner if os.geteuid() == 0 else None
        # Several servers at a time can use up the kernel's asynchronous requests, and then none starts.
        common = ["--no-defaults", f"--datadir={data}", "--innodb-use-native-aio=0"]
        install = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"]
        told = subprocess.run(
            install, cwd=folder, env=environment, user=user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if told.returncode:
            raise RuntimeError(f"the database could not be made: {told.stdout[-2000:]}")
        serve = ["mariadbd", *common, f"--socket={address}", "--skip-networking"]
        serve += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"]
        process = subprocess.Popen(
            serve, cwd=folder, env=environment, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await_mysql(process, address)
            yield f"mysql://root@localhost/{{}}?unix_socket={address}"
        finally:
            process.kill()
            process.wait()


def _await_mysql(process: subprocess.Popen[bytes], address: Path) -> None:
    while process.poll() is None:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(address)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the database server ended while starting")
