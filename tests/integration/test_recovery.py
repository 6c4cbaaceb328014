"""Killed without warning: what is said meanwhile is true, and what is killed is back at its place."""
import itertools
import json
import os
import re
import signal
import threading

import pytest

import house
import seeded

DEAD = "the collector is not running"


def child(run, name):
    for pid in seeded.children(run.pid):
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            if os.path.basename(file.read().split(b"\0")[0].decode()) == name:
                return pid
    return None


def sampled(http):
    return sum(port["out_bps"] is not None for port in http.ports())


def asked(http, path):
    try:
        return http.get(path)
    except OSError:
        return None, {}, b""


def requests(http):
    return int(re.search(rb"^ixwatch_web_requests_total (\d+)", http.get("/metrics")[2], re.M).group(1))


@pytest.fixture(scope="module", autouse=True)
def bereft(tmp_path_factory):
    """A web server whose collector was killed: its data grow old (three intervals and 15 s) while other tests run."""
    place = house.Place(str(tmp_path_factory.mktemp("bereft")))
    try:
        config = house.Sim(place).config(place, "1s")
        collector = place.start("collect-1", [house.IXWATCH, "collect", "-c", config])
        web = place.start("web", [house.WEB, "-c", config])
        http = house.Http(int(web.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
        house.wait_until("samples", lambda: sampled(http) > 100, 60)
        assert DEAD not in http.get("/")[2].decode() and http.get("/readyz")[0] == 200
        collector.end(signal.SIGKILL)
        yield place, config, web, http
    except BaseException:
        place.show_logs()
        raise
    finally:
        place.end_all()
        place.check_sanitizers()


def start_at_a_port(place, sim):
    """Where it listens has to outlive it: a port of its own choice would be another the next time."""
    return house.start_run(place, sim.config(place, "1s", "--listen", "127.0.0.1:%d" % house.free_port()))


def test_a_web_server_that_is_killed_is_back_at_its_address_and_nothing_else_ended(place):
    run, http = start_at_a_port(place, house.Sim(place))
    house.wait_until("samples", lambda: sampled(http) > 100, 60)
    collector, web = child(run, "ixwatch"), child(run, "ixwatch-web")
    workers = seeded.children(web)
    assert len(workers) == 4
    os.kill(web, signal.SIGKILL)
    house.wait_until("another server", lambda: child(run, "ixwatch-web") not in (None, web), 20)
    house.wait_until("an answer", lambda: asked(http, "/api/v1/ports")[0] == 200, 20)
    # What it shows is what was known, and goes on; who drew for the old one is gone.
    assert sampled(http) > 100
    status = http.json("/api/v1/status")
    assert status["collector"]["running"] and status["collector"]["pid"] == collector == child(run, "ixwatch")
    port = next(port["id"] for port in http.ports() if port["out_bps"] is not None)
    assert http.get("/graphs/ports/%d.png" % port)[2][:4] == b"\x89PNG"
    house.wait_until("the old workers to end", lambda: not any(seeded.is_alive(pid) for pid in workers), 20)
    assert re.search(r"event=died program=web status=\d+ signal=9 restart_ms=100\n", run.text())
    assert run.end() == 0


def test_what_keeps_dying_is_waited_for_longer_each_time(place):
    run, http = start_at_a_port(place, house.Sim(place))
    house.wait_until("an answer", lambda: asked(http, "/healthz")[0] == 200)
    before = None
    for _ in range(4):
        before = house.wait_until("a server", lambda: (lambda pid: pid if pid not in (None, before) else None)(
            child(run, "ixwatch-web")), 20, 0.01)
        os.kill(before, signal.SIGKILL)
    house.wait_until("its deaths to be told", lambda: run.text().count("event=died program=web") == 4, 20)
    assert [int(found) for found in re.findall(r"event=died program=web .*restart_ms=(\d+)", run.text())] == [
        100, 200, 400, 800]
    house.wait_until("an answer", lambda: asked(http, "/healthz")[0] == 200)
    assert run.end() == 0


def test_a_picture_whose_worker_is_killed_is_drawn_by_another(place):
    seeded.seed(place)
    web, http = seeded.serve(place)
    assert http.get("/graphs/ports/1.png")[0] == 200
    before = seeded.children(web.pid)
    for pid in before:          # none can finish what it is given
        os.kill(pid, signal.SIGSTOP)
    found, have = [], requests(http)
    asking = threading.Thread(target=lambda: found.append(http.get("/graphs/ports/1.png?width=700")))
    asking.start()
    polls = itertools.count(1)      # each is a request, too
    house.wait_until("the server to have the request", lambda: requests(http) > have + next(polls))
    assert asking.is_alive()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    asking.join(20)
    assert found[0][0] == 200 and found[0][2][:4] == b"\x89PNG"
    assert http.get("/graphs/ports/1.png?width=710")[0] == 200
    assert not set(seeded.children(web.pid)) & set(before)
    assert web.end() == 0


def test_a_page_of_a_dead_collector_says_so_until_there_is_another(bereft):
    place, config, web, http = bereft
    try:
        house.wait_until("the page to say so", lambda: DEAD in http.get("/")[2].decode(), 30)
        status = http.json("/api/v1/status")
        assert not status["collector"]["running"] and not status["ready"] and http.get("/readyz")[0] == 503
        # No number stands there as if it were of now; when it was taken is still told.
        ports = http.ports()
        assert {port["state"] for port in ports} == {"unknown"} and sampled(http) == 0 and any(port["sampled_at"] for port in ports)
        body = json.dumps({"cause": "works", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z", "reason": "x"})
        status, _, answer = http.get("/api/v1/ports/%d/declare" % ports[0]["id"], "POST", {"Content-Type": "application/json"},
                                     body=body)
        assert status == 503 and "no collector is running; nothing was done" in json.loads(answer)["error"]["message"]
        again = place.start("collect-2", [house.IXWATCH, "collect", "-c", config])
        house.wait_until("new samples", lambda: sampled(http) > 100, 60)
        assert DEAD not in http.get("/")[2].decode() and http.json("/api/v1/status")["collector"]["pid"] == again.pid
        assert http.get("/readyz")[0] == 200
        assert again.end() == 0 and web.end() == 0
    except BaseException:
        place.show_logs()
        raise
