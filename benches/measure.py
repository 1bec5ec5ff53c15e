"""CPU seconds, wall seconds, peak KiB and exit code of a command and its children, on one line.

usage: measure.py COMMAND [ARGUMENT ...]
"""

import os
import subprocess
import sys
import time

begin = time.monotonic()
process = subprocess.Popen(
    sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
)
_, status, usage = os.wait4(process.pid, 0)
wall_s = time.monotonic() - begin
print(f"{usage.ru_utime + usage.ru_stime:.2f} {wall_s:.2f} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
