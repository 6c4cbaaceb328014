/* age.js - how old the round on the page is, second by second: by the server's clock, and whether the server answers or not. */
"use strict";

window.ixwatchAge = (function () {
	const main = document.getElementById("main"), hold = document.getElementById("hold");
	const first = document.getElementById("age");
	const roundMs = () => 1000 * Number(main.dataset.round);
	let offsetMs = first === null ? 0 : roundMs() + 1000 * Number(first.dataset.sec) - Date.now();

	/* In the words of the server (page_age). */
	function words(sec) {
		const two = (n) => String(n).padStart(2, "0"), whole = (unit) => Math.floor(sec / unit);

		return sec < 60 ? sec + " s" : sec < 3600 ? whole(60) + " min"
			: sec < 86400 ? whole(3600) + " h " + two(whole(60) % 60) + " min"
			: whole(86400) + " d " + whole(3600) % 24 + " h";
	}

	function tick() {
		const age = document.getElementById("age");

		if (age === null || document.hidden || (hold !== null && hold.getAttribute("aria-pressed") === "true"))
			return;
		const text = words(Math.max(0, Math.floor((Date.now() + offsetMs - roundMs()) / 1000)));
		if (age.textContent !== text)
			age.textContent = text;
	}

	setInterval(tick, 1000);
	return {
		/* What the server's clock says now. */
		heard: (answer) => {
			const date = Date.parse(answer.headers.get("Date"));

			if (date)
				offsetMs = date + 500 - Date.now();
		}
	};
})();
