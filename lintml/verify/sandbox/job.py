"""A Windows job object: what it holds dies with it, and counts its memory and its processes together."""

import ctypes
import sys
from subprocess import Popen

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_ACTIVE_PROCESSES, _JOB_MEMORY, _KILL_ON_CLOSE = 0x8, 0x200, 0x2000


class Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h, flattened."""

    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


if sys.platform == "win32":

    class Job:
        """Holds a process and all that it starts; ``memory`` is in bytes."""

        def __init__(self, process: Popen[bytes], *, memory: int, processes: int) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._handle = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
            flags = _ACTIVE_PROCESSES | _JOB_MEMORY | _KILL_ON_CLOSE
            limits = Limits(flags=flags, active_processes=processes, job_memory=memory)
            size = ctypes.sizeof(limits)
            if not (
                self._kernel.SetInformationJobObject(self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), size)
                and self._kernel.AssignProcessToJobObject(self._handle, ctypes.c_void_p(int(process._handle)))
            ):
                process.kill()
                raise ctypes.WinError(ctypes.get_last_error())

        def close(self) -> None:
            """Kill everything in the job."""
            self._kernel.CloseHandle(self._handle)
