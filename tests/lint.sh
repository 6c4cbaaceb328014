#!/bin/sh
# Layout (clang-format), the arrows of the house (tests/arrows.py), and cppcheck.  Says every finding, then fails.
set -u
failed=0

sources=$(git ls-files '*.c' '*.h')
# shellcheck disable=SC2086 # our file names have no blanks
if ! clang-format --dry-run -Werror -style=file $sources; then
	echo "lint: the layout differs; clang-format -i -style=file mends it" >&2
	failed=1
fi

python=${PYTHON:-/usr/bin/python3}
$python tests/arrows.py || failed=1

cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -DIXWATCH_VERSION='""' \
	-Iinclude -Icollector -Iweb collector web tests/sim -j "$(nproc)" || failed=1

[ $failed = 0 ] && echo "lint: nothing found"
exit $failed
