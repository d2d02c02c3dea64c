"""The real program with the real sandbox behind it, for one run."""

import json
import os
import subprocess
from contextlib import contextmanager


@contextmanager
def running(program, folder, database_url=None):
    """Starts `moorline demo` and gives what it says about itself, with the sandbox's secret; it stops at the end."""
    environment = {**os.environ, "MOORLINE_LOG__FILTER": "error"}
    if database_url:
        environment["MOORLINE_DATABASE_URL"] = database_url
    command = [program, "demo", "--json", "--data", folder, "--port", "0", "--sandbox-port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = json.loads(process.stdout.readline())
        secret = json.loads((folder / "demo.json").read_text())["sandbox_secret"]
        yield {**said, "secret": secret}
    finally:
        process.terminate()
        process.wait(timeout=60)
