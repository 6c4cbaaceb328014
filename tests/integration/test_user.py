"""`ixwatch user`: many at once lose nothing, what is none of theirs stays, and a command that is killed leaves a whole file."""
import hashlib
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import termios

import house
import test_faults

PASSWORD = "correct horse battery\n"
COMMENT = "# who may come in\n\n#kim:is:gone\n"
AT_ONCE = 20


def configure(place, users):
    os.makedirs(place.state, exist_ok=True)
    return place.file("ixwatch.conf", 'state-dir = "%s"\nour-asn = 64499\nweb { users-file = "%s" }\n' % (place.state, users))


def start(config, *arguments, environment=None):
    return subprocess.Popen([house.IXWATCH, "user", *arguments, "-c", config], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=dict(os.environ, **(environment or {})))


def finish(started, stdin=PASSWORD):
    """All of them, each fed its password; (status, output, errors) of each."""
    for process in started:
        if "add" in process.args:
            process.stdin.write(stdin)
            process.stdin.flush()
    done = []
    for process in started:
        out, errors = process.communicate(timeout=60)
        done.append((process.returncode, out, errors))
    return done


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def names(path):
    return sorted(line.split(":")[0] for line in read(path).splitlines() if line and not line.startswith("#"))


def write(path, text, mode=0o640):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)


def test_twenty_at_once_lose_none_and_what_is_not_theirs_stays(place):
    users = place.path + "/users"
    config = configure(place, users)
    write(users, COMMENT)
    assert finish([start(config, "add", "first")])[0][0] == 0
    write(users, read(users) + "\n# below\n", 0o600)
    if os.geteuid() == 0:
        os.chown(users, 65534, 65534)
    owner = os.stat(users)
    added = ["u%02d" % i for i in range(AT_ONCE)]
    done = finish([start(config, "add", name, "--role", "operator", "--scope", "asn:%d" % (64500 + i))
                   for i, name in enumerate(added)] +
                  [start(config, "token", "t" + name) for name in added])
    assert [status for status, _, _ in done] == [0] * 2 * AT_ONCE, done
    assert names(users) == ["first"] + added and names(users + ".tokens") == ["t" + name for name in added]
    # Comments, empty lines and their order are as they were.
    lines = read(users).splitlines()
    first = next(line for line in lines if line.startswith("first:"))
    assert lines[:6] == COMMENT.splitlines() + [first, "", "# below"]
    now = os.stat(users)
    assert (stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid) == (0o600, owner.st_uid, owner.st_gid)
    # Each token that was printed is the one of its line.
    digests = {line.split(":")[0]: line.split(":")[1] for line in read(users + ".tokens").splitlines()}
    for name, (_, out, _) in zip(added, done[AT_ONCE:]):
        assert digests["t" + name] == hashlib.sha256(out.strip().encode()).hexdigest()
    # Half of them go while others get another role.
    done = finish([start(config, "remove", name) for name in added[::2]] +
                  [start(config, "add", name, "--role", "admin") for name in added[1::2]])
    assert [status for status, _, _ in done] == [0] * AT_ONCE, done
    assert names(users) == ["first"] + added[1::2]
    assert all(":admin" in line for line in read(users).splitlines() if re.match(r"u\d", line))
    assert read(users).startswith(COMMENT)
    assert [name for name in os.listdir(place.path) if name not in ("ixwatch.conf", "state", "users", "users.tokens")] == []


def test_the_first_twenty_make_the_file_together(place):
    users = place.path + "/users"
    config = configure(place, users)
    if os.geteuid() == 0:
        os.chown(config, 65534, 65534)      # the web server is who may read the configuration
    os.chmod(config, 0o640)
    added = ["u%02d" % i for i in range(AT_ONCE)]
    done = finish([start(config, "add", name) for name in added])
    assert [status for status, _, _ in done] == [0] * AT_ONCE, done
    assert names(users) == added
    made, owner = os.stat(users), os.stat(config)
    assert (stat.S_IMODE(made.st_mode), made.st_uid, made.st_gid) == (0o640, owner.st_uid, owner.st_gid)


def test_a_token_is_made_once_by_whoever_comes_first(place):
    users = place.path + "/users"
    config = configure(place, users)
    done = finish([start(config, "token", "ci") for _ in range(AT_ONCE)])
    made = [out.strip() for status, out, _ in done if status == 0]
    assert len(made) == 1 and sorted({status for status, _, _ in done}) == [0, 1], done
    assert all("ci" in errors and "remove it first" in errors and out == "" for status, out, errors in done if status)
    assert read(users) == ""       # a server with tokens alone starts, too
    assert read(users + ".tokens").split(":")[1] == hashlib.sha256(made[0].encode()).hexdigest()


def test_a_link_stays_one_and_its_file_is_changed(place):
    os.mkdir(place.path + "/real")
    write(place.path + "/real/people", COMMENT)
    os.symlink("real/people", place.path + "/users")
    config = configure(place, place.path + "/users")
    assert finish([start(config, "add", "kim")])[0][0] == 0
    assert os.path.islink(place.path + "/users") and names(place.path + "/real/people") == ["kim"]


def killed_or_done(place, kind, n):
    """One change with that fault at the n-th call; (came to it, status, the file)."""
    users = place.state + "/users"
    faults = test_faults.Faults(place)
    config = configure(place, users)
    write(users, COMMENT + "lea:%s:admin\n" % HASH)
    faults.arm(kind, n)
    status, _, errors = finish([start(config, "add", "kim", environment=faults.environment())])[0]
    assert "AddressSanitizer" not in errors, errors
    return faults.failed() > 0, status, read(users)


