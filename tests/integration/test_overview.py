"""The overview and the wall: what needs a hand, the exchanges, what changed, filters and order, and what a scope shows."""
import html
import json
import re
import sqlite3
import time
import urllib.parse
import xml.etree.ElementTree as xml

import pytest

import house
import seeded

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("busy")))
    seeded.seed(place, "--busy", "1", "--silent", "40", "--ports", "160", "--series", "12")
    yield seeded.serve(place)[1]
    place.end_all()


def text_of(site, path):
    status, _, body = site.get(path)
    assert status == 200, (path, body[:300])
    return body.decode()


def section(page, name):
    """The words of one section, without markup."""
    found = re.search(r'<section aria-labelledby="%s">(.*?)</section>' % name, page, re.S)
    return found and html.unescape(re.sub(r"<[^>]+>", " ", found.group(1)))


def rows_of(page):
    """(state, href, name) of each row of the list."""
    return re.findall(r'<tr class="(\w+)"><td class="st">.*?<th scope="row"><a href="(/ports/\d+)"[^>]*>([^<]*)</a>', page, re.S)


def all_rows(site, path):
    """Of all pages of the list."""
    rows, page = [], 1
    while page == 1 or found:
        found = rows_of(text_of(site, "%s%spage=%d" % (path, "&" if "?" in path else "?", page)))
        rows, page = rows + found, page + 1
    return rows


def words(port):
    """The names of a port that a text is looked for in, and that the API tells."""
    return " ".join(port[key] or "" for key in ("peer", "alias", "interface", "agent", "exchange")).lower()


def needs_of(page):
    """(class, word, whole text) of each thing that is open."""
    return [(css, word, " ".join(html.unescape(re.sub(r"<[^>]+>", " ", rest)).split())) for css, word, rest in re.findall(
        r'<li class="need (\w+)"><span class="what">.*?</svg>([^<]*)</span>(.*?)</li>', page, re.S)]


def test_what_needs_a_hand_comes_first_and_is_counted_without_what_is_held(busy):
    page = text_of(busy, "/")
    assert re.search(r'<h1 class="needs-you">3 things need you</h1>', page)
    needs = needs_of(page)
    assert [(css, word) for css, word, _ in needs] == [
        ("critical", "agent unreachable"), ("critical", "saturated"), ("warning", "congestion"), ("notice", "routine"),
        ("held", "congestion"), ("held", "reduced capacity")]
    assert "2 alerts are in somebody's hands" in html.unescape(page) and "1 verdict waits for the coordinator" in page
    for css, _, text in needs[:4]:
        assert "nobody yet" in text and "Acknowledge" in text
    assert "kim: on it with their NOC until" in needs[4][2] and "silenced by kim: fibre works until" in needs[5][2]
    assert re.search(r"\b1 h 5\d min\b", needs[1][2])
    for link in re.findall(r'<a class="do" href="([^"]+)"', page):
        assert busy.get(link)[0] == 200 and re.fullmatch(r"/alerts/\d+", link)


def test_a_silent_agent_is_one_thing_and_not_forty(busy):
    page = text_of(busy, "/")
    assert "blind there: 40 ports unknown" in needs_of(page)[0][2]
    assert page.count("We are blind at edge9") == 1
    rows = all_rows(busy, "/")
    assert len(rows) == 120 and sum(row[0] == "unknown" for row in rows) == 2
    link = html.unescape(re.search(r'class="blind">.*?href="([^"#]+)', page, re.S).group(1))
    listed = rows_of(text_of(busy, link))
    assert len(listed) == 40 and {row[0] for row in listed} == {"unknown"}
    assert len(all_rows(busy, "/?state=unknown")) == 42      # a filter lists what it says
    # the exchange's own page, too; the peer's page has its own ports, whoever is silent
    page = text_of(busy, "/exchanges/demo-fra").split('id="episodes"')[0]
    assert page.count("We are blind at edge9") == 1 and "unknown" not in {row[0] for row in rows_of(page)}
    ports = [port for port in busy.ports() if port["exchange"] == "demo-fra"]
    assert len(rows_of(page)) == len([port for port in ports if port["agent"] != "edge9"])
    peer = next(port["asn"] for port in ports if port["agent"] == "edge9")
    page = text_of(busy, "/peers/%d" % peer)
    assert "We are blind" not in page and "unknown" in {row[0] for row in rows_of(page)}


