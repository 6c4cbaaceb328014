"""The examples for Prometheus and Grafana, with a real Prometheus that scrapes a real ixwatch."""
import json
import os
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml

import house

EXAMPLES = os.path.join(house.ROOT, "examples/prometheus")
DASHBOARD = os.path.join(house.ROOT, "examples/grafana/ixwatch.json")

pytestmark = pytest.mark.skipif(shutil.which("prometheus") is None or shutil.which("promtool") is None,
                                reason="Prometheus is not installed")


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], cwd=EXAMPLES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_configuration_and_the_rules_are_valid():
    assert "1 rule files found" in promtool("check", "config", "prometheus.yml")


def test_the_rules_say_what_they_should():
    assert "SUCCESS" in promtool("test", "rules", "ixwatch.rules.test.yml")


def expressions():
    """Every expression of the dashboard, its variables at "All", with the panel's title."""
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], re.sub(r"\$\w+", ".*", target["expr"])


def rule_expressions():
    with open(os.path.join(EXAMPLES, "ixwatch.rules.yml"), encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


class Prometheus:
    def __init__(self, place, target):
        self.port = house.free_port()
        with open(os.path.join(EXAMPLES, "prometheus.yml"), encoding="utf-8") as file:
            text = file.read()
        assert '"127.0.0.1:8080"' in text
        text = text.replace('"127.0.0.1:8080"', '"%s"' % target)
        text = re.sub(r"(scrape_interval|evaluation_interval): +\w+", r"\1: 1s", text).replace("scrape_timeout: 20s", "scrape_timeout: 1s")
        shutil.copy(os.path.join(EXAMPLES, "ixwatch.rules.yml"), place.path)
        self.process = place.start("prometheus", [
            "prometheus", "--config.file=" + place.file("prometheus.yml", text), "--storage.tsdb.path=" + place.path + "/tsdb",
            "--web.listen-address=127.0.0.1:%d" % self.port])
        self.process.wait_for("Server is ready to receive web requests")

    def ask(self, expression):
        url = "http://127.0.0.1:%d/api/v1/query?%s" % (self.port, urllib.parse.urlencode({"query": expression}))
        with urllib.request.urlopen(url, timeout=10) as answer:
            told = json.load(answer)
        assert told["status"] == "success", (expression, told)
        return told["data"]["result"]


def test_a_real_prometheus_finds_all_that_the_examples_ask_for(place):
    sim = house.Sim(place)
    run, http = house.start_run(place, sim.config(place))
    house.wait_until("samples", lambda: sum(p["out_bps"] is not None for p in http.ports()) >= 100, 60)
    prometheus = Prometheus(place, "127.0.0.1:%d" % http.port)
    house.wait_until("two scrapes", lambda: [
        r for r in prometheus.ask('count_over_time(ixwatch_collector_up[1m])') if float(r["value"][1]) >= 2], 30)
    metrics = http.get("/metrics")[2].decode()
    known = set(re.findall(r"^# TYPE (\w+) ", metrics, re.M))
    records = {name for name, _ in rule_expressions() if ":" in name}
    for title, expression in [*expressions(), *rule_expressions()]:
        named = set(re.findall(r"\bixwatch[_:][\w:]*", expression)) - records
        assert named <= known, (title, named - known)
        prometheus.ask(expression)
    # One number is one number: what the dashboard draws is what the API says.
    shown = {(p["exchange"], p["agent"], p["interface"]): p for p in http.ports()}
    drawn = prometheus.ask("ixwatch_port_capacity_bits_per_second")
    assert len(drawn) >= 100
    for row in drawn:
        key = tuple(row["metric"][name] for name in ("exchange", "agent", "interface"))
        assert float(row["value"][1]) == shown[key]["capacity_bps"], key
    for title, expression in expressions():
        if title in ("Fullest ports", "Traffic by exchange", "Port: traffic and capacity", "Ports by state", "Congested now"):
            assert prometheus.ask(expression), (title, expression)
    assert not [r for r in prometheus.ask("ALERTS") if r["metric"]["alertname"] in ("IxwatchAbsent", "IxwatchCollectorDown")]
    assert run.end() == 0
