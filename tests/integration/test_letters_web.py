"""Letters on the web: the signed link of one opens it and nothing of anybody else; the queue and what may be asked of it."""
import contextlib
import json
import os
import re
import sqlite3
import time

import pytest

import house
import letters
import seeded
from house import ACCOUNTS
from test_doors import filled, routes

ASN = 64496          # whose letter it is
ALSO = 64504         # of the same network
FORMER = 64499       # whose one of its ports was, until a while ago
PEERS = """
peer "64496" { name = "ExampleNet" also = {64504} report-to = {"peering@example.net"} }
peer "64497" { report-to = {"distinct-recipient@other.example"} }
report { coordinator = {"distinct-coordinator@house.example"} person = "Kim Doe" }
"""
WORDS = "distinct-words-of-this-letter"


def others_of(place):
    """Makes everything of the other parties distinctive; the words that may never be served to this one."""
    letters.change(
        place,
        ("UPDATE port SET kind = 'shared' WHERE id = 17",), ("UPDATE port SET kind = 'reseller' WHERE id = 33",),
        ("UPDATE port SET kind = NULL WHERE id = 49",), ("UPDATE port SET kind = 'core' WHERE id = 65",),
        ("UPDATE port SET circuit = 'DISTINCT-CIRCUIT-' || id, note = 'distinct-note-' || id, contracted_bps = 7123000000 + id,"
         " peer = 'Distinct Party ' || id || ' End', alias = 'distinct alias ' || id || ' end', interface = 'distinct-if-' || id || '-end'"
         " WHERE asn IS NULL OR asn NOT IN (64496, 64504) OR kind IS NULL OR kind NOT IN ('member', 'pni')",),
        ("UPDATE peer SET name = 'Distinct Network ' || asn WHERE asn NOT IN (64496, 64504, 64499)",),
        ("INSERT INTO declared_window (asn, start_utc_sec, end_utc_sec, until_utc_sec, cause, reason, author, created_utc_sec)"
         " SELECT 64497, 1700000000, 1700000100, 1700000100, 'works', 'distinct-reason-of-another', 'distinct-author', 1700000000",),
        # Notes are the house's, about the peer's own ports, too.
        ("INSERT INTO note (port_id, text, author, created_utc_sec)"
         " SELECT id, 'distinct-said of ' || id, 'distinct-sayer', 1700000000 FROM port",),
    )
    with contextlib.closing(sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20)) as ledger:
        asns = [row[0] for row in ledger.execute("SELECT asn FROM peer WHERE asn NOT IN (64496, 64504, 64499)")]
    return [re.compile(rb"(?i)distinct(?!-words-of-this-letter)"), re.compile(rb"7123000\d\d\d|7\.12 ?G"),
            re.compile(b"|".join(rb"(?<![\d.])%d(?![\d.])" % asn for asn in asns))]


@pytest.fixture(scope="module")
def house_of_letters(tmp_path_factory):
    """A guarded server with the letters of two networks, one exchange and the whole; nothing of the others may be seen.  For
    all tests: each makes its own letters, those that change the world come last."""
    place = house.Place(str(tmp_path_factory.mktemp("letters")))
    seeded.seed(place, "--series", "9")
    forbidden = others_of(place)
    letters.make_key(place)
    ports = letters.ports(place)
    own = [p for p in ports if p["asn"] in (ASN, ALSO) and p["kind"] in ("member", "pni")]
    mine = letters.Letter(place, ASN, "ExampleNet", own, asns=[ASN, ALSO], state="approved", words=WORDS)
    mine.facts["profile"], mine.facts["settings"] = "early", {"congested": "93%", "sustain": "35m"}
    mine.put()
    other = letters.Letter(place, 64497, "Distinct Network 64497", [p for p in ports if p["asn"] == 64497], state="approved").put()
    exchange = letters.Letter(place, 0, "Demo-IX Frankfurt", ports[:9], kind="exchange", exchange="demo-fra", state="approved").put()
    overview = letters.Letter(place, 0, "", ports[:9], kind="overview", state="approved").put()
    with open(seeded.write_config(place), encoding="utf-8") as file:
        config, process, site, tokens = house.behind_doors(place, file.read() + PEERS)
    yield {"place": place, "site": site, "config": config, "tokens": tokens, "process": process, "ports": ports, "own": own,
            "mine": mine, "other": other, "exchange": exchange, "overview": overview, "forbidden": forbidden}
    place.end_all()
    place.check_sanitizers()


