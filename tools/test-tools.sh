#!/bin/sh
# Installs what the tests drive for real: PostgreSQL, LibreOffice, Chromium, sshd come from Debian's packages.
set -eu
want=""
[ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || want="$want postgresql"
command -v soffice >/dev/null 2>&1 || want="$want libreoffice-calc-nogui"
[ -x /usr/bin/chromium ] || want="$want chromium"
[ -n "$(ls -d /usr/share/fonts/opentype/noto 2>/dev/null)" ] || want="$want fonts-noto-cjk"
[ -z "$want" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "the tests need:$want. Install them with your system's package manager (the names are Debian's)." >&2
	exit 1
fi
sudo=""
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || { echo "the tests need:$want. Run as root: apt-get install$want" >&2; exit 1; }
	sudo=sudo
fi
echo "installing for the tests:$want"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of names on purpose
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $want >/dev/null
