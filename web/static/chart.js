/* chart.js - the interactive chart of a port's page.  No framework; without it the page is whole.
 *
 * dygraphs draws; where it is, everything else is here: what is seen is in the URL, each view asks the series API for the
 * step that fits its pixels, and what is unknown stays a gap.
 *
 * The page's security policy stays as strict as everywhere (default-src 'none'; script-src and style-src 'self').  dygraphs
 * bears it: it sets styles through the CSSOM (element.style.x = ...), which the policy does not forbid; only markup with
 * style attributes is, and setAttribute("style"), and both come from its legend alone.  So the legend plugin is taken out
 * before a chart is made (the value under the cursor is told below, in words), and no option here holds markup. */
"use strict";

(function () {
	const section = document.getElementById("chart");

	if (section === null || typeof Dygraph === "undefined")
		return;
	Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

	const at = (id) => document.getElementById(id);
	const plot = at("chart-plot"), lost = at("chart-lost"), strip = at("chart-bands"), said = at("chart-said");
	const note = at("chart-note");
	const port = section.dataset.port, profile = section.dataset.profile;
	const intervalSec = Math.max(1, Number(section.dataset.interval));
	const refreshSec = Number(section.dataset.refresh);
	const SPANS = { day: 86400, week: 7 * 86400, month: 31 * 86400, year: 366 * 86400 };
	const SPAN_MIN = Math.max(300, 5 * intervalSec), SPAN_MAX = 10 * 366 * 86400;
	const BANDS_MAX = 300;

	/* --- what is seen: { live: name of a span, or null; from, to: seconds; zone } --- */

	let view = null;    /* what is asked for */
	let shown = null;   /* what was loaded: rows, bands, capacities */
	let cursor = null;  /* number of the row that is told of */
	let charts = null;  /* [traffic, losses] */
	let asked = 0;      /* views so far: an answer to an older one is dropped */
	let settling = 0;   /* timer: a drag or a wheel has not come to rest */

	const nowSec = () => Math.floor(Date.now() / 1000);
	const rfc3339 = (sec) => new Date(sec * 1000).toISOString().slice(0, 19) + "Z";
	const parseTime = (text) => text === null ? NaN : /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000;

	/* A live view ends with the slot that is being measured, so that its address is the same for a whole slot. */
	function liveEnd(spanSec) {
		const grid = Math.max(intervalSec, spanSec > 2 * 86400 ? 300 : 0);

		return Math.ceil(nowSec() / grid) * grid;
	}

	function fromUrl() {
		const query = new URLSearchParams(location.search);
		const zone = query.get("zone") === "utc" ? "utc" : "exchange";
		const span = SPANS[query.get("span")] ? query.get("span") : "day";
		let from = parseTime(query.get("from")), to = parseTime(query.get("to"));

		if (Number.isNaN(from) && Number.isNaN(to))
			return { live: span, from: 0, to: 0, zone: zone };
		if (Number.isNaN(to))
			to = liveEnd(SPANS.day);
		if (Number.isNaN(from))
			from = to - SPANS.day;
		return { live: null, from: from, to: to, zone: zone };
	}

	function toUrl(v) {
		const query = new URLSearchParams();

		if (v.live === null) {
			query.set("from", rfc3339(v.from));
			query.set("to", rfc3339(v.to));
		} else if (v.live !== "day") {
			query.set("span", v.live);
		}
		if (v.zone === "utc")
			query.set("zone", "utc");
		const text = query.toString().replace(/%3A/g, ":");
		return location.pathname + (text === "" ? "" : "?" + text);
	}

	/* Within what there can be: not later than now, not shorter than some samples, not longer than anything is kept. */
	function bounded(from, to) {
		const span = Math.min(SPAN_MAX, Math.max(SPAN_MIN, Math.round(to - from)));
		const middle = (from + to) / 2, end = liveEnd(span);
		const last = Math.min(end, Math.max(span, Math.round(middle + span / 2)));

		return { live: null, from: last - span, to: last, zone: view.zone };
	}

	/* --- numbers and times in words --- */

	function si(value, unit) {
		const size = Math.abs(value);
		const steps = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
		const step = steps.find((s) => size >= s[0] * 0.9995);
		const number = step ? size / step[0] : size;

		return String(Number(number.toPrecision(3))) + " " + (step ? step[1] : "") + unit;
	}

	const zoneName = () => view.zone === "utc" ? "UTC" : section.dataset.zone;
	const formats = {};

	/* A browser that does not know the exchange's zone shows UTC, and says so by its name in what is told. */
	function format(options) {
		const key = zoneName() + JSON.stringify(options);

		if (!formats[key]) {
			try {
				formats[key] = new Intl.DateTimeFormat("en-GB", Object.assign({ timeZone: zoneName() }, options));
			} catch (unknownZone) {
				formats[key] = new Intl.DateTimeFormat("en-GB", Object.assign({ timeZone: "UTC" }, options));
			}
		}
		return formats[key];
	}

	const clock = (sec) => format({ hour: "2-digit", minute: "2-digit" }).format(sec * 1000);
	const date = (sec) => format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(sec * 1000);

	function period(from, to) {
		if (date(from) === date(to))
			return date(from) + ", " + clock(from) + " to " + clock(to);
		return date(from) + ", " + clock(from) + " to " + date(to) + ", " + clock(to);
	}

	/* Seconds that the zone is ahead of UTC at that instant. */
	function offsetSec(sec) {
		const parts = {};

		format({ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
			 hourCycle: "h23" }).formatToParts(sec * 1000).forEach((p) => { parts[p.type] = Number(p.value); });
		return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) / 1000 - Math.floor(sec);
	}

	/* The instant at which the zone's clocks show so many seconds since 1970. */
	const instantOf = (localSec) => localSec - offsetSec(localSec - offsetSec(localSec));

	/* --- the time axis: ticks at whole hours, days, months of the zone --- */

	const TICKS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 2 * 86400, 7 * 86400];
	const MONTHS = [1, 2, 3, 6, 12, 24, 60];

	function tickLabel(sec, stepSec) {
		if (stepSec < 86400)
			return clock(sec) === "00:00" ? format({ day: "numeric", month: "short" }).format(sec * 1000) : clock(sec);
		if (stepSec < 28 * 86400)
			return format({ day: "numeric", month: "short" }).format(sec * 1000);
		return format({ month: "short", year: "numeric" }).format(sec * 1000);
	}

	function timeTicks(fromMs, toMs, pixels) {
		const from = fromMs / 1000, to = toMs / 1000, least = (to - from) / Math.max(2, pixels / 85);
		const step = TICKS.find((s) => s >= least), ticks = [];
		const push = (sec, stepSec) => { if (sec >= from && sec <= to) ticks.push({ v: sec * 1000, label: tickLabel(sec, stepSec) }); };

		if (step) {
			const weekday = step === 7 * 86400 ? 4 * 86400 : 0; /* 1970 began on a Thursday; weeks on a Monday */

			for (let local = Math.floor((from + offsetSec(from) - weekday) / step) * step + weekday; ; local += step) {
				if (instantOf(local) > to)
					return ticks;
				push(instantOf(local), step);
			}
		}
		const months = MONTHS.find((m) => m * 30 * 86400 >= least) || 120;
		const first = new Date((from + offsetSec(from)) * 1000);

		for (let month = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months; ; month += months) {
			const sec = instantOf(Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000);

			if (sec > to)
				return ticks;
			push(sec, months * 30 * 86400);
		}
	}

	/* --- loading --- */

	/* Asked each time whether it changed: what did not is not sent again (ETag). */
	async function ask(path) {
		const answer = await fetch(path, { cache: "no-cache", headers: { Accept: "application/json" } });
		const body = await answer.json();

		if (!answer.ok)
			throw new Error(body.error ? body.error.message : "the server answered " + answer.status);
		return body;
	}

	function range(v) {
		return "from=" + v.from + "&to=" + v.to;
	}

	function stepOf(v) {
		const pixels = Math.max(100, plot.clientWidth - 70);

		return Math.min(86400, Math.max(intervalSec, Math.ceil((v.to - v.from) / pixels)));
	}

	function bandOf(episode) {
		return { from: Date.parse(episode.start) / 1000, to: Date.parse(episode.end) / 1000, direction: episode.direction,
			 kind: episode.excuse === "flash" ? "flash" : episode.kind, excused: episode.excuse !== null,
			 words: "Congestion " + episode.direction + ", " + episode.kind + (episode.open ? ", still open" : "") +
				(episode.excuse === null || episode.excuse === episode.kind ? "" : ", excused: " + episode.excuse) +
				", peak " + percent(episode.peak_utilisation) };
	}

	function windowOf(w) {
		return { from: Date.parse(w.start) / 1000, to: Date.parse(w.end) / 1000, direction: null, kind: "declared",
			 excused: true, words: "Declared window: " + w.cause };
	}

	const percent = (share) => share === null ? "unknown" : (share * 100).toFixed(1) + " %";

	/* The ledger's changes, oldest first; before the first of them, what was measured with, and its contract: the judgement
	 * takes that, too. */
	function capacitiesOf(history, series) {
		const known = history.filter((c) => c.from !== null).map((c) => ({ from: Date.parse(c.from) / 1000,
			physical: c.physical_bps, contracted: c.contracted_bps })).sort((a, b) => a.from - b.from);
		const begin = known.length > 0 ? known[0].from : Infinity, steps = [];
		const column = series.columns.indexOf("capacity_bps"), contracted = known.length > 0 ? known[0].contracted : null;

		series.rows.forEach((row, i) => {
			const from = Date.parse(series.start) / 1000 + i * series.step_sec;
			const last = steps.length > 0 ? steps[steps.length - 1].physical : null;
			if (from < begin && row[column] !== null && row[column] !== last)
				steps.push({ from: from, physical: row[column], contracted: contracted });
		});
		return steps.concat(known);
	}

	async function load(v) {
		const number = ++asked;

		try {
			const [series, episodes, windows, whole] = await Promise.all([
				ask("/api/v1/ports/" + port + "/series?" + range(v) + "&step=" + stepOf(v)),
				ask("/api/v1/episodes?port=" + port + "&limit=1000&" + range(v)),
				ask("/api/v1/ports/" + port + "/windows?" + range(v)),
				ask("/api/v1/ports/" + port)]);

			if (number !== asked)
				return;
			shown = { view: v, series: series, start: series.start === null ? v.from : Date.parse(series.start) / 1000,
				  step: series.step_sec || intervalSec,
				  bands: windows.windows.map(windowOf).concat(episodes.episodes.filter((e) => e.profile === profile)
					.map(bandOf)).filter((b) => b.to > v.from && b.from < v.to).slice(0, BANDS_MAX),
				  capacities: capacitiesOf(whole.capacity_history, series) };
			shown.column = {};
			series.columns.forEach((name, i) => { shown.column[name] = i; });
			note.textContent = series.rows.length === 0 ? "No samples of this time are kept." : "";
			draw();
		} catch (trouble) {
			if (number === asked)
				note.textContent = "The chart could not be loaded: " + trouble.message;
		}
	}

	/* --- drawing --- */

	/* A row is a mean over its interval: a point at its beginning and one at its end, so that lines are steps.  (dygraphs has
	 * steps of its own, but fills unknown time with them down to the edge.)  An unknown row is null, and nothing bridges it. */
	function points(names, signs) {
		const list = [], nothing = names.map(() => null);

		shown.series.rows.forEach((row, i) => {
			const from = (shown.start + i * shown.step) * 1000;
			const values = names.map((name, k) => row[shown.column[name]] === null ? null : signs[k] * row[shown.column[name]]);

			list.push([new Date(from)].concat(values));
			if (values.some((value) => value !== null))
				list.push([new Date(from + shown.step * 1000 - 1)].concat(values));
		});
		if (list.length === 0)
			list.push([new Date(shown.view.from * 1000)].concat(nothing), [new Date(shown.view.to * 1000)].concat(nothing));
		return list;
	}

	function colours() {
		const style = getComputedStyle(section), of = (name) => style.getPropertyValue(name).trim();

		return { out: of("--chart-out"), in: of("--chart-in"), ink: of("--ink"), muted: of("--muted"), line: of("--line"),
			 sustained: of("--sustained"), spike: of("--spike"), flash: of("--down"), declared: of("--link"),
			 unknown: of("--unknown"), contract: of("--hot") };
	}

	/* The capacity lines that lie in view, as [from, to, bps]. */
	function capacityLines(which) {
		const list = [];

		shown.capacities.forEach((step, i) => {
			const next = shown.capacities[i + 1], from = Math.max(step.from, shown.view.from);
			const to = Math.min(next ? next.from : Infinity, shown.view.to);

			if (step[which] !== null && step[which] > 0 && from < to)
				list.push([from, to, step[which]]);
		});
		return list;
	}

	/* From the greatest in below the axis to the greatest out above it, capacities included. */
	function valueRange() {
		const tops = [0].concat(capacityLines("physical").concat(capacityLines("contracted")).map((line) => line[2]));
		const top = (name) => shown.series.rows.reduce((most, row) => Math.max(most, row[shown.column[name]] || 0), Math.max(...tops));

		return [-1.06 * (top("in_bps_max") || 1), 1.06 * (top("out_bps_max") || 1)];
	}

	/* Unknown time, from row to row, up to now: what ended a moment ago may be on its way. */
	function unknownRuns() {
		const rows = shown.series.rows, runs = [], now = nowSec() - 2 * intervalSec;
		const known = (row) => row[shown.column.in_bps] !== null || row[shown.column.out_bps] !== null;

		rows.forEach((row, i) => {
			const from = shown.start + i * shown.step, to = from + shown.step, last = runs[runs.length - 1];

			if (known(row) || to > now)
				return;
			if (last && last[1] === from)
				last[1] = to;
			else
				runs.push([from, to]);
		});
		return runs;
	}

	/* Behind the curves. */
	function underlay(context, area, graph) {
		const colour = colours(), zero = graph.toDomYCoord(0);
		const shade = (from, to, top, bottom, fill, alpha) => {
			const left = Math.max(area.x, graph.toDomXCoord(from * 1000));
			const right = Math.min(area.x + area.w, graph.toDomXCoord(to * 1000));

			context.globalAlpha = alpha;
			context.fillStyle = fill;
			if (right > left || to > from)
				context.fillRect(left, top, Math.max(1, right - left), bottom - top);
			context.globalAlpha = 1;
		};
		unknownRuns().forEach((run) => shade(run[0], run[1], area.y, area.y + area.h, colour.unknown, 0.14));
		if (graph.ixwatchPart !== "traffic")
			return;
		shown.bands.forEach((band) => {
			const top = band.direction === "in" ? zero : area.y;
			const bottom = band.direction === "out" ? zero : area.y + area.h;

			shade(band.from, band.to, top, bottom, colour[band.kind], band.excused ? 0.1 : 0.2);
		});
		context.fillStyle = colour.muted;
		context.fillRect(area.x, Math.round(zero), area.w, 1);
	}

	/* Over grid and curves: what the port can carry, in both directions; called by dygraphs behind the last curve. */
	function capacityPlotter(event) {
		const colour = colours(), context = event.drawingContext, graph = event.dygraph;
		const line = (list, sign, dash, stroke) => {
			let before = null;

			context.strokeStyle = stroke;
			context.lineWidth = 1.5;
			context.setLineDash(dash);
			context.beginPath();
			list.forEach((part) => {
				const y = graph.toDomYCoord(sign * part[2]), left = graph.toDomXCoord(part[0] * 1000);

				if (before !== null && before[1] === part[0])
					context.lineTo(left, y); /* the step */
				else
					context.moveTo(left, y);
				context.lineTo(graph.toDomXCoord(part[1] * 1000), y);
				before = part;
			});
			context.stroke();
			context.setLineDash([]);
		};

		[1, -1].forEach((sign) => {
			line(capacityLines("physical"), sign, [], colour.ink);
			line(capacityLines("contracted"), sign, [6, 4], colour.contract);
		});
	}

	/* dygraphs calls the plotter of a series once for itself alone. */
	function plotLast(event) {
		Dygraph.Plotters.fillPlotter(event);
		Dygraph.Plotters.linePlotter(event);
		capacityPlotter(event);
	}

	function rateLabel(value) {
		return value === 0 ? "0" : si(Math.abs(value), "");
	}

	function options(title, traffic) {
		const colour = colours(), names = traffic ? ["Out, greatest", "In, greatest", "Out", "In"]
			: ["Discards out", "Discards in", "Errors out", "Errors in"];

		return {
			labels: ["Time"].concat(names), stepPlot: false, connectSeparatedPoints: false, legend: "never",
			colors: traffic ? [colour.out, colour.in, colour.out, colour.in]
				: [colour.spike, colour.spike, colour.sustained, colour.sustained],
			series: traffic ? { "Out": { fillGraph: true, strokeWidth: 1.4 }, "In": { fillGraph: true, strokeWidth: 1.4,
					plotter: plotLast },
				"Out, greatest": { strokeWidth: 0.7 }, "In, greatest": { strokeWidth: 0.7 } } : undefined,
			fillAlpha: 0.3, highlightCircleSize: 0, gridLineColor: colour.line, axisLineColor: colour.muted, gridLineWidth: 0.7,
			axisLabelFontSize: 12, dateWindow: [view.from * 1000, view.to * 1000],
			valueRange: traffic ? valueRange() : lossRange(), underlayCallback: underlay, drawCallback: onDrawn,
			interactionModel: hands, animatedZooms: false,
			axes: { x: { ticker: timeTicks, axisLabelWidth: 74, pixelsPerLabel: 85 },
				y: Object.assign({ axisLabelFormatter: rateLabel, axisLabelWidth: 52, pixelsPerLabel: 34 },
					traffic ? {} : { ticker: lossTicks }) },
		};
	}

	function lossRange() {
		const top = (names) => shown.series.rows.reduce((most, row) =>
			Math.max(most, ...names.map((name) => row[shown.column[name]] || 0)), 0);
		const most = Math.max(top(["in_discards", "in_errors"]), top(["out_discards", "out_errors"])) || 1;

		return [-1.15 * most, 1.15 * most];
	}

	/* Nought, and a round number above and below: there is not room for more. */
	function lossTicks(from, to) {
		const power = Math.pow(10, Math.floor(Math.log10(to))), round = [5, 2, 1].find((n) => n * power <= to) * power;

		return [-round, 0, round].map((value) => ({ v: value, label: value === 0 ? "0" : si(Math.abs(value), "/s") }));
	}

	function draw() {
		const data = [points(["out_bps_max", "in_bps_max", "out_bps", "in_bps"], [1, -1, 1, -1]),
			      points(["out_discards", "in_discards", "out_errors", "in_errors"], [1, -1, 1, -1])];
		const places = [plot, lost], sets = [options("", true), options("", false)];

		if (charts === null)
			charts = places.map((place, i) => {
				/* before its first drawing the underlay asks which one it is */
				const first = Object.assign({}, sets[i], { underlayCallback: null });
				const graph = new Dygraph(place, data[i], first);

				graph.ixwatchPart = i === 0 ? "traffic" : "losses";
				graph.updateOptions({ underlayCallback: underlay });
				return graph;
			});
		else
			charts.forEach((graph, i) => graph.updateOptions(Object.assign({ file: data[i] }, sets[i])));
		placeBands();
		tellLinks();
		section.dataset.step = shown.step;
		section.dataset.loaded = toUrl(shown.view);
		if (cursor !== null)
			tell(cursor);
		tellFigures();
	}

	/* --- episodes and windows, reached by pointer and keyboard --- */

	function placeBands() {
		const area = charts[0].getArea();

		strip.replaceChildren(...shown.bands.map((band) => {
			const button = document.createElement("button");
			const left = Math.max(area.x, charts[0].toDomXCoord(band.from * 1000));
			const right = Math.min(area.x + area.w, charts[0].toDomXCoord(band.to * 1000));
			const words = band.words + "; " + period(band.from, band.to) + " " + zoneName();

			button.type = "button";
			button.className = band.kind + (band.excused ? " excused" : "");
			button.setAttribute("aria-label", words);
			button.title = words;
			button.style.left = left + "px"; /* the CSSOM's: the policy lets it */
			button.style.width = Math.max(5, right - left) + "px";
			["focus", "pointerenter"].forEach((event) => button.addEventListener(event, () => say(words)));
			button.addEventListener("click", () => {
				const margin = Math.max(SPAN_MIN, (band.to - band.from) / 2);

				go(bounded(band.from - margin, band.to + margin));
			});
			return button;
		}));
	}

	/* --- what is under the cursor --- */

	function tellSide(row, direction) {
		const mean = row[shown.column[direction + "_bps"]], most = row[shown.column[direction + "_bps_max"]];

		if (mean === null)
			return direction + " unknown";
		return direction + " " + si(mean, "bit/s") + (most !== null && most > mean * 1.005 ? " (at most " + si(most, "bit/s") + ")" : "");
	}

	function tell(i) {
		const row = shown.series.rows[i], from = shown.start + i * shown.step, to = from + shown.step;

		if (!row)
			return;
		cursor = i;
		const words = [tellSide(row, "out"), tellSide(row, "in")];
		shown.capacities.filter((c) => c.from <= from).slice(-1).forEach((c) => {
			if (c.physical !== null)
				words.push("capacity " + si(c.physical, "bit/s"));
			if (c.contracted !== null)
				words.push("contract " + si(c.contracted, "bit/s"));
		});
		["discards", "errors"].forEach((what) => ["out", "in"].forEach((direction) => {
			const value = row[shown.column[direction + "_" + what]];

			if (value !== null && value > 0)
				words.push(what + " " + direction + " " + si(value, "/s"));
		}));
		shown.bands.filter((b) => b.from < to && b.to > from).forEach((b) => words.push(b.words));
		say(period(from, to) + " " + zoneName() + ": " + words.join("; "));
	}

	/* What is the same is not read out again. */
	function say(words) {
		if (said.textContent !== words)
			said.textContent = words;
	}

	/* --- the same figures, as a table: made while somebody looks at it --- */

	const FIGURES = [["Out, mean", "out_bps", "bit/s"], ["Out, greatest", "out_bps_max", "bit/s"], ["In, mean", "in_bps", "bit/s"],
			 ["In, greatest", "in_bps_max", "bit/s"], ["Discards out", "out_discards", "/s"], ["Discards in", "in_discards", "/s"],
			 ["Errors out", "out_errors", "/s"], ["Errors in", "in_errors", "/s"]];

	function element(name, text, attributes) {
		const made = document.createElement(name);

		made.textContent = text;
		Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
		return made;
	}

	function figureRow(row, i) {
		const from = shown.start + i * shown.step, line = document.createElement("tr");

		line.append(element("th", period(from, from + shown.step), { scope: "row" }));
		FIGURES.forEach(([title, column, unit]) => {
			const value = row[shown.column[column]];

			line.append(element("td", value === null ? "unknown" : si(value, unit), { class: "num", "data-label": title }));
		});
		return line;
	}

	function tellFigures() {
		const place = at("chart-figures");

		if (!place.open || shown === null)
			return;
		const table = element("table", "", { class: "figures" }), head = document.createElement("thead");
		const titles = document.createElement("tr"), body = document.createElement("tbody");

		table.append(element("caption", "Traffic from " + period(shown.view.from, shown.view.to) + ", times of " + zoneName()));
		titles.append(element("th", "Time", { scope: "col" }),
			      ...FIGURES.map(([title]) => element("th", title, { scope: "col", class: "num" })));
		head.append(titles);
		body.append(...shown.series.rows.map(figureRow));
		table.append(head, body);
		at("chart-table").replaceChildren(table);
	}

	at("chart-figures").addEventListener("toggle", tellFigures);

	function pointAt(event, graph) {
		const x = event.clientX - graph.graphDiv.getBoundingClientRect().left;

		return graph.toDataXCoord(x) / 1000;
	}

	["pointermove", "pointerdown"].forEach((what) => [plot, lost].forEach((place, i) => place.addEventListener(what, (event) => {
		if (charts !== null)
			tell(Math.floor((pointAt(event, charts[i]) - shown.start) / shown.step));
	})));

	/* --- moving about --- */

	/* Shows a view; one that somebody chose becomes a step of the browser's history. */
	function go(next, silent) {
		view = next;
		if (view.live !== null) {
			view.to = liveEnd(SPANS[view.live]);
			view.from = view.to - SPANS[view.live];
		}
		if (!silent && toUrl(view) !== location.pathname + location.search)
			history.pushState(null, "", toUrl(view));
		section.querySelectorAll("[data-span]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.span === view.live)));
		at("chart-zone").textContent = view.zone === "utc" ? "Times in UTC" : "Times of " + section.dataset.zone;
		if (!silent)
			cursor = null;
		load(Object.assign({}, view));
	}

	function zoom(factor, around) {
		const middle = around === undefined ? (view.from + view.to) / 2 : around;

		go(bounded(middle - (middle - view.from) * factor, middle + (view.to - middle) * factor));
	}

	function pan(share) {
		const by = (view.to - view.from) * share;

		go(bounded(view.from + by, view.to + by));
	}

	/* The same, shown at once and asked for when the hand rests. */
	function slide(from, to) {
		const next = bounded(from, to);

		charts.forEach((graph) => graph.updateOptions({ dateWindow: [next.from * 1000, next.to * 1000] }));
	}

	/* --- fingers: one moves the time, two move and stretch it; up and down is the page's (touch-action: pan-y) ---
	 * Each finger holds the instant that it was put on: where it is, that instant is drawn. */

	let held = []; /* { id, sec, x, y }: the instant, and where the finger was put down */
	let isMoving = false; /* sideways, or by two */
	const FINGERS_APART = 12; /* pixels: closer, two tell no stretch */

	const fingersOn = (event, graph) => [...event.targetTouches].slice(0, 2).map((touch) => (
		{ id: touch.identifier, x: touch.clientX - graph.graphDiv.getBoundingClientRect().left, y: touch.clientY }));

	function putFingers(event, graph) {
		held = fingersOn(event, graph).map((finger) => Object.assign(finger, { sec: graph.toDataXCoord(finger.x) / 1000 }));
		isMoving = held.length > 1;
	}

	function moveFingers(event, graph) {
		const now = fingersOn(event, graph), area = graph.getArea(), seen = graph.xAxisRange().map((ms) => ms / 1000);

		if (now.length === 0 || now.length !== held.length || now.some((finger, i) => finger.id !== held[i].id))
			return;
		const aside = Math.abs(now[0].x - held[0].x);
		isMoving = isMoving || (aside > 6 && aside > Math.abs(now[0].y - held[0].y));
		if (!isMoving)
			return; /* nothing is prevented: the page may scroll */
		let secPerPixel = (seen[1] - seen[0]) / area.w;
		const apart = now.length === 2 ? now[1].x - now[0].x : 0, was = now.length === 2 ? held[1].x - held[0].x : 0;
		if (Math.abs(apart) >= FINGERS_APART && Math.abs(was) >= FINGERS_APART && apart * was > 0)
			secPerPixel = (held[1].sec - held[0].sec) / apart;
		const from = held[0].sec - (now[0].x - area.x) * secPerPixel;
		slide(from, from + area.w * secPerPixel);
	}

	/* dygraphs' own hands: drag to zoom, shift and drag to pan; a double click zooms out. */
	const hands = Object.assign({}, Dygraph.defaultInteractionModel, {
		touchstart: putFingers,
		touchmove: moveFingers,
		touchend: putFingers,
		touchcancel: () => { held = []; },
		dblclick: (event, graph) => zoom(2, pointAt(event, graph)),
		wheel: (event, graph) => {
			const seen = graph.xAxisRange().map((ms) => ms / 1000), x = pointAt(event, graph);

			if (event.ctrlKey || event.metaKey) { /* the bare wheel scrolls the page */
				const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200)));

				event.preventDefault();
				slide(x - (x - seen[0]) * factor, x + (seen[1] - x) * factor);
			} else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
				const by = (seen[1] - seen[0]) * event.deltaX / 800;

				event.preventDefault();
				slide(seen[0] + by, seen[1] + by);
			}
		},
	});

	/* After a hand moved a chart: once it rests, what is seen now is asked for. */
	function onDrawn(graph, isInitial) {
		const seen = graph.xAxisRange().map((ms) => Math.round(ms / 1000));

		if (isInitial || (Math.abs(seen[0] - view.from) < 1 && Math.abs(seen[1] - view.to) < 1))
			return;
		clearTimeout(settling);
		settling = setTimeout(settle, 250);
	}

	function settle() {
		const seen = charts[0].xAxisRange().map((ms) => Math.round(ms / 1000));

		if (held.length > 0)
			settling = setTimeout(settle, 250); /* fingers are on it still */
		else
			go(bounded(seen[0], seen[1]));
	}

	const KEYS = { ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), PageUp: () => pan(-1), PageDown: () => pan(1),
		       "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
		       End: () => go({ live: "day", zone: view.zone }) };

	plot.addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey || charts === null)
			return;
		if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
			const step = event.key === "ArrowLeft" ? -1 : 1, last = shown.series.rows.length - 1;

			event.preventDefault();
			tell(Math.max(0, Math.min(last, (cursor === null ? last : cursor) + step)));
		} else if (KEYS[event.key]) {
			event.preventDefault();
			KEYS[event.key]();
		}
	});

	const BUTTONS = { earlier: () => pan(-0.5), later: () => pan(0.5), closer: () => zoom(0.5), wider: () => zoom(2),
			  zone: () => go(Object.assign({}, view, { zone: view.zone === "utc" ? "exchange" : "utc" })) };

	section.addEventListener("click", (event) => {
		const button = event.target.closest("button");

		if (button === null)
			return;
		if (button.dataset.span)
			go({ live: button.dataset.span, zone: view.zone });
		else if (BUTTONS[button.dataset.act])
			BUTTONS[button.dataset.act]();
	});

	window.addEventListener("popstate", () => go(fromUrl(), true));

	/* --- what can be taken away: pictures and numbers of just this view --- */

	function tellLinks() {
		const seen = "from=" + rfc3339(shown.view.from) + "&to=" + rfc3339(shown.view.to);

		at("chart-png").href = "/graphs/ports/" + port + ".png?" + seen + "&width=1000&height=300";
		at("chart-svg").href = "/graphs/ports/" + port + ".svg?" + seen + "&width=1000&height=300";
		at("chart-csv").href = "/api/v1/ports/" + port + "/series.csv?" + seen + "&step=" + shown.step;
	}

	/* --- now --- */

	/* The page without a script renews itself whole; with it, only what lives, and the chart where it reaches to now. */
	async function renewPage() {
		const answer = await fetch(location.href, { cache: "no-cache" });

		if (!answer.ok || answer.redirected)
			return;
		const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
		ixwatchAge.heard(answer);
		at("main").dataset.round = fresh.getElementById("main").dataset.round;
		[".asof", ".banner", ".sides", "dl.facts.card"].forEach((name) => {
			const old = document.querySelector(name), next = fresh.querySelector(name);

			if (old !== null && next !== null && !old.contains(document.activeElement))
				old.replaceWith(document.importNode(next, true));
		});
	}

	setInterval(() => {
		if (document.hidden)
			return;
		renewPage().catch(() => { note.textContent = "The server does not answer; what is shown is older than it says."; });
		if (held.length > 0 || plot.matches(":active") || lost.matches(":active"))
			return; /* a hand holds it */
		if (view.live !== null)
			go(view, true);
		else if (view.to >= nowSec())
			load(Object.assign({}, view));
	}, Math.max(5, refreshSec) * 1000);

	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (charts !== null) draw(); });
	window.addEventListener("resize", () => {
		clearTimeout(settling);
		settling = setTimeout(() => load(Object.assign({}, view)), 300);
	});

	section.hidden = false;
	/* For who looks from the console, and for tests. */
	window.ixwatchChart = { charts: () => charts, shown: () => shown };
	go(fromUrl(), true);
})();