def test_no_alert_yet_and_blind_all_the_same(place):
    seeded.seed(place, "--silent", "20", "--series", "0")
    site = seeded.serve(place)[1]
    page = text_of(site, "/")
    assert "1 thing needs you" in page
    assert [(css, word) for css, word, _ in needs_of(page)] == [("critical", "blind")]
    assert "it does not answer: 20 ports unknown" in needs_of(page)[0][2]


def test_nothing_needs_you_is_said_only_when_that_is_known(place):
    seeded.seed(place, "--series", "0")
    site = seeded.serve(place)[1]
    for path in ("/", "/wall"):
        assert '<h1 class="needs-nobody">Nothing needs you</h1>' in text_of(site, path)
    with sqlite3.connect(place.state + "/ixwatch.db") as ledger:
        ledger.execute("DROP TABLE alert")
    ledger.close()
    for path in ("/", "/wall"):
        page = text_of(site, path)
        assert "Nothing needs you" not in page and "What needs you is not known now" in page
    seeded.seed(place, "--series", "0", "--age", "600")
    for path in ("/", "/wall"):
        house.wait_until("it to be old", lambda: "Nothing is measured now" in text_of(site, path))
        assert "Nothing needs you" not in text_of(site, path)


def test_exchanges_are_tiles_with_their_day_and_works_in_force(busy):
    page = text_of(busy, "/")
    tiles = dict(re.findall(r'<li class="tile ([\w ]+)"><a href="/exchanges/([\w-]+)"', page))
    assert [slug for slug in tiles.values()][:1] == ["demo-fra"]       # it needs a hand
    assert "sustained calls" in tiles and "sustained" in tiles
    shown = section(page, "exchanges")
    assert "works the whole exchange: switch upgrade, until" in " ".join(shown.split())
    assert len(re.findall(r"\d [GT]bit/s", shown)) >= 6
    for path in re.findall(r'(?:src|srcset)="(/graphs/exchanges/[^"]+)"', page):
        status, headers, body = busy.get(html.unescape(path))
        root = xml.fromstring(body)
        assert status == 200 and headers["Content-Type"] == "image/svg+xml" and b"style=" not in body
        curves = [p.get("d") for p in root.iter(SVG + "path")][1:]
        assert len(curves) == 2 and all(d.count("L") > 60 for d in curves), path
    assert busy.get("/graphs/exchanges/demo-xyz/day.svg")[0] == 404


def test_what_changed_newest_first(busy):
    page = text_of(busy, "/")
    changes = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", item)).split()) for item in re.findall(
        r"<li>(.*?)</li>", re.search(r'<ol class="changes">(.*?)</ol>', page, re.S).group(1), re.S)]
    words = [re.sub(r"^[\d: -]*Z ", "", change) for change in changes]
    assert words == [
        "ended data quality : Sample Telecom AS64505 Demo-IX Frankfurt edge1 et-0/1/9",
        "silent agent edge9 Demo-IX Frankfurt",
        "begun routine out: ExampleNet AS64496 Demo-IX Frankfurt edge1 et-0/0/0",
        "verdict Test University Demo-IX London edge1 et-0/0/7 out: none → recurring",
        "answers again agent edge1 Demo-IX New York",
        "silent agent edge1 Demo-IX New York",
        "capacity ExampleNet Demo-IX New York edge1 et-0/1/8 : physical 10.0 Gbit/s → 20.0 Gbit/s",
        "begun data quality : Sample Telecom AS64505 Demo-IX Frankfurt edge1 et-0/1/9",
    ]


