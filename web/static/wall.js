/* ixwatch: lets the wall's clock run as long as its data does, and asks for the next round.  The page is whole without it. */
(function () {
	"use strict";

	var etag = null, offsetMs = 0, waiting = false;

	function main() {
		return document.getElementById("main");
	}

	function two(n) {
		return (n < 10 ? "0" : "") + n;
	}

	function timeOf(ms) {
		var d = new Date(ms);
		return two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + ":" + two(d.getUTCSeconds());
	}

	/* The server's clock: this screen's may be wrong. */
	function nowMs() {
		return Date.now() + offsetMs;
	}

	function roundMs() {
		return 1000 * Number(main().dataset.round);
	}

	function intervalMs() {
		return 1000 * Math.max(1, Number(main().dataset.interval));
	}

	/* The rule of the server: what is older than three rounds is not live.  A stopped clock stays where it stopped. */
	function tick() {
		var clock = document.getElementById("clock"), line = clock && clock.parentNode, asof;

		if (!line || roundMs() === 0)
			return;
		if (!line.classList.contains("stopped") && nowMs() - roundMs() <= 3 * intervalMs()) {
			clock.textContent = timeOf(nowMs());
			return;
		}
		if (line.classList.contains("stopped"))
			return;
		line.classList.remove("running");
		line.classList.add("stopped");
		asof = document.getElementById("asof");
		asof.textContent = "stopped: no data since " + timeOf(roundMs()) + "Z";
	}

	/* Pictures that are the same ones stay, so that nothing flickers. */
	function show(text) {
		var next = new DOMParser().parseFromString(text, "text/html"), fresh = next.getElementById("main");

		if (!fresh || fresh.dataset.version !== main().dataset.version) {
			location.reload();
			return;
		}
		fresh = document.importNode(fresh, true);
		fresh.querySelectorAll("picture img").forEach(function (image) {
			main().querySelectorAll("picture img").forEach(function (old) {
				if (old.getAttribute("src") === image.getAttribute("src"))
					image.replaceWith(old);
			});
		});
		main().replaceWith(fresh);
		tick();
	}

	function took(response) {
		var date = Date.parse(response.headers.get("Date"));

		if (response.redirected) {
			location.reload();
			return null;
		}
		if (date)
			offsetMs = date + 500 - Date.now();
		if (response.status !== 200)
			return null;
		etag = response.headers.get("ETag");
		return response.text().then(show);
	}

	function ask() {
		if (waiting)
			return;
		waiting = true;
		fetch(location.pathname + location.search, {
			cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(10000),
			headers: etag ? { "If-None-Match": etag } : {}
		}).then(took).catch(function () { }).then(function () {
			waiting = false;
		});
	}

	function period() {
		return Math.min(10000, Math.max(2000, intervalMs() / 6));
	}

	setInterval(tick, 1000);
	(function again() {
		ask();
		setTimeout(again, period());
	})();
})();
