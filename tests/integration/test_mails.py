"""Mails about alerts, read as others read them: with Python's email package, its HTML parser, and line by line."""
import email
import email.header
import email.policy
import html.parser
import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
MAILS = os.path.join(BUILD, "tests", "mails")

HEADERS = ["Date", "From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
           "MIME-Version", "Content-Type"]
ANSWER = ["In-Reply-To", "References"]
# What mail readers are given: what the least of them lays out.  Each tag with its attributes.
TAGS = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content"}, "title": set(), "style": set(),
    "body": {"class", "style"},
    "table": {"role", "cellpadding", "cellspacing", "border", "width", "bgcolor", "class", "style"},
    "tr": set(), "td": {"class", "style", "colspan", "valign", "bgcolor"},
    "a": {"class", "style", "href"}, "img": {"src", "width", "alt", "style"}}
# Properties that Word, Gmail and the rest know alike, or of which those that do not lose nothing.
PROPERTIES = {
    "margin", "padding", "color", "background-color", "font-family", "font-size", "font-weight", "line-height",
    "text-decoration", "white-space", "word-break", "border", "border-left", "border-collapse", "display", "width",
    "max-width", "height", "mso-padding-alt"}
# For Word, which knows no greatest width: a table around, which all others take for a comment.
WORD = ['[if mso]><table role="presentation" cellpadding="0" cellspacing="0" border="0" width="680"><tr><td><![endif]',
        "[if mso]></td></tr></table><![endif]"]
SHEET = re.compile(r":root\{color-scheme:light dark\}\s*@media \(prefers-color-scheme:dark\)"
                   r"\{(\.[bifk]\{(background-)?color:#[0-9a-f]{6}!important\})*\}")


def declarations(style):
    return dict(declaration.split(":", 1) for declaration in style.split(";") if declaration)


