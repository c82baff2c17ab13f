"""Where data comes from: a source itself, another host, or a simulator; recorded with each load, so that none mix."""

from urllib.parse import urlsplit

# A simulator says in each answer what it plays.
SIMULATOR_HEADER = "X-Mercado-Simulator"
SIMULATED = "simulator: "


def origin_of(url: str, *, simulator: str | None, source: str, hosts: frozenset[str]) -> str:
    """Return the source's name, another host's, or ``simulator: …``.

    Args:
        url: That was asked; credentials in it are left out.
        simulator: Value of `SIMULATOR_HEADER` in the answer.
        source: Short name of the source.
        hosts: The source's own.
    """
    host = urlsplit(url).hostname or ""
    return f"{SIMULATED}{simulator}" if simulator else source if host in hosts else host
