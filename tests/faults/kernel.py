"""What the tracer asks the kernel for: ptrace, and a seccomp filter that stops at calls that write.

Only Linux on x86-64: elsewhere the numbers of the calls and the registers are others.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long

TRACE_ME, CONTINUE, GET_REGISTERS, SET_REGISTERS = 0, 7, 12, 13
SET_OPTIONS, CALL_INFO = 0x4200, 0x420E
FORK, VFORK, CLONE, EXEC, SECCOMP, EXIT_KILL = 0x2, 0x4, 0x8, 0x10, 0x80, 0x100000
ALL_OPTIONS = FORK | VFORK | CLONE | EXEC | SECCOMP | EXIT_KILL
SECCOMP_EVENT = 7
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2
ALLOW, TRACE = 0x7FFF0000, 0x7FF00000
X86_64 = 0xC000003E
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT

# Each call that changes something, and which of its arguments say where: a descriptor or a path.
BY_DESCRIPTOR = {
    "write": 1,
    "pwrite64": 18,
    "writev": 20,
    "fsync": 74,
    "fdatasync": 75,
    "ftruncate": 77,
    "fchmod": 91,
    "fallocate": 285,
    "pwritev": 296,
}
BY_PATH = {
    "execve": (59, 0),
    "truncate": (76, 0),
    "rename": (82, 1),
    "mkdir": (83, 0),
    "rmdir": (84, 0),
    "creat": (85, 0),
    "link": (86, 1),
    "unlink": (87, 0),
    "symlink": (88, 1),
    "chmod": (90, 0),
    "mknod": (133, 0),
}
BY_PATH_AT = {
    "openat": (257, 0),
    "mkdirat": (258, 0),
    "mknodat": (259, 0),
    "unlinkat": (263, 0),
    "renameat": (264, 2),
    "linkat": (265, 2),
    "symlinkat": (266, 1),
    "fchmodat": (268, 0),
    "utimensat": (280, 0),
    "renameat2": (316, 2),
}
OPENS = {2: 1, 257: 2}  # the argument that says how a file is opened
COPIES = {"sendfile": (40, 0), "copy_file_range": (326, 2)}  # and which one is written to
NUMBERS = {
    **{number: name for name, number in BY_DESCRIPTOR.items()},
    **{number: name for name, (number, _) in (BY_PATH | BY_PATH_AT | COPIES).items()},
    2: "open",
}


def can_trace() -> bool:
    """Return whether this kernel is one that the tracer knows."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def ptrace(request: int, pid: int, address: int = 0, data: object = 0) -> int:
    """Ask the kernel; raise OSError."""
    answer = int(LIBC.ptrace(request, pid, address, data))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _program() -> bytes:
    """Return the filter: ask the tracer at every call of NUMBERS, and let all others pass."""
    load, equal, any_bit, end = 0x20, 0x15, 0x45, 0x06
    steps = [_step(load, 4), _step(equal, X86_64, 1, 0), _step(end, ALLOW), _step(load, 0)]
    for number, argument in OPENS.items():
        steps += [
            _step(equal, number, 0, 4),
            _step(load, 16 + 8 * argument),
            _step(any_bit, WRITES, 0, 1),
            _step(end, TRACE),
            _step(end, ALLOW),
        ]
    for number in sorted(set(NUMBERS) - set(OPENS)):
        steps += [_step(equal, number, 0, 1), _step(end, TRACE)]
    return b"".join([*steps, _step(end, ALLOW)])


def become_traced() -> None:
    """Let the parent trace this process, and have it asked before every call that writes."""
    ptrace(TRACE_ME, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    text = _program()
    held = ctypes.create_string_buffer(text)
    told = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(text) // 8, ctypes.addressof(held))
    )
    if LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or LIBC.prctl(SET_SECCOMP, FILTER_MODE, told):
        raise OSError(ctypes.get_errno(), "no seccomp filter")


def call_of(pid: int) -> tuple[int, tuple[int, ...]]:
    """Return the number and the arguments of the call before which a process stands."""
    info = ctypes.create_string_buffer(88)
    ptrace(CALL_INFO, pid, 88, ctypes.addressof(info))
    number, *arguments = struct.unpack_from("7Q", info.raw, 24)
    return number, tuple(arguments)


def refuse(pid: int, error: int) -> None:
    """Let the call before which a process stands fail with this error."""
    registers = (ctypes.c_ulonglong * 27)()
    ptrace(GET_REGISTERS, pid, 0, ctypes.addressof(registers))
    registers[15] = (1 << 64) - 1  # no call
    registers[10] = (1 << 64) - error
    ptrace(SET_REGISTERS, pid, 0, ctypes.addressof(registers))