HASH = "$y$j9T$ZwqJ4UcvbCKVPdRMBQDfh0$fE4KkrPxWcE0p9TVds9eDscooaCfcbsEIFFe0I.E.30"


def test_killed_or_failed_at_any_call_it_leaves_the_old_file_or_the_new_one(place):
    os.makedirs(place.state)
    old, met = COMMENT + "lea:%s:admin\n" % HASH, {}
    for kind in ("death", "sync", "open", "rename"):
        for n in range(100):
            came, status, text = killed_or_done(place, kind, n)
            if not came:
                assert status == 0 and names(place.state + "/users") == ["kim", "lea"]
                break
            met[kind] = met.get(kind, 0) + 1
            if kind == "death":
                assert status == -signal.SIGKILL, n
            # Killed once the new file is in its place, it is the new one: whole.
            assert text == old or (text.startswith(old) and re.fullmatch(r"kim:\S+:viewer\n", text[len(old):])), (kind, n, text)
            assert text == old or kind in ("death", "sync") or status == 0, (kind, n)
            assert stat.S_IMODE(os.stat(place.state + "/users").st_mode) == 0o640
        else:
            raise AssertionError("it never came to an end")
        if kind != "death":
            assert not os.path.exists(place.state + "/users.new")
    print("calls at which it was killed or failed: %s" % met)
    assert met["death"] >= 5 and met["rename"] == 1
    # What a killed one left behind is in nobody's way.
    write(place.state + "/users.new", "half of a li", 0o600)
    config = configure(place, place.state + "/users")
    assert finish([start(config, "add", "pat")])[0][0] == 0
    assert "pat" in names(place.state + "/users") and not os.path.exists(place.state + "/users.new")


def test_a_full_disk_leaves_the_old_file(place):
    users = place.path + "/users"
    config = configure(place, users)
    write(users, COMMENT)
    limited = subprocess.Popen(["prlimit", "--fsize=40", house.IXWATCH, "user", "add", "kim", "-c", config], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    status, _, errors = finish([limited])[0]
    assert status == 1 and "File too large" in errors, (status, errors)
    assert read(users) == COMMENT and not os.path.exists(users + ".new")


def test_who_cannot_keep_owner_and_group_changes_nothing(place):
    if os.geteuid() != 0:
        return      # only root can make such a file
    users = place.path + "/users"
    config = configure(place, users)
    place.let_others_in()
    os.chmod(place.path, 0o777)
    write(users, COMMENT, 0o666)
    os.chown(users, 0, 0)
    os.chmod(users, 0o640)
    done = place.run("user", "add", "kim", "-c", config, stdin=PASSWORD)
    assert done.returncode == 0
    os.chown(users, 65534, 0)
    as_other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", house.IXWATCH, "user", "add", "lea", "-c", config]
    before = read(users)
    done = subprocess.run(as_other, input=PASSWORD, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "not permitted" in done.stderr, done.stderr
    assert read(users) == before and os.stat(users).st_gid == 0


def test_when_a_token_was_used_is_its_own(place):
    config = configure(place, place.path + "/users")
    assert [status for status, _, _ in finish([start(config, "token", name) for name in ("used", "anew", "never")])] == [0] * 3
    made = {line.split(":")[0]: int(line.split(":")[3]) for line in read(place.path + "/users.tokens").splitlines()}
    write(place.state + "/token-use", "used %d\nanew %d\nsomebody else\n\nnever\n" % (made["used"] + 5, made["anew"] - 100))
    listed = json.loads(place.run("user", "list", "--format", "json", "-c", config).stdout)
    used = {token["name"]: token["last_used"] for token in listed["tokens"]}
    assert used["used"] and used["anew"] is None and used["never"] is None      # one of that name was removed, and made anew
    text = place.run("user", "list", "-c", config).stdout
    assert text.count("last used never") == 2


class Terminal:
    """Somebody at a terminal: types, reads, and sees whether what is typed is shown."""

    def __init__(self, config, *arguments):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen([house.IXWATCH, "user", *arguments, "-c", config], stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        self.theirs, self.text = theirs, ""

    def wait_for(self, words):
        def ask():
            ready, _, _ = select.select([self.ours], [], [], 0)
            if ready:
                self.text += os.read(self.ours, 4096).decode()
            return words in self.text
        house.wait_until("the terminal to say %r" % words, ask, 20, 0.01)
        self.text = self.text.split(words, 1)[1]

    def is_shown(self):
        return bool(termios.tcgetattr(self.theirs)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.ours, text.encode())

    def end(self):
        status = self.process.wait(20)
        shown = self.is_shown()
        os.close(self.ours)
        os.close(self.theirs)
        return status, shown


def test_a_password_is_asked_for_twice_and_never_shown(place):
    users = place.path + "/users"
    config = configure(place, users)
    for again, status in (("correct horse battery\n", 0), ("another\n", 2)):
        at = Terminal(config, "add", "kim%d" % status)
        at.wait_for("Password: ")
        assert not at.is_shown()
        at.type("correct horse battery\n")
        at.wait_for("The same again: ")
        assert not at.is_shown()
        at.type(again)
        at.wait_for("added" if status == 0 else "not the same")
        assert "horse" not in at.text
        assert at.end() == (status, True)
    assert names(users) == ["kim0"]
    for number in (signal.SIGINT, signal.SIGTERM):
        at = Terminal(config, "add", "lea")
        at.wait_for("Password: ")
        at.process.send_signal(number)
        assert at.end() == (-number, True)
    at = Terminal(config, "add", "lea")
    at.wait_for("Password: ")
    at.type("short\n")
    at.wait_for("8 to 256")
    assert at.end() == (2, True) and names(users) == ["kim0"]