def test_a_verdicts_alert_that_was_over_at_once_is_no_change(place):
    """Only where nobody was told of it; others that were as short are."""
    seeded.seed(place, "--ports", "20", "--series", "0")
    now = int(time.time())
    short = {"routine": 2, "recurring": 59, "congestion": 2}
    with sqlite3.connect(place.state + "/ixwatch.db") as db:
        db.execute("DELETE FROM alert")
        for (kind, lasted), told in [((kind, lasted), told) for kind, lasted in short.items() for told in (None, now - 100)] + [
                (("routine", 60), None)]:
            db.execute("INSERT INTO alert (kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec,"
                       " ended_utc_sec, first_told_utc_sec, again, told_count) SELECT ?, agent.exchange_id, agent.name, port.id,"
                       " 'out', port.asn, ?, ?, ?, ?, 0, ? FROM port JOIN agent ON agent.id = port.agent_id WHERE port.id = 1",
                       (kind, now - 200, now - 200, now - 200 + lasted, told, told is not None))
    page = text_of(seeded.serve(place)[1], "/")
    told = re.findall(r'class="tag [^"]*">(begun|ended)</span> <a href="/alerts/\d+"[^>]*>(\w+)</a>', page)
    assert sorted(told) == sorted(2 * [("begun", "congestion"), ("ended", "congestion"), ("begun", "routine"), ("ended", "routine")]
                                  + [("begun", "recurring"), ("ended", "recurring")])


def put_verdicts(place, connection, verdicts):
    """Verdicts of a connection one after the other: [(seconds ago, profile, direction, verdict)]; gives its id."""
    now = int(time.time())
    with sqlite3.connect(place.state + "/ixwatch.db") as db:
        of = db.execute("INSERT INTO connection (exchange_id, asn) SELECT id, ? FROM exchange WHERE slug = ?",
                        (connection[1], connection[0])).lastrowid
        for ago, profile, direction, verdict in verdicts:
            db.execute("UPDATE connection_verdict SET to_utc_sec = ? WHERE to_utc_sec IS NULL AND (connection_id, profile, direction) = (?, ?, ?)",
                       (now - ago, of, profile, direction))
            db.execute("INSERT INTO connection_verdict (connection_id, direction, profile, verdict, reason, from_utc_sec)"
                       " VALUES (?, ?, ?, ?, '', ?)", (of, direction, profile, verdict, now - ago))
    db.close()
    return of


def test_a_connections_verdict_is_a_change_and_says_whose_it_is(place):
    seeded.seed(place, "--ports", "120", "--series", "0")
    put_verdicts(place, ("demo-fra", 64496), [
        (9000, "early", "out", "none"), (1200, "early", "out", "recurring"), (600, "early", "out", "routine"),
        (9000, "early", "in", "routine"), (5000, "early", "in", "none"),      # too long ago
        (9000, "proof", "out", "none"), (500, "proof", "out", "routine")])    # the pages judge by another profile
    put_verdicts(place, ("demo-lon", 64496), [(900, "early", "out", "none")])   # a beginning
    put_verdicts(place, ("demo-fra", 64497), [(9000, "early", "in", "none"), (300, "early", "in", "recurring")])
    gone = put_verdicts(place, ("demo-fra", 64555), [(9000, "early", "in", "none"), (300, "early", "in", "recurring")])   # no port there
    now = int(time.time())
    with sqlite3.connect(place.state + "/ixwatch.db") as db:
        db.execute("DELETE FROM alert")
        for asn, of in ((64496, 1), (64555, gone)):
            db.execute("INSERT INTO alert (kind, exchange_id, agent, connection_id, direction, asn, began_utc_sec, noticed_utc_sec, again,"
                       " told_count) SELECT 'routine', id, '', ?, 'out', ?, ?, ?, 0, 0 FROM exchange WHERE slug = 'demo-fra'",
                       (of, asn, now - 700, now - 700))
    db.close()
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, _, site, tokens = house.behind_doors(place, file.read(), {
            "all": ("viewer",), "lon": ("viewer", "exchange:demo-lon"), "peer": ("viewer", "asn:64497")})
    pages = {name: site.as_token(token, "/")[2].decode() for name, token in tokens.items()}
    changed = {name: section(page, "changes") for name, page in pages.items()}
    mine, other = "ExampleNet AS64496 all its ports at Demo-IX Frankfurt", "Sample Telecom AS64497 all its ports at Demo-IX Frankfurt"
    words = [re.sub(r"^[\d: -]*Z ", "", " ".join(html.unescape(re.sub(r"<[^>]+>", " ", item)).split())) for item in re.findall(
        r"<li>(.*?)</li>", re.search(r'<ol class="changes">(.*?)</ol>', pages["all"], re.S).group(1), re.S)]
    assert words == [
        "verdict %s in: none → recurring" % other, "verdict %s out: recurring → routine" % mine,
        "begun routine out: AS64555 all its ports at Demo-IX Frankfurt", "begun routine out: %s" % mine,
        "verdict %s out: none → recurring" % mine]
    assert '<a href="/peers/64496">ExampleNet</a>' in pages["all"]
    assert "Nothing." in changed["lon"]
    assert "none → recurring" in " ".join(changed["peer"].split()) and "64496" not in changed["peer"] and "64555" not in changed["peer"]
    alerts = {alert["asn"]: alert for alert in json.loads(site.as_token(tokens["all"], "/api/v1/alerts")[2])["alerts"]}
    assert (alerts[64496]["peer"], alerts[64555]["peer"]) == ("ExampleNet", None)
    page = site.as_token(tokens["all"], "/alerts/%d" % alerts[64496]["id"])[2].decode()
    assert "demo-fra, ExampleNet, AS64496" in page


