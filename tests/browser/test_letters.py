"""The golden letters in headless Chromium: wide, narrow, light and dark; nothing beyond the edge, nothing too pale to read.

Skipped, loudly, only where Chromium or its driver is absent.
"""
import os

import pytest

from test_pages import CONTRAST, browser, pytestmark     # noqa: F401

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Those that between them have every part, every state of an hour, and the widest tables.
LETTERS = [os.path.join(ROOT, "tests/golden/letter_%s.html" % name)
           for name in ("routine", "flash", "insufficient", "hours_169", "overview")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 800])
def test_letters_are_readable(browser, width, dark):                  # noqa: F811
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    findings = []
    for path in LETTERS:
        browser.get("file://" + path)
        name = os.path.basename(path)
        beyond = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            findings.append("%s: %d pixels beyond the edge" % (name, beyond))
        findings += ["%s: %s" % (name, pale) for pale in browser.execute_script(CONTRAST)[:5]]
        background = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        if (background == "rgb(255, 255, 255)") == dark:
            findings.append("%s: the ground is %s" % (name, background))
    assert findings == []
