#!/bin/sh
# Installs those of the named Debian packages that are missing, and says which.  Needs root, or sudo.
set -eu

missing=
for package in "$@"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "Installing from Debian what is missing:$missing"
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1; then
	as_root=sudo
else
	echo "This needs root, or sudo.  As root:  apt-get install$missing" >&2
	exit 1
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086 # the words of $missing are package names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