def test_filters_say_what_is_listed_and_stay_in_every_link(busy):
    ports = busy.ports()
    cases = {
        "state=hot": lambda p: p["state"] == "hot",
        "exchange=demo-lon": lambda p: p["exchange"] == "demo-lon",
        "asn=64499": lambda p: p["asn"] == 64499,
        "kind=pni": lambda p: p["kind"] == "pni",
        "q=sample": lambda p: "sample" in words(p),
        "q=as64499": lambda p: p["asn"] == 64499,
        "q=ET-0/1/9": lambda p: "et-0/1/9" in p["interface"],
        "agent=edge9&exchange=demo-fra": lambda p: (p["agent"], p["exchange"]) == ("edge9", "demo-fra"),
        "q=net&exchange=demo-lon&kind=member&state=clear": lambda p: "net" in words(p) and (p["exchange"], p["kind"], p["state"]) == ("demo-lon", "member", "clear"),
        "q=%3Cscript%3E&asn=": lambda p: "<script>" in p["alias"],
    }
    for query, fits in cases.items():
        page = text_of(busy, "/?" + query)
        want = {"/ports/%d" % p["id"] for p in ports if fits(p)}
        assert {row[1] for row in rows_of(page)} == want and want, query
        assert "<script>" not in page
        links = [html.unescape(link) for link in re.findall(r'aria-sort="\w+"><a href="/\?([^"#]+)', page)]
        for link in links:
            given = dict(urllib.parse.parse_qsl(link))
            given.pop("sort")
            assert given == dict(urllib.parse.parse_qsl(query)), (query, link)
        assert len(links) == 7
    for wrong in ("sort=colour", "state=busy", "kind=dark", "asn=x", "colour=red", "q=a&q=b"):
        assert busy.get("/?" + wrong)[0] == 400, wrong
    assert busy.get("/?exchange=nowhere")[0] == 404
    assert len(all_rows(busy, "/?q=&asn=&state=&exchange=&kind=&verdict=")) == 120      # the form as it is


def test_order_by_any_column_with_the_unknown_last(busy):
    ports = {"/ports/%d" % p["id"]: p for p in busy.ports()}
    keys = {"in": "in_utilisation", "out": "out_utilisation", "capacity": "capacity_bps", "sampled": "sampled_at"}
    for name, key in keys.items():
        for sign in ("", "-"):
            shown = [ports[row[1]][key] for row in all_rows(busy, "/?sort=%s%s" % (sign, name))]
            known = [value for value in shown if value is not None]
            assert len(shown) == 160 and known == sorted(known, reverse=sign == "-"), (sign, name)
            assert shown[:len(known)] == known
    for sign in ("", "-"):
        names = [(ports[row[1]]["peer"] or "").lower() for row in all_rows(busy, "/?sort=%speer" % sign)]
        assert [n for n in names if n] == sorted((n for n in names if n), reverse=sign == "-")
    first = rows_of(text_of(busy, "/?sort=-state"))[0]
    assert first[0] == "clear"
    page = text_of(busy, "/?sort=-in")
    assert 'aria-sort="descending"><a href="/?sort=in#ports">In</a>' in page and 'tr class="group"' not in page


