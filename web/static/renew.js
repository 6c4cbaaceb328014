/* renew.js - a page with live values renews itself in place.  The page is whole without it, and loads itself anew then.
 *
 * To load a page anew takes the reader's place away: a screen reader begins again at its top, what is typed is lost.  So
 * only what differs is changed, element by element; focus, fields, open parts and pictures stay.  Nothing is read out but
 * the headline, when it changed, and that the server is gone; a button holds all still (WCAG 2.1: 2.2.1, 2.2.2, 4.1.3).
 *
 * A page that is tagged is not sent again while it is the same one; only the age of its round runs on (age.js). */
"use strict";

(function () {
	const main = document.getElementById("main"), said = document.getElementById("renewed");
	const hold = document.getElementById("hold");
	let waiting = false, etag = null;

	if (main === null || said === null || hold === null)
		return;
	const everyMs = 1000 * Math.max(2, Number(main.dataset.renew));
	const isHeld = () => hold.getAttribute("aria-pressed") === "true";

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
		const link = node.nodeName === "TR" || node.nodeName === "LI" ? node.querySelector("a[href]") : null;
		return link === null ? "" : node.tagName + link.getAttribute("href");
	}

	function isSame(old, fresh) {
		return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
	}

	/* What the reader opened stays open. */
	function takeAttributes(old, fresh) {
		const had = old.attributes, has = fresh.attributes;

		for (let i = had.length - 1; i >= 0; i--)
			if (!fresh.hasAttribute(had[i].name) && had[i].name !== "open")
				old.removeAttribute(had[i].name);
		for (let i = 0; i < has.length; i++) {
			const name = has[i].name, before = i < had.length && had[i].name === name ? had[i].value : old.getAttribute(name);

			if (before !== has[i].value)
				old.setAttribute(name, has[i].value);
		}
	}

	/* Most of a page stands where it stood: one after the other, without looking for anything. */
	function takeInPlace(old, fresh) {
		const count = old.childNodes.length;

		if (count !== fresh.childNodes.length)
			return false;
		for (let a = old.firstChild, b = fresh.firstChild; a !== null; a = a.nextSibling, b = b.nextSibling)
			if (!isSame(a, b))
				return false;
		for (let a = old.firstChild, b = fresh.firstChild; a !== null; a = a.nextSibling, b = b.nextSibling)
			take(a, b);
		return true;
	}

	/* Rows of a table change places all the time: what stands between them is not carried about. */
	function partsOf(node) {
		if (node.nodeName === "TBODY")
			[...node.childNodes].filter((part) => part.nodeType === Node.TEXT_NODE).forEach((part) => part.remove());
		return [...node.childNodes];
	}

	function takeChildren(old, fresh) {
		const known = new Map();

		for (const child of partsOf(old))
			if (keyOf(child) !== "" && !known.has(keyOf(child)))
				known.set(keyOf(child), child);
		let place = old.firstChild;
		for (const child of partsOf(fresh)) {
			const key = keyOf(child);
			let mine = key === "" ? place : known.get(key);

			while (key === "" && mine !== null && keyOf(mine) !== "") /* a keyed one is for its own */
				mine = mine.nextSibling;
			if (!mine || !isSame(mine, child)) {
				old.insertBefore(child, place);
				continue;
			}
			known.delete(key);
			if (place !== null && mine === place.nextSibling && known.get(keyOf(place)) === place)
				old.append(place); /* its turn comes later: it alone is moved, not all behind it */
			else if (mine !== place)
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
		if (!takeInPlace(old, fresh))
			takeChildren(old, fresh);
	}

	function show(text) {
		const next = new DOMParser().parseFromString(text, "text/html"), fresh = next.getElementById("main");
		const focused = document.activeElement, headline = main.querySelector("h1");
		const before = headline === null ? "" : headline.textContent;

		if (fresh === null || fresh.dataset.version !== main.dataset.version) {
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
		if (waiting || document.hidden || isHeld() || !getSelection().isCollapsed)
			return;
		waiting = true;
		try {
			const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(20000),
				headers: etag === null ? {} : { "If-None-Match": etag } });

			if (answer.redirected) {
				location.reload(); /* logged out meanwhile */
				return;
			}
			ixwatchAge.heard(answer);
			if (answer.ok) {
				show(await answer.text());
				etag = answer.headers.get("ETag");
			} else if (answer.status === 304) {
				say("", false);
			} else {
				say("The server answers " + answer.status + "; what is shown is no longer renewed.", true);
			}
		} catch (gone) {
			say("The server does not answer; what is shown is no longer renewed.", true);
		} finally {
			waiting = false;
		}
	}

	hold.addEventListener("click", () => {
		hold.setAttribute("aria-pressed", String(!isHeld()));
		if (!isHeld())
			ask();
	});
	document.addEventListener("visibilitychange", ask);
	hold.hidden = false;
	setInterval(ask, everyMs);
})();
