"""`python api_server/launch_server.py`, as the README of the seed system has it: starts SkyFlow and stays until Ctrl-C.

The same as `npm run up`, which needs no Python, but that it starts what is built already. What follows is passed on to it
(`--port 50052`, `--kubeconfig FILE`, ...).
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILT = os.path.join(ROOT, "tools", "up", "dist", "main.js")
PINNED_NODE = os.path.join(ROOT, "node_modules", ".bin", "node")

node = PINNED_NODE if os.path.exists(PINNED_NODE) else "node"
program = BUILT if os.path.exists(BUILT) else os.path.join(ROOT, "tools", "bootstrap.mjs")
os.execvp(node, [node, program, "up", *sys.argv[1:]])
