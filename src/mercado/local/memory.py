"""How much memory a service takes, its child processes included."""

from collections.abc import Iterator

import psutil


def proportional_set_bytes(pid: int) -> int:
    """Return the proportional set size of a process and all its descendants, in bytes.

    Memory that processes share (forked workers, libraries) is divided among those that share it, so sums over services
    count it once. Some of Airflow's processes hide their maps from their own user, to guard their tokens: of these the
    resident memory without mapped files counts, which is too much where a parent still shares it. A process that ends
    meanwhile counts 0.
    """
    return sum(_proportional_set(process) for process in _tree(pid))


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)
    except psutil.NoSuchProcess:
        return


def _proportional_set(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        memory = process.memory_info()
        return int(memory.rss - memory.shared)
    except psutil.NoSuchProcess:
        return 0
