"""How much memory a process has in use, where the kernel does not hold it to a limit, and as a second guard."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_KIB = 1_024


def resident_bytes(pid: int) -> int:
    """Bytes of memory in use by a process of this machine; 0 when it is gone or nobody knows."""
    try:
        if sys.platform == "linux":
            return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _page()
        if sys.platform == "darwin":
            said = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S603
            return int(said.stdout or 0) * _KIB
        return _windows(pid)
    except (OSError, ValueError, IndexError):
        return 0


def _page() -> int:
    import os

    return os.sysconf("SC_PAGE_SIZE")


def _windows(pid: int) -> int:
    """By GetProcessMemoryInfo: https://learn.microsoft.com/windows/win32/api/psapi/ns-psapi-process_memory_counters"""
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("cb", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "pagefile", "peak_pagefile")),
        )

    system = getattr(ctypes, "windll", None)
    if system is None:
        return 0
    handle = system.kernel32.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    known = handle and system.psapi.GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.cb)
    if handle:
        system.kernel32.CloseHandle(handle)
    return int(counters.now) if known else 0