def patient(site, path, method="GET", headers=None):
    """As whoever is told to wait, does."""
    for _ in range(90):
        status, got, body = site.ask(path, method, headers=headers)
        if status != 429:
            return status, got, body
        time.sleep(min(int(got["Retry-After"]), 2))
    raise AssertionError("still too many requests: " + path)


def below(pattern, token, port_id, name):
    return pattern.replace("{slug}", token).replace("{id}", str(port_id)).replace("{name}", name)


def of_links():
    return [(method, pattern) for method, pattern, need, _ in routes() if need == "link"]


def test_a_link_opens_its_letter_and_nothing_of_anybody_else(house_of_letters):
    h = house_of_letters
    site, mine, token = h["site"], h["mine"], h["mine"].token()
    assert len(of_links()) >= 14 and {method for method, _ in of_links()} == {"GET"}
    own_ids, all_ids = {p["id"] for p in h["own"]}, {p["id"] for p in h["ports"]}
    assert 2 < len(own_ids) < len(all_ids)
    opened = {}

    # Its own routes: each opens, of its own ports; of every other port there is nothing.
    graph = mine.connections[0]["graph"]
    for _, pattern in of_links():
        ids = sorted(own_ids)[:2] if "{id}" in pattern else [1]
        for port_id in ids:
            status, headers, body = patient(site, below(pattern, token, port_id, graph))
            assert status == 200, (pattern, port_id, status, body[:300])
            opened[pattern, port_id] = body
            assert headers["Cache-Control"] == "private, no-store" and headers["Referrer-Policy"] == "no-referrer", pattern
            assert "noindex" in headers["X-Robots-Tag"] and "ETag" not in headers, pattern
    fresh = iter(range(10 ** 6))         # another link each: so many may not be asked of one
    for port_id in [17, 33, 49, 65] + sorted(all_ids - own_ids)[:12] + [max(all_ids), max(all_ids) + 1]:
        another = mine.token(scope=b"r%d@peer.example" % next(fresh))
        for _, pattern in of_links():
            if "{id}" in pattern:
                status, _, body = patient(site, below(pattern, another, port_id, graph))
                assert status == 404, (pattern, port_id, status)
                opened[pattern, port_id] = body
    for name in (h["other"].connections[0]["graph"], "AS64496.json", "..%2fAS64497.json", ".", "..", "%2e%2e", graph + "%00",
                 "ixwatch.db", "AS64496-demo-fra.png/", graph.upper()):
        assert patient(site, "/letters/%s/graph/%s" % (token, name))[0] == 404, name

    # Every other route of the table, with the token wherever one could think it belongs.
    for method, pattern, need, _ in routes():
        if need == "link":
            continue
        another = mine.token(scope=b"s%d@peer.example" % next(fresh))
        filled_path = filled(pattern).replace("{week}", mine.week).replace("{name}", graph)
        for path in {filled_path, filled_path.replace("demo-fra", another), filled(pattern.replace("{slug}", another).replace(
                "{week}", mine.week).replace("{name}", graph))}:
            for headers in ({}, {"Authorization": "Bearer " + another}, {"Cookie": "ixwatch=%s; __Host-ixwatch=%s" % (another, another)}):
                status, got, body = site.ask(path, method, headers=headers)
                opened[method, path, str(headers)[:20]] = body
                if status == 429:        # a token that is none, too often
                    continue
                if need == "nothing":
                    assert status in (200, 303, 400, 401, 404, 411, 429), (method, path, status)
                elif status == 303:
                    assert got["Location"].startswith("/login"), (method, path)
                else:
                    assert status in (401, 403, 404, 411), (method, path, status, body[:200])

    # Nothing of another party in any octet that was served.
    for what, body in opened.items():
        for pattern in h["forbidden"]:
            found = pattern.search(body)
            assert found is None, (what, body[max(0, found.start() - 80):found.end() + 80])
    assert any(WORDS.encode() in body for body in opened.values())


