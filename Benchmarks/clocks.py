"""What rows read time from."""

import os
import time


def cpu_us(pid):
    """The CPU that a process has used, user and system, in microseconds."""
    # The kernel's name for the clock of another process, as clock_getcpuclockid makes it.
    CPUCLOCK_SCHED = 2
    return time.clock_gettime_ns((~pid << 3) | CPUCLOCK_SCHED) / 1000


def sync_ms(directory, count=100):
    """How long the disk takes to sync four appended KiB: each of so many times, in milliseconds."""
    path = directory / "sync"
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    times = []
    for number in range(count):
        os.pwrite(file, b"x" * 4096, number * 4096)
        began = time.perf_counter()
        os.fdatasync(file)
        times.append((time.perf_counter() - began) * 1000)
    os.close(file)
    path.unlink()
    return times


def percentile(values, share):
    """The value that this share of all stays below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
