#!/usr/bin/env python3
"""Tries what the unit forbids, and says what became of each: the proof that a filter is on.

    forbidden.py [--free]      fails unless all of it is refused as the unit says; --free: unless none of it is

Each call is made by a process of its own. None does harm where it is not refused, to root neither.
"""

import ctypes
import errno
import mmap
import os
import platform
import signal
import sys
import tempfile

libc = ctypes.CDLL(None, use_errno=True)
AF_NETLINK, SOCK_RAW, CLONE_NEWUSER, CLONE_NEWNET, ADDR_NO_RANDOMIZE = 16, 3, 0x10000000, 0x40000000, 0x0040000
CLONE3, X32_GETPID = 435, 0x40000000 | 39
ANONYMOUS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
PAGE = mmap.PAGESIZE

libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def make_executable():
    page = libc.mmap(None, PAGE, mmap.PROT_READ, ANONYMOUS, -1, 0)
    return libc.mprotect(page, PAGE, mmap.PROT_READ | mmap.PROT_EXEC)


def map_both():
    page = libc.mmap(None, PAGE, mmap.PROT_WRITE | mmap.PROT_EXEC, ANONYMOUS, -1, 0)
    return -1 if page == ctypes.c_void_p(-1).value else 0


def chmod_as_another():
    with tempfile.NamedTemporaryFile() as file:
        return libc.chmod(file.name.encode(), 0o4700)


def be_urgent():
    return libc.sched_setscheduler(0, os.SCHED_FIFO, ctypes.byref(ctypes.c_int(1)))


CALLS = [
    ("mount", lambda: libc.mount(None, None, None, 0, None), errno.EPERM),
    ("ptrace", lambda: libc.ptrace(0, 0, None, None), errno.EPERM),
    ("bpf", lambda: libc.syscall(321 if platform.machine() == "x86_64" else 280, -1, None, 0), errno.EPERM),
    ("chown", lambda: libc.chown(b"/dev/null", -1, -1), errno.EPERM),
    ("setuid", lambda: libc.setuid(os.getuid()), errno.EPERM),
    ("setpriority", lambda: libc.setpriority(0, 0, 1), errno.EPERM),
    ("sched_setscheduler, real time", be_urgent, errno.EPERM),
    ("socket, AF_NETLINK", lambda: libc.socket(AF_NETLINK, SOCK_RAW, 0), errno.EAFNOSUPPORT),
    ("unshare, a user namespace", lambda: libc.unshare(CLONE_NEWUSER), errno.EPERM),
    ("unshare, a network", lambda: libc.unshare(CLONE_NEWNET), errno.EPERM),
    ("clone3", lambda: libc.syscall(CLONE3, None, 0), errno.ENOSYS),
    ("personality", lambda: libc.personality(ADDR_NO_RANDOMIZE), errno.EPERM),
    ("chmod, set-user-id", chmod_as_another, errno.EPERM),
    ("mmap, writable and executable", map_both, errno.EPERM),
    ("mprotect, executable", make_executable, errno.EPERM),
]
if platform.machine() == "x86_64":
    CALLS.append(("getpid, of another architecture", lambda: libc.syscall(X32_GETPID), -signal.SIGSYS))


def outcome(call):
    """The call's error, 0 for none, or the signal that it brought, as a negative number."""
    child = os.fork()
    if child == 0:
        os._exit(ctypes.get_errno() if call() == -1 else 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def spelled(code):
    return "done" if code == 0 else errno.errorcode[code] if code > 0 else signal.Signals(-code).name


def main():
    is_free = "--free" in sys.argv
    wrong = 0
    for name, call, refusal in CALLS:
        code = outcome(call)
        wrong += (code == refusal) == is_free
        print(f"  {name}: {spelled(code)}")
    with open("/proc/self/status", encoding="ascii") as status:
        facts = dict(line.split(":\t", 1) for line in status.read().splitlines())
    has = {name: facts[name] for name in ("NoNewPrivs", "Seccomp", "CapEff", "CapBnd")}
    print(" ", has)
    wrong += (has == {"NoNewPrivs": "1", "Seccomp": "2", "CapEff": "0" * 16, "CapBnd": "0" * 16}) == is_free
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