class Reader(html.parser.HTMLParser):
    """The tags, what they ask for, and the words of a text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.comments, self.problems, self.elements = [], [], [], [], []
        self.sheet = ""
        self.skips = False  # the word on a button: its address is what the text has
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.elements.append((tag, dict(attrs)))
        self.skips = False
        if tag not in TAGS:
            self.problems.append("a tag <%s>" % tag)
        for name, value in attrs:
            if name not in TAGS.get(tag, ()):
                self.problems.append("an attribute %s of <%s>" % (name, tag))
            if name == "src" and value != "cid:graph":
                self.problems.append("a source %s" % value)
            if name == "href" and not re.match(r"https://ixwatch\.example\.net/", value):
                self.problems.append("a link to %s" % value)
            if name == "style" and re.search(r"url|expression|import|!", value):
                self.problems.append("a style %s" % value)
            if name == "style" and set(declarations(value)) - PROPERTIES:
                self.problems.append("properties %s of <%s>" % (set(declarations(value)) - PROPERTIES, tag))
        if tag == "a" and "display:block" in dict(attrs).get("style", ""):
            self.words.append(dict(attrs)["href"])
            self.skips = True

    def handle_data(self, data):
        if "style" in self.tags[-1:]:
            self.sheet += data
        elif not self.skips:
            self.words.append(data)
        elif data != "Acknowledge":
            self.problems.append("a button that says %s" % data)

    def handle_endtag(self, tag):
        self.skips = False

    def handle_comment(self, data):
        self.comments.append(data)


def check_octets(octets):
    assert octets.endswith(b"\r\n")
    assert all(0x20 <= octet < 0x7f or octet in b"\t\r\n" for octet in octets)
    for line in octets.split(b"\r\n"):
        assert b"\r" not in line and b"\n" not in line
        assert len(line) <= 76
        for word in re.findall(rb"=\?\S+", line):
            assert len(word) <= 75


def decoded(header):
    """Each encoded-word by itself: none may split a character."""
    words = re.findall(r"=\?UTF-8\?B\?[A-Za-z0-9+/=]*\?=", header)
    for word in words:
        (octets, charset), = email.header.decode_header(word)
        octets.decode(charset)
    return str(email.header.make_header(email.header.decode_header(header)))


def check_mail(octets):
    check_octets(octets)
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    assert not mail.defects
    answer = "In-Reply-To" in mail
    assert sorted(mail.keys()) == sorted(HEADERS + (ANSWER if answer else []))
    raw = email.message_from_bytes(octets, policy=email.policy.compat32)
    assert raw["To"] == "<noc@example.net>"
    assert [a.addr_spec for a in mail["To"].addresses] == ["noc@example.net"]
    assert [a.addr_spec for a in mail["From"].addresses] == ["ixwatch@example.net"]
    assert [a.addr_spec for a in mail["Reply-To"].addresses] == ["peering@example.net"]
    subject = decoded(raw["Subject"])
    assert len(subject) <= 60 and subject.startswith("[ix] ")
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", subject)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<1@example.net>"
    assert mail["Date"].datetime.utcoffset().total_seconds() == 0

    parts = [part.get_content_type() for part in mail.walk()]
    graph = parts[-1] == "image/png"
    assert parts == (["multipart/alternative", "text/plain"]
                     + (["multipart/related", "text/html", "image/png"] if graph else ["text/html"]))
    for part in mail.walk():
        assert not part.defects
    text = mail.get_body(("plain",)).get_content()
    page = mail.get_body(("html",)).get_content()
    reader = Reader(page)
    assert reader.problems == []
    assert reader.tags.count("img") == (1 if graph else 0)
    assert reader.comments == WORD[:1] + (["cid:graph", "/cid:graph"] if graph else []) + WORD[1:]
    if graph:
        picture = list(mail.walk())[-1]
        assert picture["Content-ID"] == "<graph>"
        assert picture.get_content().startswith(b"\x89PNG")
    return mail, subject, text, reader


def made(tmp_path, what, data=b""):
    done = subprocess.run([MAILS, what, str(tmp_path)], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    mails = {}
    for name in sorted(os.listdir(tmp_path)):
        with open(os.path.join(tmp_path, name), "rb") as file:
            mails[name[:-len(".eml")]] = file.read()
    return mails


def words_of(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture(scope="module")
def golden(tmp_path_factory):
    return made(tmp_path_factory.mktemp("golden"), "golden")


def test_each_kind_is_a_mail(golden):
    assert len(golden) == 18
    for name, octets in golden.items():
        mail, subject, text, _ = check_mail(octets)
        with open(os.path.join(ROOT, "tests", "golden", "mail", name + ".txt"), encoding="utf-8") as file:
            assert "Subject: %s\n\n%s" % (subject, text.replace("\r\n", "\n")) == file.read()


def test_html_has_the_words_and_figures_of_the_text(golden):
    for name, octets in golden.items():
        _, _, text, reader = check_mail(octets)
        shown = [words_of(word) for word in reader.words if word.strip() and word.strip() != "ixwatch"]
        assert words_of(" ".join(shown)) == words_of(text), name


def test_html_is_laid_out_by_what_every_reader_knows(golden):
    """Outlook's Word: tables, widths as attributes, each text styled where it stands; Gmail: without the style sheet nothing
    is missing; dark: the sheet has colours alone, and for each class an inline one to replace."""
    for name, octets in golden.items():
        reader = check_mail(octets)[3]
        assert reader.problems == [] and SHEET.fullmatch(reader.sheet.strip()), (name, reader.problems, reader.sheet)
        dark = set(re.findall(r"\.([bifk])\{", reader.sheet))
        for tag, attrs in reader.elements:
            style = declarations(attrs.get("style", ""))
            where = (name, tag, attrs)
            assert attrs.get("class") in dark | {None}, where
            assert style.get("display") in (None, "block"), where
            if attrs.get("class") in ("i", "f", "k"):
                assert "color" in style, where
            if attrs.get("class") == "b":
                assert style["background-color"] == "#ffffff", where
            if tag == "table":
                assert (attrs["role"], attrs["cellpadding"], attrs["cellspacing"], attrs["border"]) == (
                    "presentation", "0", "0", "0"), where
                assert "max-width" not in style or attrs["width"] == "100%", where
            if tag == "td":   # Word forgets what stands around
                assert style["font-family"].endswith("sans-serif") and "color" in style, where
            if "background-color" in style and tag in ("table", "td"):
                assert attrs["bgcolor"] == style["background-color"], where
            if tag == "a":
                assert "color" in style and "font-family" in style, where
                assert "padding" not in style or style["display"] == "block", where
            if tag == "img":
                assert attrs["width"] == "600" and attrs["alt"] and style["max-width"] == "600px", where
                assert style["background-color"] == "#ffffff", where   # its curves are drawn on light ground
        # Every cell that is padded as a button is so for Word, too.
        buttons = [attrs for tag, attrs in reader.elements if tag == "td" and "mso-padding-alt" in attrs.get("style", "")]
        assert len(buttons) == (1 if name in ("escalation", "group") else 0), name


def test_every_mail_that_can_be_acknowledged_says_how(golden):
    for name in ("escalation", "group"):
        _, _, text, reader = check_mail(golden[name])
        link, = re.findall(r"^Ack(?: all)? +(https://\S+)$", text.replace("\r\n", "\n"), re.M)
        assert [attrs["href"] for tag, attrs in reader.elements if tag == "a" and "/a/" in attrs["href"]] == [link]
    assert "Ack all   https" in check_mail(golden["group"])[2] and "Ack all" not in check_mail(golden["escalation"])[2]
    assert "Ack" not in check_mail(golden["group-over"])[2]


def test_a_recovery_answers_its_alert(golden):
    mail = check_mail(golden["recovery"])[0]
    assert mail["In-Reply-To"] == mail["References"] == "<0@example.net>"
    assert "In-Reply-To" not in check_mail(golden["saturated"])[0]


def test_every_mail_names_what_it_is_about(golden):
    """Exchange, peer, port, direction, since when, how long, peak, 95th percentile."""
    for name in ("saturated", "congestion", "loss", "repeat", "recovery", "routine", "group", "group-over", "one-port",
                 "reduced", "down", "data-quality"):
        text = re.sub(r"at worst|p95 out", lambda m: {"at worst": "peak", "p95 out": "p95"}[m[0]],
                      words_of(check_mail(golden[name])[2]))
        if name == "down":
            text += " peak "   # all of it is gone: there is no worse
        for word in ("Demo-IX Frankfurt", "AS64500 ExampleNet", "fra/edge1/et-0/0/7", "(03:10 CET)", "for ",
                     "peak ", "p95 91.0%", "/ports/17" if name[:5] != "group" else "/exchanges/fra"):
            assert word in text, (name, word)
        assert re.search(r"\b(out|in)\b", text)


FIRST_SCREEN = 15
# What must be on it, by the head of its line; of a kind that has nothing of it, it is not there.
SCREEN = ["Since", "Now", "Move", "Runbook", "Usual", "Changed", "Scope", "Headroom", "Circuit", "contact:", "Next"]
LESS = {"reduced": ["Usual"], "down": ["Usual"], "data-quality": ["Usual", "Headroom"], "unknown": ["Runbook"],
        "agent-unreachable": ["Runbook", "Usual", "Changed", "Headroom", "Circuit", "contact:"],
        "exchange-unreachable": ["Runbook", "Usual", "Changed", "Headroom", "Circuit", "contact:"]}


def test_the_first_screen_has_all_of_it(golden):
    for name in ("saturated", "congestion", "loss", "repeat", "escalation", "one-port", "group", "reduced", "down", "data-quality", "unknown",
                 "agent-unreachable", "exchange-unreachable"):
        text = check_mail(golden[name])[2].replace("\r\n", "\n").split("\n")
        screen = text[:FIRST_SCREEN]
        for word in SCREEN:
            if word not in LESS.get(name, []):
                assert any(line.startswith(word) or word == "contact:" and word in line for line in screen), (name, word, screen)
        # Behind it the links, and nothing that is told for the first time; each of several comes after an empty line.
        rest = text[FIRST_SCREEN:text.index("") if "" in text else None]
        assert all(line.startswith(("Next", "Ack", "Page", "Method")) for line in rest), (name, rest)


# --- 200 texts as somebody might set them, who wants a mail to say or do something else ---

SEEDS = [
    b"\r\nBcc: evil@example.org\r\n\r\n", b"\nBcc: evil@example.org", b"\rX-Evil: 1", b"\r\n.\r\nRCPT TO:<evil@example.org>",
    b"a\x00b", b"\x00", b"\x1b]0;title\x07", b"\x1b[31mred", b"\x7f\x80\x9f", b"\xc2\x85\xc2\x9b31m",
    b"\xff\xfe\xfd", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x94", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    "Größe Ærø".encode(), "東京インターネット".encode(), "🔥".encode() * 40, "á".encode() * 90, "a\u0301".encode() * 60,
    "\u202eevil\u202c".encode(), "\u2066x\u2069".encode(), "שלום עולם".encode(), "مرحبا 123".encode(), "\u2028x\u2029".encode(),
    b'"', b"'", b"\\", b'\\"', b'" <evil@example.org>, "', b"<evil@example.org>", b"a, evil@example.org", b"a;b:c", b"(comment",
    b"<script>alert(1)</script>", b"</td></tr></table><script src=//evil></script>", b"<img src=x onerror=alert(1)>",
    b"\"><svg onload=alert(1)>", b"' onmouseover='x", b"<a href='http://evil.example.org'>here</a>", b"&lt;b&gt;", b"&#60;b>",
    b"<!--", b"-->", b"<!--cid:graph-->", b"<!--/cid:graph-->", b"<![CDATA[", b"<style>*{display:none}</style>", b"<base href=//evil>",
    b"=?UTF-8?B?Cg==?=", b"=?utf-8?q?=0D=0ABcc:_evil?=", b"=?", b"?=", b"=?x?=?=", b"=", b"=\r\n", b"=3D=0A",
    b"--ixwatch=_related", b"\r\n--ixwatch=_alternative--\r\n", b"--ixwatch=_alternative", b"From evil", b".", b"..", b"\r\n.\r\n",
    b"%s%n%x", b"$(reboot)", b"`id`", b"{{7*7}}", b"${x}", b"javascript:alert(1)", b" ", b"\t", b"   x   ", b"",
    b"x" * 300, b"x" * 5000, b"x y " * 2000, b"<" * 3000, b"&" * 1000, "é".encode() * 4000, b"\r\n" * 500, b"=?" * 500, b"\"" * 999,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode() * 20, "\ufeffx".encode(), "\u00ad".encode() * 50, "z\u0335".encode() * 99,
]


def texts():
    """The seeds, then each pair of neighbours with something harmless between."""
    out = list(SEEDS)
    step = 1
    while len(out) < 200:
        for i, seed in enumerate(SEEDS):
            if len(out) == 200:
                break
            out.append(seed + b"AS64500 ExampleNet"[:i % 18] + SEEDS[(i * 7 + step) % len(SEEDS)])
        step += 1
    return out


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    lines = b"".join(text.hex().encode() + b"\n" for text in texts())
    return made(tmp_path_factory.mktemp("hostile"), "hostile", lines)


def test_no_text_makes_a_header_a_recipient_a_tag_or_a_script(hostile):
    assert len(hostile) == 200
    for name, octets in hostile.items():
        _, _, text, reader = check_mail(octets)
        for line in text.split("\r\n") if "\r\n" in text else text.split("\n"):
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", line), name
            assert not line.startswith(("Bcc", "X-Evil")), name


def test_they_are_still_said(hostile):
    """What is harmless in them arrives: nothing is thrown away with its neighbour."""
    for name, text in zip(sorted(hostile), texts()):
        if re.fullmatch(rb"[A-Za-z0-9<>&\"'=?.;:(){}$%\\/-]{1,60}", text):
            mail, _, plain, reader = check_mail(hostile[name])
            assert text.decode() in plain, text
            assert any(text.decode() in word for word in reader.words), text
