#!/usr/bin/env python3
"""Writes what a unit forbids as two programs for the kernel, as systemd would: `confine` runs a command under them.

    filter.py UNIT DIRECTORY      writes DIRECTORY/calls and DIRECTORY/restrictions

`calls` has the system calls that SystemCallFilter= leaves, with everything else refused; `restrictions` has arguments
that are refused: RestrictAddressFamilies=, RestrictNamespaces=, RestrictRealtime=, RestrictSUIDSGID=, LockPersonality=,
MemoryDenyWriteExecute=. Calls of another architecture kill (SystemCallArchitectures=native). The names in systemd's groups
come from systemd-analyze, the programs from libseccomp. What systemd does by other means (namespaces of files and
processes, control groups, users) is not here.
"""

import ctypes
import errno
import functools
import os
import pathlib
import socket
import stat
import subprocess
import sys

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
DIFFERS, BELOW, EQUALS, ABOVE, MASKED = 1, 2, 4, 6, 7
CLONE_NEW = {"cgroup": 0x02000000, "ipc": 0x08000000, "net": 0x40000000, "mnt": 0x00020000, "pid": 0x20000000,
             "user": 0x10000000, "uts": 0x04000000}
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
# SCHED_OTHER, SCHED_BATCH and SCHED_IDLE.
UNHURRIED = {0, 3, 5}


class Comparison(ctypes.Structure):
    """An argument's number, how it is compared, and with what; a mask comes before its value."""

    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
seccomp.seccomp_rule_add_array.argtypes = [
    ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Comparison)]
seccomp.seccomp_export_bpf.argtypes = [ctypes.c_void_p, ctypes.c_int]


class Filter:
    """A program: what becomes of a call that no rule speaks of, and rules."""

    def __init__(self, otherwise):
        self.context = seccomp.seccomp_init(otherwise)
        self.count = 0

    def add(self, action, call, *comparisons):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        # Systemd's groups name calls of every architecture.
        if number < 0:
            return
        array = (Comparison * len(comparisons))(*comparisons)
        result = seccomp.seccomp_rule_add_array(self.context, action, number, len(array), array)
        if result != 0:
            sys.exit(f"filter: no rule for {call}: {os.strerror(-result)}")
        self.count += 1

    def refuse(self, call, *comparisons, code=errno.EPERM):
        self.add(ERRNO | code, call, *comparisons)

    def refuse_bits(self, call, argument, bits, *more):
        self.refuse(call, (argument, MASKED, bits, bits), *more)

    def write(self, path):
        with open(path, "wb") as file:
            result = seccomp.seccomp_export_bpf(self.context, file.fileno())
        if result != 0:
            sys.exit(f"filter: cannot write {path}: {os.strerror(-result)}")
        print(f"{path.name}: {self.count} rules, {path.stat().st_size // 8} instructions")


@functools.cache
def calls_of(word):
    """What a word of SystemCallFilter= stands for."""
    if not word.startswith("@"):
        return {word}
    said = subprocess.run(["systemd-analyze", "syscall-filter", word], check=True, capture_output=True, text=True).stdout
    members = [line.strip() for line in said.splitlines()[1:]]
    return set().union(*(calls_of(member) for member in members if member and not member.startswith("#")))


def allowed(values):
    """The calls that lists leave, the first of which names what is allowed."""
    # Systemd adds these to the first, and a later one may take them away again.
    calls = set(calls_of("@default"))
    for value in values:
        words = set().union(*(calls_of(word) for word in value.removeprefix("~").split()))
        calls = calls - words if value.startswith("~") else calls | words
    return calls


def restrict(unit):
    """The arguments that are refused."""
    refused = Filter(ALLOW)
    families = {getattr(socket, name) for name in unit.one("RestrictAddressFamilies").split()}
    for family in range(max(families)):
        if family not in families:
            refused.refuse("socket", (0, EQUALS, family, 0), code=errno.EAFNOSUPPORT)
    refused.refuse("socket", (0, ABOVE, max(families), 0), code=errno.EAFNOSUPPORT)

    unit.demand("RestrictNamespaces", "yes")
    for flag in CLONE_NEW.values():
        for call, argument in ("unshare", 0), ("clone", 0), ("setns", 1):
            refused.refuse_bits(call, argument, flag)
    refused.refuse("setns", (1, EQUALS, 0, 0))
    # Its flags are in memory, where no filter looks; who is told that it is not there takes the older call.
    refused.refuse("clone3", code=errno.ENOSYS)

    unit.demand("RestrictRealtime", "yes")
    for policy in range(max(UNHURRIED)):
        if policy not in UNHURRIED:
            refused.refuse("sched_setscheduler", (1, EQUALS, policy, 0))
    refused.refuse("sched_setscheduler", (1, ABOVE, max(UNHURRIED), 0))

    unit.demand("RestrictSUIDSGID", "yes")
    for bit in stat.S_ISUID, stat.S_ISGID:
        for call, mode in ("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2), ("mknod", 1), (
                "mknodat", 2), ("creat", 1):
            refused.refuse_bits(call, mode, bit)
        for call, flags in ("open", 1), ("openat", 2):
            refused.refuse_bits(call, flags, os.O_CREAT, (flags + 1, MASKED, bit, bit))
    refused.refuse("openat2", code=errno.ENOSYS)

    unit.demand("LockPersonality", "yes")
    refused.refuse("personality", (0, DIFFERS, 0, 0))

    unit.demand("MemoryDenyWriteExecute", "yes")
    refused.refuse_bits("mmap", 2, PROT_WRITE | PROT_EXEC)
    refused.refuse_bits("mprotect", 2, PROT_EXEC)
    refused.refuse_bits("pkey_mprotect", 2, PROT_EXEC)
    refused.refuse_bits("shmat", 2, SHM_EXEC)
    return refused


class Unit:
    """The settings of a unit, each with its values in order."""

    def __init__(self, path):
        self.settings = {}
        for line in path.read_text().splitlines():
            name, sign, value = line.partition("=")
            if sign and not line.startswith(("#", ";")):
                self.settings.setdefault(name, []).append(value)

    def one(self, name):
        values = self.settings.get(name, [])
        if len(values) != 1:
            sys.exit(f"filter: one {name}= is known how to read, and there are {len(values)}")
        return values[0]

    def demand(self, name, value):
        """What else it could say is not known here, and may not pass for less."""
        if self.one(name) != value:
            sys.exit(f"filter: only {name}={value} is known how to read")


def main():
    unit, directory = Unit(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    unit.demand("NoNewPrivileges", "yes")
    unit.demand("CapabilityBoundingSet", "")
    unit.demand("SystemCallArchitectures", "native")
    calls = Filter(ERRNO | getattr(errno, unit.one("SystemCallErrorNumber")))
    for call in sorted(allowed(unit.settings["SystemCallFilter"])):
        calls.add(ALLOW, call)
    calls.write(directory / "calls")
    restrict(unit).write(directory / "restrictions")


if __name__ == "__main__":
    main()
