"""`python skyflow/launch_sky_manager.py`, as the README of the seed system has it.

SkyFlow's controllers are started with its API, by launch_server.py or `npm run up`. This waits until they are there, and shows them.
"""

import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SKYCTL = ["node", os.path.join(ROOT, "apps", "skyctl", "bin", "skyctl.mjs")]
WAIT_S = 120

deadline = time.monotonic() + WAIT_S
while True:
    status = subprocess.run([*SKYCTL, "status"], capture_output=True, text=True, check=False)
    if status.returncode == 0 or time.monotonic() > deadline:
        break
    time.sleep(0.5)
sys.stdout.write(status.stdout)
sys.stderr.write(status.stderr)
if status.returncode != 0:
    sys.stderr.write("hint: start SkyFlow first: python api_server/launch_server.py\n")
sys.exit(status.returncode)
