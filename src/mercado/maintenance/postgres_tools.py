"""PostgreSQL's own programs, ``pg_dump`` and ``pg_restore``, on a server that may be another machine's."""

import os
import subprocess
from dataclasses import dataclass

from pydantic import SecretStr

from mercado.errors import ServiceRefusedError, ServiceUnavailableError, StorageFullError
from mercado.local.postgres import installed_binaries
from mercado.settings import postgres_url

# What they print when the server cannot be reached, in the language that they are run in.
UNREACHABLE = ("connection to server", "server closed the connection", "terminating connection")
PRIVATE_UMASK = 0o077


@dataclass(frozen=True)
class Login:
    """Who asks which server.

    Attributes:
        host: Its name or address.
        port: Its TCP port.
        user: The role.
        password: The role's password.
    """

    host: str
    port: int
    user: str
    password: SecretStr

    def url(self, database: str) -> SecretStr:
        """Return the ``postgresql://`` URL of a database."""
        return postgres_url(user=self.user, password=self.password, host=self.host, port=self.port, database=database)


def run_tool(login: Login, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs to its end; the password travels by environment, where ``ps`` shows nothing.

    Files that it writes can be read by their owner alone.

    Raises:
        ServiceUnavailableError: The server does not answer, or went away.
        StorageFullError: It cannot write its file, or the server has no room.
        ServiceRefusedError: It fails for another reason; cites its last line.
    """
    environment = {
        "PATH": os.defpath,
        "LC_ALL": "C",
        "PGHOST": login.host,
        "PGPORT": str(login.port),
        "PGUSER": login.user,
        "PGPASSWORD": login.password.get_secret_value(),
        "PGAPPNAME": f"mercado {program}",
    }
    command = [str(installed_binaries() / program), *arguments]
    finished = subprocess.run(
        command, env=environment, umask=PRIVATE_UMASK, capture_output=True, text=True, check=False
    )
    if finished.returncode == 0:
        return
    last = (finished.stderr.strip().splitlines() or [f"it ended with {finished.returncode}"])[-1]
    if "No space left on device" in finished.stderr or "Disk quota exceeded" in finished.stderr:
        raise StorageFullError(f"The disk is full: free some space and run again ({last}).")
    if any(words in finished.stderr for words in UNREACHABLE):
        raise ServiceUnavailableError(f"PostgreSQL at {login.host}:{login.port} does not answer: {last}")
    raise ServiceRefusedError(f"{program} failed: {last}")
