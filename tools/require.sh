#!/bin/sh
# Checks what must be on the machine before anything is built, and says how to get what is missing.
missing=0
need() { # name, found version, wanted version, how to get it
	if [ -z "$2" ]; then
		echo "missing: $1 $3 or newer. Get it: $4" >&2
		missing=1
	elif [ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" != "$3" ]; then
		echo "too old: $1 $2, needed is $3 or newer. Get it: $4" >&2
		missing=1
	fi
}
python=${PYTHON:-python3}
need Go "$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')" 1.26 "https://go.dev/dl/ (Debian: apt-get install golang-go from backports)"
need Node.js "$(node --version 2>/dev/null | sed 's/^v//')" 20.0 "https://nodejs.org/ (Debian: apt-get install nodejs npm)"
need npm "$(npm --version 2>/dev/null)" 9.0 "it comes with Node.js (Debian: apt-get install npm)"
need Python "$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)" 3.10 "https://www.python.org/ (Debian: apt-get install python3 python3-venv)"
if "$python" -c 'import sys' 2>/dev/null && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
	echo "missing: Python's venv module. Get it: apt-get install python3-venv" >&2
	missing=1
fi
exit $missing
