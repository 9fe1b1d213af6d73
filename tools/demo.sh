#!/bin/sh
# Serves examples/django_site on 127.0.0.1:$PORT (default 8000) until it is interrupted.
set -u
cd "$(dirname "$0")/../examples/django_site" || exit 1
python=../../.venv/bin/python
port=${PORT:-8000}

"$python" - "$port" <<'PYTHON' || exit 1
import socket
import sys

text = sys.argv[1]
if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
    sys.exit(f"consentpy: PORT={text} is not a port: choose a number from 1 to 65535.")
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(text)))
    except OSError as error:
        sys.exit(
            f"consentpy: port {text} of 127.0.0.1 cannot be used ({error.strerror}): "
            "choose another, for example PORT=8123 make demo."
        )
PYTHON

printf '\n  The demo is at http://127.0.0.1:%s/  (Ctrl-C stops it)\n\n' "$port"
# An interrupt is the normal end of this command, not a failure of make.
trap 'exit 0' INT TERM
"$python" manage.py runserver --noreload "127.0.0.1:$port" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; exit 0' INT TERM
wait $server
