/* renew.js - a page with live values renews itself in place.  The page is whole without it, and loads itself anew then.
 *
 * To load a page anew takes the reader's place away: a screen reader begins again at its top, what is typed is lost.  So
 * only what differs is changed, element by element; focus, fields, open parts and pictures stay.  Nothing is read out but
 * the headline, when it changed, and that the server is gone; a button holds all still (WCAG 2.1: 2.2.1, 2.2.2, 4.1.3). */
"use strict";

(function () {
	const main = document.getElementById("main"), said = document.getElementById("renewed");
	const hold = document.getElementById("hold");
	let waiting = false;

	if (main === null || said === null || hold === null)
		return;
	const everyMs = 1000 * Math.max(5, Number(main.dataset.renew));

	function say(text, isTrouble) {
		if (said.textContent !== text)
			said.textContent = text;
		said.className = isTrouble ? "old" : "unseen";
	}

	/* Rows and items are known by where they lead, so that a focused one stays itself wherever it goes to. */
	function keyOf(node) {
		if (node.nodeType !== Node.ELEMENT_NODE)
			return "";
		if (node.id !== "")
			return "#" + node.id;
		const link = node.matches("tr, li") ? node.querySelector("a[href]") : null;
		return link === null ? "" : node.tagName + link.getAttribute("href");
	}

	function isSame(old, fresh) {
		return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
	}

	/* What the reader opened stays open. */
	function takeAttributes(old, fresh) {
		for (const { name } of [...old.attributes])
			if (!fresh.hasAttribute(name) && name !== "open")
				old.removeAttribute(name);
		for (const { name, value } of fresh.attributes)
			if (old.getAttribute(name) !== value)
				old.setAttribute(name, value);
	}

	function takeChildren(old, fresh) {
		const known = new Map();

		for (const child of old.childNodes)
			if (keyOf(child) !== "" && !known.has(keyOf(child)))
				known.set(keyOf(child), child);
		let place = old.firstChild;
		for (const child of [...fresh.childNodes]) {
			const key = keyOf(child);
			let mine = key === "" ? place : known.get(key);

			while (key === "" && mine !== null && keyOf(mine) !== "") /* a keyed one is for its own */
				mine = mine.nextSibling;
			if (!mine || !isSame(mine, child)) {
				old.insertBefore(child, place);
				continue;
			}
			known.delete(key);
			if (mine !== place)
				old.insertBefore(mine, place);
			place = mine.nextSibling;
			take(mine, child);
		}
		while (place !== null) {
			const next = place.nextSibling;
			place.remove();
			place = next;
		}
	}

	function take(old, fresh) {
		if (old.isEqualNode(fresh))
			return;
		if (old.nodeType !== Node.ELEMENT_NODE) {
			old.nodeValue = fresh.nodeValue;
			return;
		}
		takeAttributes(old, fresh);
		takeChildren(old, fresh);
	}

	function show(text) {
		const next = new DOMParser().parseFromString(text, "text/html"), fresh = next.getElementById("main");
		const focused = document.activeElement, headline = main.querySelector("h1");
		const before = headline === null ? "" : headline.textContent;

		if (fresh === null) {
			location.reload();
			return;
		}
		const asof = document.querySelector(".asof > span"), freshAsof = next.querySelector(".asof > span");
		if (asof !== null && freshAsof !== null)
			take(asof, freshAsof);
		document.title = next.title;
		take(main, fresh);
		if (focused !== document.activeElement && focused.isConnected)
			focused.focus({ preventScroll: true }); /* it was moved */
		const now = main.querySelector("h1");
		say(now !== null && now.textContent !== before ? now.textContent : "", false);
	}

	async function ask() {
		if (waiting || document.hidden || hold.getAttribute("aria-pressed") === "true" || !getSelection().isCollapsed)
			return;
		waiting = true;
		try {
			const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(20000) });

			if (answer.redirected) {
				location.reload(); /* logged out meanwhile */
				return;
			}
			if (answer.ok)
				show(await answer.text());
			else
				say("The server answers " + answer.status + "; what is shown is older than it says.", true);
		} catch (gone) {
			say("The server does not answer; what is shown is older than it says.", true);
		} finally {
			waiting = false;
		}
	}

	hold.addEventListener("click", () => {
		const isHeld = hold.getAttribute("aria-pressed") !== "true";

		hold.setAttribute("aria-pressed", String(isHeld));
		if (!isHeld)
			ask();
	});
	document.addEventListener("visibilitychange", ask);
	hold.hidden = false;
	setInterval(ask, everyMs);
})();
