"""`python -m infra.sandbox`: the sandbox on the port that PORT names (8000); with a year of history by HISTORY=1."""

import os
import signal
import socket
import sys


def main() -> int:
    """Serve until told to stop; the exit code is 1 where the port is taken or is none."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        print(f"PORT must be a number from 1 to 65535, not {given!r}.", file=sys.stderr)
        return 1
    port = int(given)
    if _taken(port):
        print(f"Port {port} is taken; choose another one, for example: make run PORT={port + 1}", file=sys.stderr)
        return 1
    print("The sandbox starts. It says so once it is up, in ten seconds or less on a machine at rest.", flush=True)
    # Only now: all of moto takes seconds to load, and a wrong port should be told at once. Ctrl-C meanwhile ends it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from infra.sandbox.serving import serve

    serve(port, history=os.environ.get("HISTORY") == "1")
    return 0


def _taken(port: int) -> bool:
    with socket.socket() as tried:
        # As the server will bind: a port that was left a moment ago is free.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    raise SystemExit(main())
