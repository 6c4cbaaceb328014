"""LAGs through the whole line: members that leave lower the capacity at once, and nothing is counted twice."""
import json
import re
import time

import house

GIGA = 1000000000


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def port_of(http, lag):
    found = [p for p in http.ports() if (p["exchange"], p["agent"], p["interface"]) == (
        lag["exchange"], lag["agent"], lag["ifName"])]
    return http.json("/api/v1/ports/%d" % found[0]["id"]) if found else None


def members_of(http, lag):
    return (port_of(http, lag) or {}).get("lag")


def state_of(http, lag):
    port = port_of(http, lag)
    if port is None or port["lag"] is None:
        return None
    return (port["physical_bps"], port["capacity_source"], [m["state"] for m in port["lag"]["members"]])


def members_by_discover(place, sim, lag):
    """(names, speed of one) of its members, as the agent's tables say."""
    address = {(a["exchange"], a["agent"]): a["address"] for a in (
        dict(zip(("exchange", "agent", "address"), line.split(",")[:3])) for line in sim.ask("agents").splitlines()[1:])}
    done = place.run("discover", "%s:%d" % (address[lag["exchange"], lag["agent"]], sim.port), "--format", "json")
    rows = [row for row in json.loads(done.stdout)["interfaces"] if row["member_of"] == lag["ifName"]]
    return [row["interface"] for row in rows], int(rows[0]["speed_bps"])


def test_members_that_leave_lower_the_capacity_and_return(place):
    sim = house.Sim(place, name="sim-whole")
    lag = next(p for p in sim.ports() if p["profile"] == "lag")
    where = "%s/%s/" % (lag["exchange"], lag["agent"])
    members, line = members_by_discover(place, sim, lag)
    assert len(members) == 2
    sim.process.end()

    now = int(time.time())
    down, back, out, again = now + 9, now + 14, now + 19, now + 24
    sim = house.Sim(place, "--fault", "%s%s:down@%s/%s" % (where, members[0], stamp(down), stamp(back)),
                    "--fault", "%s%s:detach@%s/%s" % (where, members[1], stamp(out), stamp(again)), name="sim-faults")
    run, http = house.start_run(place, sim.config(place))
    whole, half = (2 * line, "lag", ["live", "live"]), line
    house.wait_until("the whole LAG", lambda: state_of(http, lag) == whole, 9)
    house.wait_until("a member down", lambda: state_of(http, lag) == (half, "lag", ["down", "live"]), 20)
    port = port_of(http, lag)
    assert [d["name"] for d in port["capacity_disagreements"]] == ["lag-interface"]
    assert port["lag"]["live_bps"] == port["lag"]["largest_member_bps"] == line
    assert port["lag"]["interface_bps"] == 2 * line
    assert [m["up"] for m in port["lag"]["members"]] == [False, True]
    text = place.run("status", "-c", place.path + "/ixwatch.conf").stdout
    assert "1 of 2 members of the LAG are live; %s is down" % members[0] in text, text
    assert "the live members of the LAG add up to" in text
    shown = json.loads(place.run("status", "--format", "json", "-c", place.path + "/ixwatch.conf").stdout)
    assert next(p for p in shown["ports"] if p["id"] == port["id"])["lag"]["members"] == port["lag"]["members"]
    page = http.get("/ports/%d" % port["id"])[2].decode()
    assert members[0] in page and "The live members of the LAG add up to" in page
    house.wait_until("the member back", lambda: state_of(http, lag) == whole, 20)
    house.wait_until("a member detached", lambda: state_of(http, lag) == (half, "lag", ["live", "detached"]), 20)
    house.wait_until("the member attached", lambda: state_of(http, lag) == whole, 20)

    # Each change once, at the round that saw it (2 s), and no mean of a slot in between.
    history = port_of(http, lag)["capacity_history"][::-1]
    assert [entry["physical_bps"] for entry in history] == [2 * line, line, 2 * line, line, 2 * line], history
    for entry, at in zip(history[1:], (down, back, out, again)):
        assert at <= parse_utc(entry["from"]) <= at + 5, (entry, at)
    assert not [p for p in http.ports() if p["interface"] in members and p["agent"] == lag["agent"] and
                p["exchange"] == lag["exchange"]]
    assert run.end() == 0


def parse_utc(text):
    import datetime
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def with_all_interfaces_matching(config):
    """Every interface is a port now, LAGs and members alike."""
    with open(config, encoding="utf-8") as file:
        return re.sub(r"match = '[^']*'", "match = '.'", file.read())


def test_a_member_that_matches_is_no_second_port(place):
    sim = house.Sim(place)
    text = with_all_interfaces_matching(sim.config(place))
    config = place.file("all.conf", text)
    run, http = house.start_run(place, config)
    lag = next(p for p in sim.ports() if p["profile"] == "lag")
    house.wait_until("the LAG's members", lambda: members_of(http, lag), 30)
    members = [m["interface"] for m in members_of(http, lag)["members"]]
    probed = place.run("check", "--probe", "-c", config).stdout
    for member in members:
        assert re.search(r"%s +member of %s, which counts its traffic" % (
            re.escape(member), re.escape(lag["ifName"])), probed), probed
    here = {p["interface"] for p in http.ports() if (p["exchange"], p["agent"]) == (lag["exchange"], lag["agent"])}
    assert lag["ifName"] in here and not here & set(members)
    assert run.end() == 0
    for member in members:
        told = re.findall(r'event=lag-member agent=%s lag="%s" interface="%s"' % tuple(
            re.escape(x) for x in (lag["agent"], lag["ifName"], member)), run.text())
        assert len(told) >= 1

    # Named by a port block it is watched beside the LAG, and its traffic is in no sum.
    head = re.search(r"exchange %s *\{" % lag["exchange"], text)
    config = place.file("named.conf", text[:head.end()] + '\n\tport "%s/%s" { note = "on purpose" }\n' % (
        lag["agent"], members[0]) + text[head.end():])
    run, http = house.start_run(place, config)

    def both():
        ports = {p["interface"]: p for p in http.ports() if (p["exchange"], p["agent"]) == (
            lag["exchange"], lag["agent"])}
        return members[0] in ports and ports[members[0]]["out_bps"] and ports[lag["ifName"]]["out_bps"]

    house.wait_until("both to be sampled", both, 30)
    status = http.json("/api/v1/status")
    known = [p for p in http.ports() if p["out_bps"] is not None]
    assert status["out_known_count"] < len(known)
    assert run.end() == 0
