"""Links to letters that are forged, expired, taken back, or of something else: none opens anything.  Each address asks a few
times only, so that it is the link that is refused, and not how often somebody asked.  Ten thousand of them: tests/soak."""
import base64
import http.client
import random
import time

import letters
from test_ack_link import signed
from test_letters_web import ALSO, ASN, WORDS, below, house_of_letters, of_links  # noqa: F401 (a fixture)

EACH = 400
ASKED_OF_AN_ADDRESS = 8     # a network that guesses is slowed down from the tenth on
GUARDED = ("waiting", "held", "paused", "lapsed", "opted out", "no recipient", "nothing to tell")


class Askers:
    """One connection for a few questions, from an address of its own."""

    def __init__(self, port):
        self.port, self.asked, self.connection = port, 0, None

    def get(self, path):
        if self.asked % ASKED_OF_AN_ADDRESS == 0:
            self.close()
            n = self.asked // ASKED_OF_AN_ADDRESS
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(
                "127.77.%d.%d" % (n // 250, n % 250 + 1), 0))
        self.asked += 1
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self):
        if self.connection is not None:
            self.connection.close()


def text_of(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets_of(token):
    return bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))


def flipped(chance, token):
    """One bit is another one: of the claim or of its code."""
    octets = octets_of(token)
    octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
    return text_of(octets)


def longer_lived(chance, token):
    octets = octets_of(token)
    octets[2:10] = (int(time.time()) + chance.randrange(1, 10 ** 9)).to_bytes(8, "big")
    return text_of(octets)


def of_another_letter(chance, token):
    octets = octets_of(token)
    octets[10:18] = chance.randrange(1, 100).to_bytes(8, "big")
    return text_of(octets) if text_of(octets) != token else flipped(chance, token)


def another_spelling(chance, token):
    """The same octets, as no encoder writes them, or with something around them."""
    kinds = [token + "=", token + "A", token + "%00", token + "%0a", "%20" + token, token[:-1], token[1:], token.swapcase(),
             token + token, token.replace(token[0], token[0] + "-", 1)]
    return chance.choice(kinds)


def noise(chance, token):
    return text_of(chance.randbytes(chance.randrange(1, 120)))


def under_another_key(chance, token):
    return signed(chance.randbytes(32), chance.randrange(1, 20), int(time.time()) + 10 ** 6, b"n@o.example", 2)


def for_another_purpose(chance, token):
    return signed(letters.KEY, chance.randrange(1, 20), int(time.time()) + 10 ** 6, b"n@o.example", chance.choice((0, 1, 3, 255)))


FORGERIES = (flipped, longer_lived, of_another_letter, another_spelling, noise, under_another_key, for_another_purpose)


def forged(h, chance, n):
    return FORGERIES[n % len(FORGERIES)](chance, h["mine"].token(scope=b"f%d@peer.example" % n)), None


def expired(h, chance, n):
    return h["mine"].token(days=-chance.choice((0.0001, 1, 90, 4000)), scope=b"e%d@peer.example" % n), None


def taken_back(h, chance, n):
    return chance.choice(h["taken back"]).token(days=chance.randrange(1, 4000), scope=b"t%d@peer.example" % n), None


def foreign(h, chance, n):
    """A good code for what did not go out, is of the house or is nowhere; or a good link, asked for what is another's."""
    scope = b"x%d@peer.example" % n
    kind = n % 3
    if kind == 0:
        return chance.choice(h["guarded"]).token(scope=scope), None
    if kind == 1:
        where = chance.choice((h["exchange"].id, h["overview"].id, 0, -1, 10 ** 6 + n, 2 ** 62))
        return signed(letters.KEY, where, int(time.time()) + 10 ** 6, scope, 2), None
    return h["mine"].token(scope=scope), chance.choice(h["others"])


KINDS = {forged: {404}, expired: {410}, taken_back: {404}, foreign: {303, 404}}


def check_links(h, each):
    """So many of each kind; how many were refused."""
    place = h["place"]
    seed = int(time.time())
    print("seed %d" % seed)
    chance = random.Random(seed)
    own = [p for p in h["ports"] if p["asn"] in (ASN, ALSO) and p["kind"] in ("member", "pni")]
    h["guarded"] = [letters.Letter(place, ASN, "ExampleNet", own, asns=[ASN, ALSO], date=letters.monday(20 + i), state=state,
                                   words=WORDS).put() for i, state in enumerate(GUARDED)]
    h["taken back"] = [letters.Letter(place, ASN, "ExampleNet", own, asns=[ASN, ALSO], date=letters.monday(30 + i),
                                      state="approved", words=WORDS).put() for i in range(3)]
    askers = Askers(h["site"].port)
    for letter in h["taken back"]:
        assert askers.get("/letters/" + letter.token())[0] == 200, "before it was taken back"
        letters.put(place, {"revoke": letter.id})
    h["others"] = sorted({p["id"] for p in h["ports"]} - {p["id"] for p in own}) + [10 ** 6, 0, 2 ** 63]
    patterns, of_a_port = [p for _, p in of_links()], [p for _, p in of_links() if "{id}" in p]
    graph, secrets = h["mine"].connections[0]["graph"], [WORDS.encode(), h["mine"].subject.encode(), b"port,time_utc_sec", b"\x89PNG"]
    counts, begun = {}, time.monotonic()
    for n in range(each * len(KINDS)):
        make = list(KINDS)[n % len(KINDS)]
        token, port = make(h, chance, n)
        pattern = chance.choice(patterns if port is None else of_a_port)
        path = below(pattern, token, own[0]["id"] if port is None else port, graph)
        status, headers, body = askers.get(path)
        assert status in KINDS[make], (make.__name__, pattern, token, status, body[:200])
        assert status != 303 or headers["Location"].startswith("/reports/"), headers["Location"]
        for words in secrets + [p.pattern for p in h["forbidden"][:1] if p.search(body)]:
            assert words not in body, (make.__name__, pattern, token)
        counts[make.__name__, status] = counts.get((make.__name__, status), 0) + 1
    askers.close()
    print("%d links in %.1f s: %s" % (sum(counts.values()), time.monotonic() - begun, counts))
    # Who comes with a good one now is let in.
    assert h["site"].get("/letters/" + h["mine"].token(scope=b"last@peer.example"))[0] == 200
    return sum(counts.values())


def test_links_that_are_none_open_nothing(house_of_letters):     # noqa: F811
    assert check_links(house_of_letters, EACH) == 4 * EACH
