"""CPU seconds, wall seconds, peak KiB and exit code of a command and its children, on one line.

usage: measure.py COMMAND [ARGUMENT ...]
"""

import os
import subprocess
import sys
import time


def measure(command):
    """CPU seconds, wall seconds, peak KiB and exit code of a command that is told nothing and says nothing."""
    begin = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - begin
    return usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    print("{:.2f} {:.2f} {} {}".format(*measure(sys.argv[1:])))