def test_the_wall_is_the_same_page_until_something_changes(place):
    seeded.seed(place, "--busy", "1", "--series", "0")
    site = seeded.serve(place)[1]
    status, headers, body = site.get("/wall")
    page = body.decode()
    assert status == 200 and '<html lang="en" class="wall dark">' in page
    assert '<noscript><meta http-equiv="refresh"' in page and "<script src=" in page
    assert not re.search(r"<script(?![^>]* src=)|style=| on\w+=", page)
    assert [word for _, word, _ in needs_of(page)][:2] == ["agent unreachable", "saturated"]
    assert len(needs_of(page)) == 3 and "2 alerts are in somebody&#39;s hands" in page.replace("'", "&#39;")
    house.wait_until("a second to pass", lambda: site.get("/wall", headers={"If-None-Match": "x"})[1]["Date"] != headers["Date"])
    status, again, nothing = site.get("/wall", headers={"If-None-Match": headers["ETag"]})
    assert (status, nothing, again["ETag"]) == (304, b"", headers["ETag"])
    seeded.seed(place, "--busy", "1", "--series", "0")
    house.wait_until("the next round", lambda: site.get("/wall", headers={"If-None-Match": headers["ETag"]})[0] == 200)
    assert 'class="wall light"' in text_of(site, "/wall?theme=light")
    only = house.wait_until("the new ledger to be read", lambda: [page for page in [text_of(
        site, "/wall?exchange=demo-lon")] if "Nothing needs you" in page])[0]
    assert re.findall(r'href="/exchanges/([\w-]+)"', only) == ["demo-lon"]
    assert needs_of(only) == []
    assert "1 port is congested now" in only
    assert site.get("/wall?sort=in")[0] == 400


def test_a_scope_shows_only_its_own(place):
    seeded.seed(place, "--busy", "1", "--silent", "40", "--ports", "160", "--series", "12")
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, _, site, tokens = house.behind_doors(place, file.read(), {
            "all": ("viewer",), "lon": ("viewer", "exchange:demo-lon"), "peer": ("viewer", "asn:64496")})
    pages = {(name, path): site.as_token(token, path)[2].decode() for name, token in tokens.items() for path in ("/", "/wall")}
    for path in ("/", "/wall"):
        lon, peer = pages["lon", path], pages["peer", path]
        assert "Nothing needs you" in lon and [css for css, _, _ in needs_of(lon)] == (["held"] if path == "/" else [])
        for foreign in ("Frankfurt", "New York", "edge9", "fibre works", "saturated", "routine out"):
            assert foreign not in re.sub(r"<option.*?</option>", "", lon), (path, foreign)
        assert "switch upgrade" in lon
        assert [(css, word) for css, word, _ in needs_of(peer)] == [
            ("critical", "blind"), ("critical", "saturated"), ("warning", "congestion"), ("notice", "routine")][:4 if path == "/" else 3]
        assert re.search(r"it does not answer: [23] ports unknown", needs_of(peer)[0][2])     # its own, of the forty
        for foreign in ("Documentation Carrier", "fibre works", "on it with their NOC", "agent unreachable",
                        "switch upgrade"):
            assert foreign not in peer, (path, foreign)
    assert "Test University" in section(pages["lon", "/"], "changes")       # its verdict
    assert "20.0 Gbit/s" not in section(pages["lon", "/"], "changes")
    words = section(pages["peer", "/"], "changes")
    assert "routine" in words and "Sample Telecom" not in words and "silent" not in words and "20.0" not in words
    # The same exchange, and another curve: of the account's own ports.
    curves = {name: site.as_token(tokens[name], "/graphs/exchanges/demo-fra/day.svg")[2] for name in ("all", "peer")}
    assert b"<path" in curves["all"] and curves["all"] != curves["peer"]
    there = site.as_token(tokens["lon"], "/graphs/exchanges/demo-fra/day.svg")
    assert there[0] == 404 and site.ask("/wall")[0] == 303
