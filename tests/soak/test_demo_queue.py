"""The demo as a person starts it: within a few minutes it has a queue of letters to look at, and ends when it is told to."""
import os
import re
import signal

import house


def test_the_demo_has_a_queue_to_look_at(place):
    demo = place.start("demo", ["sh", os.path.join(house.ROOT, "examples/demo/demo.sh")],
                       {"DEMO_PORT": "0", "BUILD": os.path.relpath(house.BUILD, house.ROOT), "TMPDIR": place.path})
    address = demo.wait_for(r"ixwatch is running: +http://127\.0\.0\.1:(\d+)/", 300)
    web = house.Http(int(address.group(1)))
    config = re.search(r"Configuration: (\S+)", demo.text()).group(1)

    def waiting():
        return web.json("/api/v1/reports?state=waiting&limit=100")["reports"]
    house.wait_until("the queue", lambda: len([one for one in waiting() if one["kind"] == "peer"]) >= 3, 300)
    page = web.get("/reports")[2].decode()
    for one in waiting():
        assert "/reports/%s/" % one["week"] in page
    assert "ExampleNet" in page and "peering@examplenet.example" in page
    shown = place.run("report", "-c", config)
    assert shown.returncode == 0 and "waiting" in shown.stdout
    assert demo.end(signal.SIGINT, 60) in (0, 130, -signal.SIGINT)