def test_what_a_link_shows_is_the_letters_own(house_of_letters):
    h = house_of_letters
    site, mine, token = h["site"], h["mine"], h["mine"].token()
    base = "/letters/" + token
    page = site.get(base)[2].decode()
    assert mine.subject in page and 'src="%s/letter.html"' % base in page and "sandbox" in page
    assert "93.0%" in page and "415 min" in page and "12 congested days in four weeks" in page
    assert "peering@carrier.example" in page
    status, headers, body = site.get(base + "/letter.html")
    policy = headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy and "connect-src" not in policy
    assert headers["X-Frame-Options"] == "SAMEORIGIN" and body.count(b"data:image/png;base64,") == len(mine.connections)
    assert b"cid:" not in body and b"IXWATCH-LINK" not in body and b"https://noc.example.net/letters/" + token.encode() in body
    assert site.get(base + "/letter.txt")[2].decode() == mine.text.replace("IXWATCH-LINK", "https://noc.example.net" + base)
    folder = os.path.join(h["place"].state, "reports", mine.week)
    status, headers, body = site.get(base + "/samples.csv")
    assert body == open(os.path.join(folder, mine.stem + ".csv"), "rb").read()
    assert headers["Content-Disposition"] == 'attachment; filename="%s-AS64496.csv"' % mine.week
    assert site.get(base + "/facts.json")[2] == open(os.path.join(folder, mine.stem + ".json"), "rb").read()
    assert site.get(base + "/graph/" + mine.connections[0]["graph"])[2] == letters.picture()
    method = site.get(base + "/method")[2].decode()
    assert "93%" in method and "35 minutes" in method and "/api/" not in method and "--set congested=93%" in method
    # One port: its samples are what replay takes, and the command is the one that is shown.
    port = site.get(base + "/ports/1")[2].decode()
    command = re.search(r"<code>(ixwatch replay [^<]*)</code>", port).group(1)
    assert "--profile early" in command and "--set congested=93%" in command and "--declare " in command
    with open(os.path.join(h["place"].path, "%s-port-1.csv" % mine.week), "wb") as file:
        csv = site.get(base + "/ports/1/samples.csv")[2]
        file.write(csv)
    assert csv.count(b"\n") == 2017 and csv.startswith(b"time_utc_sec,in_bps,")
    words = command.replace("--csv ", "--csv %s/" % h["place"].path).split()[1:]
    done = h["place"].run(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["profile"] == "early"
    # What is not asked of the weeks of the letter is not answered.
    series = site.json(base + "/ports/1/series")
    begin, end = letters.begin_of(mine.date) - 21 * 86400, letters.begin_of(mine.date) + 7 * 86400
    start = time.mktime(time.strptime(series["start"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert start >= begin - 7200 and start + series["step_sec"] * len(series["rows"]) <= end + 7200
    assert site.get(base + "/ports/1/series?from=%d&to=%d" % (begin - 90 * 86400, begin - 60 * 86400))[0] == 400
    assert site.get(base + "/ports/1/series?from=%d" % (end + 86400))[0] == 400
    days = site.json(base + "/ports/1/days")["directions"]["out"]["days"]
    assert 20 < len(days) <= 28 and all("peer_then" not in day for day in days)
    assert site.json(base + "/ports/1/episodes")["episodes"]
    for query in ("?x=1", "?from=0", "?theme=dark"):
        assert site.get(base + query)[0] == 400


def test_a_link_changes_nothing_and_is_asked_so_often(house_of_letters):
    h = house_of_letters
    site, token = h["site"], h["mine"].token()

    def dump():
        with contextlib.closing(sqlite3.connect(os.path.join(h["place"].state, "ixwatch.db"), timeout=20)) as ledger:
            return list(ledger.iterdump())
    before = dump()
    statuses = []
    for _, pattern in of_links():
        path = below(pattern, token, 1, h["mine"].connections[0]["graph"])
        status, headers, body = site.get(path, "HEAD")
        assert (status, body) == (200, b""), path
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert site.get(path, method)[0] == 405, path
    for _ in range(75):
        status, headers, _ = site.get("/letters/" + token)
        statuses.append(status)
    assert set(statuses) == {200, 429} and int(headers["Retry-After"]) >= 1
    assert site.get("/letters/" + h["mine"].token(scope=b"another@peer.example"))[0] == 200
    assert dump() == before
    cookie = site.session("ada")     # no login helps, and none is needed
    assert site.ask("/letters/nothing", headers={"Cookie": cookie})[0] in (404, 429)
    assert "/reports" not in site.ask("/letters/" + h["mine"].token(scope=b"c@d.example"), headers={"Cookie": cookie})[2].decode()


def test_the_queue_has_what_waits_first_and_says_why(house_of_letters):
    h = house_of_letters
    place, site, ada = h["place"], h["site"], h["tokens"]["ada"]
    date = letters.monday(5)
    names = {"waiting": "Wait & Co", "held": "Held <i>Net</i>", "paused": "Paused Net", "no recipient": "Nobody Net",
             "nothing to tell": "Calm Net", "lapsed": "Late Net", "opted out": "Out Net", "approved": "Done Net"}
    rows = [letters.Letter(place, 64497 + i, name, h["own"][:1], date=date, state=state, verdict="none" if i % 2 else "routine",
                           why="because of %s" % state).put() for i, (state, name) in reversed(list(enumerate(names.items())))]
    week = rows[0].week
    status, _, page = site.as_token(ada, "/reports?week=" + week)
    page = page.decode()
    assert status == 200 and "<i>Net" not in page
    order = re.findall(r'<span class="standing [a-z-]+">([a-z ]+)</span>', page)
    assert order == ["waiting", "held", "paused", "no recipient", "approved", "opted out", "lapsed", "nothing to tell"]
    assert "because of held" in page and "distinct-recipient@other.example" in page and re.search(r"in [34] d \d+ h", page)
    held = site.as_token(ada, "/reports?week=%s&state=held&q=" % week)[2].decode()
    assert "Held &lt;i&gt;" in held and "Calm Net" not in held
    found = site.as_token(ada, "/reports?week=%s&q=wait+%%26" % week)[2].decode()
    assert "Wait &amp; Co" in found and "Late Net" not in found
    assert site.as_token(ada, "/reports?week=2026-W99x")[0] == 400 and site.as_token(ada, "/reports?state=hot")[0] == 400
    # As JSON: the same, in pages.
    whole = json.loads(site.as_token(ada, "/api/v1/reports?week=" + week)[2])
    assert whole["next"] is None and [r["state"] for r in whole["reports"]] == [r.row["state"] for r in reversed(rows)]
    ids, cursor = [], ""
    while True:
        part = json.loads(site.as_token(ada, "/api/v1/reports?week=%s&limit=3%s" % (week, cursor))[2])
        ids += [r["id"] for r in part["reports"]]
        if part["next"] is None:
            break
        cursor = "&cursor=" + part["next"]
    assert ids == [r["id"] for r in whole["reports"]] == sorted(ids, reverse=True)
    assert [r["name"] for r in json.loads(site.as_token(ada, "/api/v1/reports?state=held&week=" + week)[2])["reports"]] == [names["held"]]
    one = json.loads(site.as_token(ada, "/api/v1/reports/%d" % rows[0].id)[2])
    assert one["report"]["id"] == rows[0].id and one["facts"] == rows[0].facts and len(one["files"]) == 5
    for bad, want in (("/api/v1/reports/999999", 404), ("/api/v1/reports?state=x", 400), ("/api/v1/reports?wek=1", 400),
                      ("/reports/2026-W47/4", 404), ("/reports/2026-W54/64496", 404), ("/reports/2026-W47", 404)):
        status, _, body = site.as_token(ada, bad)
        assert status == want, (bad, status)
        if bad.startswith("/api"):
            assert set(json.loads(body)) == {"error"}


def test_a_letters_page_shows_what_the_recipient_sees_and_its_editions(house_of_letters):
    h = house_of_letters
    place, site, ada = h["place"], h["site"], h["tokens"]["ada"]
    date = letters.monday(6)
    first = letters.Letter(place, ASN, "ExampleNet", h["own"], date=date, state="approved", note="Dear <b>all</b>,\nas told").put()
    second = letters.Letter(place, ASN, "ExampleNet", h["own"], date=date, edition=2, corrects="the capacity <was> wrong").put()
    path = "/reports/%s/%d" % (first.week, ASN)
    newest, old = (site.as_token(ada, path + query)[2].decode() for query in ("", "?edition=1"))
    assert "edition 2, made" in newest and "the capacity &lt;was&gt; wrong" in newest and "A later edition" in old
    assert "Dear &lt;b&gt;all&lt;/b&gt;,\nas told" in old and "<b>all" not in old
    assert 'src="/reports/%d/letter.html"' % second.id in newest and site.as_token(ada, path + "?edition=3")[0] == 404
    status, headers, body = site.as_token(ada, "/reports/%d/letter.html" % first.id)
    assert status == 200 and b"Dear &lt;b&gt;all" in body and b"data:image/png" in body and b"IXWATCH-LINK" not in body
    assert "sandbox" in headers["Content-Security-Policy"] and headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b"Dear <b>all" in site.as_token(ada, "/reports/%d/letter.txt" % first.id)[2]
    for what in ("samples.csv", "facts.json", "graph/" + first.connections[0]["graph"]):
        assert site.as_token(ada, "/reports/%d/%s" % (first.id, what))[0] == 200
    # Files that are another by now, that went, or were put in their place, are not shown.
    folder = os.path.join(place.state, "reports", first.week)
    with open(os.path.join(folder, first.stem + ".txt"), "a", encoding="utf-8") as file:
        file.write("and one word more\n")
    status, _, body = site.as_token(ada, "/reports/%d/letter.txt" % first.id)
    assert status == 404 and b"SHA-256" in body and b"one word more" not in body
    with open(os.path.join(folder, first.stem + ".txt"), "w", encoding="utf-8") as file:
        file.write(first.text)
    assert site.as_token(ada, "/reports/%d/letter.txt" % first.id)[0] == 200
    for name, what in ((first.stem + ".csv", "samples.csv"), (first.connections[0]["graph"], "graph/" + first.connections[0]["graph"])):
        with open(os.path.join(folder, name), "r+b") as file:      # of the same length
            whole = file.read()
            file.seek(len(whole) - 3)
            file.write(bytes([whole[-3] ^ 1]))
        status, headers, body = site.as_token(ada, "/reports/%d/%s" % (first.id, what))
        assert status == 404 and b"SHA-256" in body and whole[:64] not in body and "Content-Disposition" not in headers, what
        shown = site.as_token(ada, "/reports/%d/letter.html" % first.id)[2].count(b"data:image/png")
        assert shown == sum(c["graph"] != name for c in first.connections), "nor within the letter"
        with open(os.path.join(folder, name), "wb") as file:
            file.write(whole)
        assert site.as_token(ada, "/reports/%d/%s" % (first.id, what))[2] == whole
    for name in (first.stem + ".html", first.connections[0]["graph"]):
        os.rename(os.path.join(folder, name), os.path.join(folder, name + ".away"))
        os.symlink("/etc/passwd", os.path.join(folder, name))
    assert site.as_token(ada, "/reports/%d/letter.html" % first.id)[0] == 404
    assert site.as_token(ada, "/reports/%d/graph/%s" % (first.id, first.connections[0]["graph"]))[0] == 404
    assert site.as_token(ada, path + "?edition=1")[0] == 200


def test_a_peers_page_tells_what_it_was_told(place):
    seeded.seed(place, "--series", "0")
    site = seeded.serve(place)[1]
    told = lambda asn: re.search(r'<h2 id="letters">.*?</section>', site.get("/peers/%d" % asn)[2].decode(), re.S).group(0)  # noqa: E731
    assert "None yet." in told(ASN)
    own = [p for p in letters.ports(place) if p["asn"] == ASN and p["kind"] in ("member", "pni")]
    made = [letters.Letter(place, ASN, "ExampleNet", own, date=letters.monday(weeks), **row).put() for weeks, row in (
        (3, {"state": "approved"}), (2, {"state": "approved"}), (1, {"state": "waiting"}))]
    letters.Letter(place, ASN, "ExampleNet", own, date=letters.monday(2), edition=2, corrects="a wrong sum", state="approved").put()
    letters.Letter(place, 64497, "Sample Telecom", [p for p in letters.ports(place) if p["asn"] == 64497], state="held").put()
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in told(ASN).split("<tr class=")[1:]]
    shown = [next(word for word in row if re.fullmatch(r"\d{4}-W\d\d", word)) for row in rows]
    assert sorted(shown) == [letter.week for letter in made]         # one a week: the newest edition
    for row, week in zip(rows, shown):
        assert ("waiting" in row) == (week == made[2].week) and ("edition" in row) == (week == made[1].week), row
        assert "routine" in row and "request" in row
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', told(ASN))
    assert len(links) == 3 and all(site.get(link)[0] == 200 for link in links)
    assert made[0].week in told(ASN) and made[0].week not in told(64497) and "held" in told(64497)


def test_who_sees_and_decides_what(house_of_letters):
    h = house_of_letters
    place, site, tokens = h["place"], h["site"], h["tokens"]
    date = letters.monday(7)
    own = [p for p in h["own"] if p["asn"] == ASN]
    alone = letters.Letter(place, ASN, "ExampleNet", own, date=date).put()
    both = letters.Letter(place, ASN, "ExampleNet", h["own"], date=letters.monday(8), asns=[ASN, ALSO]).put()
    foreign = letters.Letter(place, 64497, "Distinct Network", [p for p in h["ports"] if p["asn"] == 64497], date=date).put()
    frankfurt = letters.Letter(place, 0, "Demo-IX Frankfurt", h["ports"][:3], date=date, kind="exchange", exchange="demo-fra").put()
    london = letters.Letter(place, 0, "Demo-IX London", h["ports"][:3], date=date, kind="exchange", exchange="demo-lon").put()
    overview = letters.Letter(place, 0, "", h["ports"][:3], date=date, kind="overview").put()
    every = [alone, both, foreign, frankfurt, london, overview]
    sees = {"vera": every, "otto": every, "ada": every, "fra": [frankfurt], "peer": [alone]}
    assert ACCOUNTS["fra"][1] == "exchange:demo-fra" and ACCOUNTS["peer"][1] == "asn:64496"
    for name, seen in sees.items():
        listed = json.loads(site.as_token(tokens[name], "/api/v1/reports?limit=1000")[2])["reports"]
        assert {r["id"] for r in listed} & {r.id for r in every} == {r.id for r in seen}, name
        for letter in every:
            page = {"peer": "%s/%d" % (letter.week, letter.asn), "exchange": "%s/exchange/%s" % (letter.week, letter.exchange),
                    "overview": letter.week + "/overview"}[letter.kind]
            for path in ("/reports/" + page, "/reports/%d/letter.html" % letter.id, "/reports/%d/facts.json" % letter.id,
                         "/reports/%d/samples.csv" % letter.id, "/api/v1/reports/%d" % letter.id):
                status, _, body = site.as_token(tokens[name], path)
                assert status == (200 if letter in seen else 404), (name, path, status)
        week = site.as_token(tokens[name], "/reports?week=" + alone.week)[2].decode()
        assert ("Distinct Network" in week) == (foreign in seen), name
    # Deny by default: who may not, may not; who may is only told that there is no collector.
    need = {path.split("/")[-1]: role for method, path, role, _ in routes() if method == "POST" and path.startswith("/reports/{id}/")}
    assert need["approve"] == need["release"] == need["revoke"] == need["dispute-decide"] == need["optout"] == "admin"
    assert need["hold"] == need["note"] == need["order"] == need["dispute"] == "operator"
    rank = {"viewer": 1, "operator": 2, "admin": 3}
    fields = {"why": "x", "note": "a\r\nb", "reason": "x", "outcome": "x", "size": "x", "exchange": "demo-fra", "text": "x",
              "waiting_on": "us", "entry": "1"}
    for what, role in need.items():
        for name, (has, scopes) in ACCOUNTS.items():
            status = site.form("/reports/%d/%s" % (foreign.id, what), fields, headers={"Authorization": "Bearer " + tokens[name]})[0]
            if rank[has] < rank[role]:
                assert status == 403, (what, name, status)
            elif scopes:
                assert status == 404, (what, name, status)
            else:
                assert status == (404 if what in ("order-end", "dispute-decide") else 503), (what, name, status)
        assert site.ask("/reports/%d/%s" % (foreign.id, what))[0] == 405
    # A form that comes from elsewhere, or without its token, changes nothing.
    cookie = site.session("ada")
    path = "/reports/%s/%d" % (foreign.week, foreign.asn)
    token, _ = site.form_token(path, cookie)
    approve = "/reports/%d/approve" % foreign.id
    assert site.form(approve, {}, cookie)[0] == 400 and site.form(approve, {"token": "0" * 64}, cookie)[0] == 400
    assert site.form(approve, {"token": token}, cookie, "https://evil.example")[0] == 403
    status, _, body = site.form(approve, {"token": token}, cookie)
    assert status == 503 and b"No collector is running" in body and b"letter.html" in body       # the page goes on
    status, _, body = site.form("/reports/%d/note" % foreign.id, {"token": token, "note": "typed <b>words</b>\r\nand more"}, cookie)
    assert status == 503 and b"typed &lt;b&gt;words&lt;/b&gt;\nand more</textarea>" in body       # nothing typed is lost


def test_what_was_anothers_is_not_shown_with_the_port(house_of_letters):
    h = house_of_letters
    site, base = h["site"], "/letters/" + h["mine"].token()
    since = letters.begin_of(h["mine"].date) + 2 * 86400 + 77
    before = site.json(base + "/ports/1/days")["directions"]["out"]["days"]
    letters.change(h["place"],
                   ("UPDATE port_history SET from_utc_sec = ? WHERE port_id = 1 AND to_utc_sec IS NULL", (since,)),
                   ("INSERT INTO port_history (port_id, from_utc_sec, to_utc_sec, alias, peer, asn, kind) VALUES"
                    " (1, 1000, ?, 'distinct', 'Distinct Former', 64499, 'member')", (since,)))
    days = site.json(base + "/ports/1/days")["directions"]["out"]["days"]
    assert 3 <= len(days) <= 5 < len(before) and days == before[-len(days):]
    series = site.json(base + "/ports/1/series")
    start = time.mktime(time.strptime(series["start"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert start >= since - 300, (start, since)
    assert site.get(base + "/ports/1/series?to=%d" % (since - 600))[0] == 400
    assert all(e["start"] >= letters.utc(since) for e in site.json(base + "/ports/1/episodes")["episodes"])
    # The picture that an account may see, with all of it, is not the one that the link shows.
    whole = site.as_token(h["tokens"]["ada"], "/graphs/ports/1/heat.svg?to=%s" % before[-1]["date"])[2]
    heat = site.get(base + "/ports/1/heat.svg")[2]
    assert 0 < heat.count(b"<title>") <= 24 * 5 < 24 * 25 < whole.count(b"<title>")
    page = site.get(base + "/ports/1")[2]
    assert b"istinct" not in page and b"64499" not in page
    # Once all of the weeks were another's, there is nothing.
    letters.change(h["place"], ("UPDATE port_history SET to_utc_sec = ? WHERE port_id = 1 AND to_utc_sec = ?", (since + 30 * 86400, since)),
                   ("UPDATE port_history SET from_utc_sec = ? WHERE port_id = 1 AND to_utc_sec IS NULL", (since + 30 * 86400,)))
    for path in ("", "/days", "/episodes", "/series", "/samples.csv", "/week.png", "/heat.svg"):
        assert site.get(base + "/ports/1" + path)[0] == 404, path


def test_a_link_ends_and_is_taken_back(house_of_letters):
    h = house_of_letters
    site, mine, place = h["site"], h["mine"], h["place"]

    def of(token, path=""):
        return site.get("/letters/%s%s" % (token, path))[0]
    good = mine.token()
    assert of(good) == 200
    assert of(mine.token(days=-0.0001)) == 410 and of(mine.token(days=-400), "/samples.csv") == 410
    # No link opens the letters of the house, nor one that never went out: accounts see them.
    for letter, page in ((h["exchange"], "exchange/demo-fra"), (h["overview"], "overview")):
        for path in ("", "/facts.json", "/samples.csv", "/letter.html", "/ports/1"):
            status, headers, body = site.get("/letters/%s%s" % (letter.token(), path))
            assert (status, headers["Location"]) == (303, "/reports/%s/%s" % (mine.week, page)), path
            assert headers["Referrer-Policy"] == "no-referrer" and len(body) < 100
        assert site.ask(headers["Location"])[0] == 303        # to the login
    waiting = letters.Letter(place, ASN, "ExampleNet", h["own"], asns=[ASN, ALSO], date=letters.monday(2)).put()
    assert of(waiting.token()) == 404
    # A letter whose facts tell of another, or of a port that no peer is told of, opens to nobody.
    for change in ({"asn": 64497}, {"kind": "shared"}, {"kind": "peer-share"}, {"kind": ""}):
        even, odd = (letters.Letter(place, ASN, "ExampleNet", h["own"], asns=[ASN, ALSO], state="approved",
                                    date=letters.monday(weeks + len(str(change)))) for weeks in (70, 170))
        odd.facts["connections"][0].update(change)
        assert of(even.put().token()) == 200 and of(odd.put().token()) == 404, change
        even.facts["made"] = "2026-01-01T00:00:00Z"       # nor one whose files were changed since it was made
        even.write()
        assert of(even.token()) == 404
    # Taken back: one letter, and all that were made before an instant.
    second = letters.Letter(place, ASN, "ExampleNet", h["own"], asns=[ASN, ALSO], date=letters.monday(60),
                            state="approved").put()
    assert of(second.token()) == 200
    letters.put(place, {"revoke": second.id})
    assert of(second.token()) == 404 and b"taken back" in site.get("/letters/" + second.token())[2] and of(good) == 200
    letters.put(place, {"revoke_asn": ASN, "before": int(time.time()) + 60})
    assert of(good) == 404 and of(good, "/ports/1") == 404 and of(good, "/facts.json") == 404
    # None of ours: slowed down, while who has a good one is not.
    other = h["other"].token()
    assert of(other) == 200
    found = [of(bad) for bad in (good[:-1] + ("A" if good[-1] != "A" else "B"), good[:-4], "x", mine.token(key=b"k" * 32),
                                 mine.token(purpose=1), mine.token(purpose=3))]
    assert found == [404] * 6
    statuses = {of("x%d" % i) for i in range(30)}
    assert statuses == {404, 429}
    assert of(other) == 200
    assert "letter_link_refused" in h["process"].text() and good not in h["process"].text()
