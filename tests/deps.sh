#!/bin/sh
# Installs those of the named Debian packages that are missing, and says which.  Needs root, or sudo.
set -eu

missing=
for package in "$@"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $package"
done

# OpenSMTPD would take the place of another mail server, nginx that of another nginx, and both be started: neither, on a
# machine that is somebody's.  Their tests are skipped where they are absent.
policy=
disable=
case " $missing " in
*" opensmtpd "*)
	if dpkg-query -W -f '${db:Status-Status} ${Provides}\n' 2>/dev/null | grep -q '^installed .*mail-transport-agent'; then
		missing=$(echo "$missing" | sed 's/ opensmtpd//')
	else
		policy=/usr/sbin/policy-rc.d
	fi
	;;
esac
case " $missing " in
*" nginx-light "*)
	if command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ]; then
		missing=$(echo "$missing" | sed 's/ nginx-light//')
	else
		policy=/usr/sbin/policy-rc.d
		disable=nginx.service
	fi
	;;
esac
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
if [ -n "$policy" ] && [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
	$as_root chmod 755 "$policy"
	trap '$as_root rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086 # the words of $missing are package names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
if [ -n "$disable" ] && [ -d /run/systemd/system ]; then
	$as_root systemctl --quiet disable $disable
fi
