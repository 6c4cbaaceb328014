#!/usr/bin/python3
"""Checks who includes whom: one door per library, arrows that point down, no circle of files.

web/ includes web/ and include/.  A stage in collector/ includes its own folder, base/ and include/ixwatch/.  base/
includes base/ and include/.  Only the files directly in collector/ and the commands join stages.  A library's header is
included by its door alone.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A library's header, and the files that may include it (prefixes of paths).
DOORS = {
    r"uv\.h": ["collector/loop.c"],
    r"net-snmp/.*": ["collector/snmp/"],
    r"rrd\.h|rrd_.*\.h": ["collector/store/series"],
    r"sqlite3\.h": ["collector/store/db"],
    r"microhttpd\.h": ["web/http", "web/reply.c", "web/suspend"],
    r"zlib\.h": ["web/squeeze.c"],
    r"jansson\.h": ["collector/base/json.c"],
    r"confuse\.h": ["collector/base/config"],
    r"pcre2\.h": ["collector/base/pattern.c"],
    r"libical/.*": ["collector/base/calendar"],
    r"glib\.h|glib/.*": ["collector/base/zone.c"],
    r"systemd/.*": ["collector/base/service.c"],
    r"curl/.*": ["collector/notify/smtp.c", "collector/peering/fetch.c"],
    r"gnutls/.*": ["collector/base/digest.c", "collector/base/signed_link.c", "web/http"],
    r"crypt\.h": ["collector/base/password.c"],
}
STAGES = ["snmp", "measure", "detect", "store", "peering", "notify"]


def sources():
    for top in ("collector", "web", "include"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def resolve(path, name):
    """The file of the tree that a quoted include means."""
    for base in (os.path.dirname(path), "include", "collector", "web"):
        candidate = os.path.normpath(os.path.join(base, name))
        if os.path.exists(os.path.join(ROOT, candidate)):
            return candidate
    return None


def room(path):
    parts = path.split("/")
    if parts[0] in ("web", "include"):
        return parts[0]
    return parts[1] if len(parts) > 2 else "join"


def allowed(source, target):
    if source == target or target == "include":
        return True
    if source == "include":
        return False
    if source in ("web", "base"):
        return False
    if source in STAGES:
        return target == "base"
    return target != "web"          # join and commands


def main():
    findings, includes = [], {}
    for path in sources():
        includes[path] = []
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                system = re.match(r'\s*#\s*include\s*<([^>]+)>', line)
                quoted = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
                if system:
                    for pattern, doors in DOORS.items():
                        if re.fullmatch(pattern, system.group(1)) and not path.startswith(tuple(doors)):
                            findings.append("%s:%d: <%s> is included by its door alone: %s" % (
                                path, number, system.group(1), ", ".join(doors)))
                elif quoted:
                    target = resolve(path, quoted.group(1))
                    if target is None:
                        if not quoted.group(1).endswith(".inc"):   # what the build generates
                            findings.append("%s:%d: no file \"%s\"" % (path, number, quoted.group(1)))
                        continue
                    includes[path].append(target)
                    if not allowed(room(path), room(target)):
                        findings.append("%s:%d: %s may not include %s" % (path, number, room(path), target))
    state = {}

    def visit(path, trail):
        if state.get(path) == "done":
            return
        if state.get(path) == "open":
            findings.append("a circle of files: %s" % " -> ".join(trail[trail.index(path):] + [path]))
            return
        state[path] = "open"
        for target in includes.get(path, []):
            visit(target, trail + [path])
        state[path] = "done"

    for path in sorted(includes):
        visit(path, [])
    for finding in findings:
        print(finding, file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
