"""Entity tags behind the doors: an account is not sent again what it has, and a tag opens nothing."""
import json

import house
from house import PASSWORD, user
from test_doors import doors  # noqa: F401: the fixture

KEPT = ["/api/v1/ports?limit=5", "/api/v1/exchanges", "/api/v1/ports/1", "/api/v1/peers/64496", "/graphs/ports/1.png",
        "/graphs/ports/1.svg?span=week", "/graphs/ports/1/heat.svg", "/wall"]
GZIP = {"Accept-Encoding": "gzip"}


def varies(headers):
    return {name.strip() for name in headers["Vary"].split(",")}


def test_what_an_account_has_already_is_not_sent_again(doors):
    _, _, _, site, tokens = doors
    for path in KEPT:
        for more in ({}, GZIP):
            status, headers, body = site.as_token(tokens["ada"], path, headers=more)
            assert status == 200 and body, path
            assert headers["Cache-Control"] == "private, no-cache" and varies(headers) >= {"Cookie", "Authorization"}, path
            status, again, nothing = site.as_token(tokens["ada"], path, headers=dict(
                more, **{"If-None-Match": headers["ETag"]}))
            assert (status, nothing, again["ETag"]) == (304, b"", headers["ETag"]), path
            assert again["Cache-Control"] == "private, no-cache" and varies(again) == varies(headers), path
            assert site.as_token(tokens["ada"], path, headers=dict(more, **{"If-None-Match": '"other"'}))[0] == 200, path
    # A page with a form of its own session, and every answer without a tag, is kept nowhere.
    for path in ("/ports/1", "/api/v1/status", "/login", "/api/v1/ports/999999"):
        headers = site.as_token(tokens["ada"], path)[1]
        assert headers["Cache-Control"] == "private, no-store" and "ETag" not in headers, path


def test_a_page_with_a_form_is_its_sessions_own(doors):
    """The overview is tagged by what it says; another login of the same account gets the one whose form it can send."""
    _, _, _, site, _ = doors
    seen = []
    for _ in range(2):
        cookie = site.session("ada")
        status, headers, body = site.ask("/", headers={"Cookie": cookie})
        assert status == 200 and headers["Cache-Control"] == "private, no-cache"
        assert site.ask("/", headers={"Cookie": cookie, "If-None-Match": headers["ETag"]})[0] == 304
        seen.append((cookie, headers["ETag"], site.form_token("/", cookie)[0]))
    (first, tag, token), (second, other_tag, other_token) = seen
    assert token != other_token and site.ask("/", headers={"Cookie": second, "If-None-Match": tag})[0] == 200
    assert site.ask("/", headers={"Cookie": first, "If-None-Match": other_tag})[0] == 200
    assert site.form("/logout", {"token": other_token}, second)[0] == 303


def test_a_tag_is_its_accounts_own(doors):
    """The same octets for two accounts, for a login and a token, and for one whose rights changed: other tags."""
    place, config, _, site, tokens = doors
    path = "/api/v1/ports/1"
    cookie = site.session("ada")
    ways = {name: {"Authorization": "Bearer " + token} for name, token in tokens.items()}
    ways["login"] = {"Cookie": cookie}
    tags = {}
    for name, way in ways.items():
        status, headers, _ = site.ask(path, headers=way)
        if status == 200:
            tags[name] = headers["ETag"]
    assert set(tags) >= {"vera", "otto", "ada", "fra", "login"} and len(set(tags.values())) == len(tags)
    for name in tags:
        for other, tag in tags.items():
            status = site.ask(path, headers=dict(ways[name], **{"If-None-Match": tag}))[0]
            assert status == (304 if name == other else 200), (name, other)
    # Another role, then another scope, of the same account.
    before = site.ask(path, headers=ways["login"])[1]["ETag"]
    for change in (["--role", "viewer"], ["--role", "viewer", "--scope", "exchange:demo-fra"]):
        user(place, config, "add", "ada", *change, stdin=PASSWORD + "\n")
        cookie = house.wait_until("the account to be another", lambda: (
            lambda way: way if site.ask(path, headers=way)[1].get("ETag") not in (None, before) else None)(
                {"Cookie": site.login("ada")[1].get("Set-Cookie", "x").split(";")[0]}), 10, 0.3)
        status, headers, _ = site.ask(path, headers=dict(cookie, **{"If-None-Match": before}))
        assert status == 200, change
        before = headers["ETag"]


def test_a_tag_opens_no_door(doors):
    """Whoever may not see it hears so, whatever they have already."""
    place, config, _, site, tokens = doors
    cookie = {"Cookie": site.session("otto")}
    of_otto = {path: {"If-None-Match": site.ask(path, headers=cookie)[1]["ETag"]} for path in KEPT}
    of_fra = {path: {"If-None-Match": site.as_token(tokens["fra"], path)[1]["ETag"]} for path in KEPT[:2]}
    of_ada = {path: {"If-None-Match": site.as_token(tokens["ada"], path)[1]["ETag"]} for path in KEPT}

    def refused(path, headers):
        status, got, body = site.ask(path, headers=headers)
        assert status in ((401,) if path.startswith("/api/") else (303, 401)), (path, status)
        assert "ETag" not in got and "no-store" in got["Cache-Control"] and got.get("Location", "/login").startswith("/login")
    for path in KEPT:
        for known in (of_otto[path], {"If-None-Match": "*"}):
            refused(path, known)
        assert site.as_token(tokens["ada"], path, headers={"If-None-Match": "*"})[0] == 304
    refused(KEPT[0], dict(of_otto[KEPT[0]], Authorization="Bearer " + "0" * 64))
    token, _ = site.form_token("/ports/1/declare", cookie["Cookie"])
    assert site.form("/logout", {"token": token}, cookie["Cookie"])[0] == 303
    for path in KEPT:
        refused(path, dict(cookie, **of_otto[path]))
    user(place, config, "remove", "t-ada", "--token")
    ada = {"Authorization": "Bearer " + tokens["ada"]}
    house.wait_until("the token to end", lambda: site.ask("/healthz")[0] == 200 and
                     site.ask(KEPT[0], headers=ada)[0] == 401, 10)
    status, headers, _ = site.ask(KEPT[1], headers=dict(ada, **of_ada[KEPT[1]]))
    assert status in (401, 429) and "ETag" not in headers
    # What is outside the scope is not there, though the tag is another's good one.
    ports = json.loads(site.as_token(tokens["vera"], "/api/v1/ports?limit=1000")[2])["ports"]
    outside = "/api/v1/ports/%d" % next(p["id"] for p in ports if p["exchange"] != "demo-fra")
    tag = site.as_token(tokens["vera"], outside)[1]["ETag"]
    assert site.as_token(tokens["fra"], outside, headers={"If-None-Match": tag})[0] == 404
    assert site.as_token(tokens["fra"], KEPT[0], headers=of_fra[KEPT[0]])[0] == 304
