/* worker.c - the worker process.  rrdtool's drawing is slow, not thread-safe and sometimes crashes, so it happens here.
 *
 * Before a series is read the collector is asked to write what it still holds of it; without a collector, what is on
 * disk is shown. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/json.h"
#include "ixwatch/log.h"
#include "ixwatch/password.h"
#include "ixwatch/units.h"

#include "heat.h"
#include "html.h"
#include "job.h"
#include "sheet.h"
#include "spark.h"
#include "worker.h"

#define MEMORY_MAX       (UINT64_C(1) << 30)
#define PICTURES_MAX     2000 /* then the parent starts a fresh one: what librrd loses stays small */
#define FLUSH_TIMEOUT_MS 500
#define FLUSH_AGAIN_MS   1000 /* a page asks for four pictures of a port at once */
#define FLUSH_PAUSE_MS   5000 /* after a collector that listens but does not answer */
#define FLUSH_REMEMBERED 64
#define ACT_TIMEOUT_MS   4000 /* the pool gives up after 5 s */

static struct flushed {
	int64_t port_id;
	int64_t at_mono_ms;
} flushed[FLUSH_REMEMBERED];
static int64_t flush_pause_until_ms;

/* Whether the port was flushed a moment ago; if not, it counts as flushed now. */
static bool
remember_flush(int64_t port_id, int64_t now_ms)
{
	struct flushed *slot = &flushed[(uint64_t)port_id % FLUSH_REMEMBERED];

	if (slot->port_id == port_id && now_ms - slot->at_mono_ms < FLUSH_AGAIN_MS)
		return true;
	*slot = (struct flushed) { port_id, now_ms };
	return false;
}

static void
flush_port(const char *state_dir, const struct job *job)
{
	struct json *request, *answer = NULL;
	struct error err;
	int64_t now_ms = clock_mono_ms();

	if (now_ms < flush_pause_until_ms || remember_flush(job->port_id, now_ms))
		return;
	request = json_object_new();
	json_put_text(request, "op", "flush");
	json_put_int(request, "port", job->port_id);
	if (control_ask(state_dir, request, FLUSH_TIMEOUT_MS, &answer, &err))
		json_free(answer);
	else if (clock_mono_ms() - now_ms >= FLUSH_TIMEOUT_MS)
		flush_pause_until_ms = clock_mono_ms() + FLUSH_PAUSE_MS;
	json_free(request);
}

static bool
draw(const char *state_dir, const struct job *job, char **data, size_t *len, struct error *err)
{
	struct series_drawing drawing = {
		.path = job->path,
		.title = job->title,
		.timezone = job->timezone,
		.from_utc_sec = job->from_utc_sec,
		.to_utc_sec = job->to_utc_sec,
		.seen_from_utc_sec = job->seen_from_utc_sec,
		.width_px = job->width_px,
		.height_px = job->height_px,
		.image = job->image,
		.dark = job->dark,
		.contracted_bps = job->contracted_bps,
		.band_count = job->band_count,
		.bands = job->bands,
	};
	unsigned char *picture = NULL;

	if (!series_draw(state_dir, &drawing, &picture, len, err))
		return false;
	*data = (char *)picture;
	return true;
}

/* What stands behind the means of a row: names end with the rest of the API's. */
static const char *const peak_names[DIRECTION_COUNT] = {
	[DIRECTION_IN] = "in_bps_max",
	[DIRECTION_OUT] = "out_bps_max",
};

static void
put_rows(struct json *root, const struct series_rows *rows, const double *peaks)
{
	struct json *columns = json_put_array(root, "columns");
	struct json *list = json_put_array(root, "rows");

	for (unsigned c = 0; c < COLUMN_COUNT; c++)
		json_put_text(columns, "", model_column_name((enum column)c));
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		json_put_text(columns, "", peak_names[d]);
	for (size_t i = 0; i < rows->row_count; i++) {
		struct json *row = json_put_array(list, "");

		for (unsigned c = 0; c < COLUMN_COUNT; c++)
			json_put_number(row, "", rows->value[i * COLUMN_COUNT + c]);
		for (unsigned d = 0; d < DIRECTION_COUNT; d++)
			json_put_number(row, "", peaks[i * DIRECTION_COUNT + d]);
	}
}

/* The series as DESIGN's JSON; what is on disk decides step and start. */
static char *
print_json_dup(const struct job *job, const struct series_rows *rows, const double *peaks,
	       size_t *len)
{
	struct json *root = json_object_new();
	char *text;

	json_put_int(root, "port", job->port_id);
	if (rows->row_count == 0) {
		json_put_null(root, "step_sec");
		json_put_null(root, "start");
	} else {
		json_put_int(root, "step_sec", rows->step_sec);
		json_put_utc(root, "start", rows->start_utc_sec);
	}
	put_rows(root, rows, peaks);
	text = json_print_dup(root, false, len);
	json_free(root);
	return text;
}

/* The same as a sheet: each row's interval, and its values. */
static char *
print_sheet_dup(const struct series_rows *rows, const double *peaks, size_t *len)
{
	struct html text;

	html_init(&text);
	html_raw(&text, "start,end");
	for (unsigned c = 0; c < COLUMN_COUNT; c++)
		html_put(&text, ",%s", model_column_name((enum column)c));
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		html_put(&text, ",%s", peak_names[d]);
	html_raw(&text, SHEET_END);
	for (size_t i = 0; i < rows->row_count; i++) {
		int64_t start = rows->start_utc_sec + (int64_t)i * rows->step_sec;

		sheet_utc(&text, start);
		html_raw(&text, ",");
		sheet_utc(&text, start + rows->step_sec);
		for (unsigned c = 0; c < COLUMN_COUNT; c++) {
			html_raw(&text, ",");
			sheet_number(&text, rows->value[i * COLUMN_COUNT + c]);
		}
		for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
			html_raw(&text, ",");
			sheet_number(&text, peaks[i * DIRECTION_COUNT + d]);
		}
		html_raw(&text, SHEET_END);
	}
	return html_take(&text, len);
}

/* The rows of the job; those that begin before what is seen are left out. */
static bool
read_seen(const char *state_dir, const struct job *job, uint32_t step_sec, size_t rows_max,
	  struct series_rows *rows, struct error *err)
{
	size_t left_out = 0;

	if (job->from_utc_sec == job->to_utc_sec)
		return true;
	if (!series_read(state_dir, job->path, job->from_utc_sec, job->to_utc_sec, step_sec,
			 rows_max, rows, err))
		return false;
	while (left_out < rows->row_count &&
	       rows->start_utc_sec + (int64_t)left_out * rows->step_sec < job->seen_from_utc_sec)
		left_out++;
	if (left_out == 0)
		return true;
	rows->row_count -= left_out;
	rows->start_utc_sec += (int64_t)left_out * rows->step_sec;
	memmove(rows->value, rows->value + left_out * COLUMN_COUNT,
		rows->row_count * COLUMN_COUNT * sizeof(*rows->value));
	return true;
}

static bool
read_series(const char *state_dir, const struct job *job, char **data, size_t *len,
	    struct error *err)
{
	struct series_rows rows = { 0 };
	double *peaks;

	if (!read_seen(state_dir, job, job->step_sec, JOB_ROWS_MAX, &rows, err))
		return false;
	bool done = series_read_peaks(state_dir, job->path, &rows, &peaks, err);
	if (done) {
		*data = job->as_sheet ? print_sheet_dup(&rows, peaks, len)
				      : print_json_dup(job, &rows, peaks, len);
		done = *data != NULL || error_set(err, ERR_NOMEM, "series: out of memory");
		free(peaks);
	}
	series_rows_free(&rows);
	return done;
}

static bool
draw_heat(const char *state_dir, const struct job *job, char **data, size_t *len, struct error *err)
{
	struct series_rows rows = { 0 };

	if (!read_seen(state_dir, job, HEAT_STEP_SEC, HEAT_ROWS_MAX, &rows, err))
		return false;
	bool drawn = heat_draw(job, &rows, data, len, err);
	series_rows_free(&rows);
	return drawn;
}

/* "1" or "0". */
static bool
check_password(const struct job *job, char **data, size_t *len, struct error *err)
{
	const char *hash = job->text, *password = hash + strnlen(hash, JOB_TEXT_MAX - 1) + 1;

	if (job->text[JOB_TEXT_MAX - 1] != '\0' || password >= job->text + JOB_TEXT_MAX)
		return error_set(err, ERR_PARSE, "a job without a password");
	*data = strdup(password_matches(hash, password) ? "1" : "0");
	*len = 1;
	return *data != NULL || error_set(err, ERR_NOMEM, "out of memory");
}

static unsigned
status_of(enum error_code code)
{
	return code == ERR_REFUSED || code == ERR_USAGE ? 400 : 503;
}

/* Asks the collector; that it refuses, or is not there, is an answer, too. */
static bool
act(const char *state_dir, const struct job *job, char **data, size_t *len, struct error *err)
{
	struct json *request, *answer = NULL, *root = json_object_new();
	struct error refusal = { 0 };

	if (!json_parse(&request, job->text, strnlen(job->text, JOB_TEXT_MAX), err)) {
		json_free(root);
		return false;
	}
	if (control_ask(state_dir, request, ACT_TIMEOUT_MS, &answer, &refusal)) {
		json_put_int(root, "status", 200);
		json_put_take(root, "answer", answer);
	} else {
		json_put_int(root, "status", status_of(refusal.code));
		json_put_text(root, "message",
			      refusal.code == ERR_NOT_FOUND
				  ? "no collector is running; nothing was done"
				  : refusal.text);
	}
	*data = json_print_dup(root, false, len);
	json_free(root);
	json_free(request);
	return *data != NULL || error_set(err, ERR_NOMEM, "out of memory");
}

static bool
do_job(const char *state_dir, const struct job *job, char **data, size_t *len, struct error *err)
{
	switch (job->kind) {
	case JOB_DRAW: return draw(state_dir, job, data, len, err);
	case JOB_SERIES: return read_series(state_dir, job, data, len, err);
	case JOB_HEAT: return draw_heat(state_dir, job, data, len, err);
	case JOB_SPARK: return spark_draw(state_dir, job, data, len, err);
	case JOB_PASSWORD: return check_password(job, data, len, err);
	case JOB_ACT: return act(state_dir, job, data, len, err);
	}
	return error_set(err, ERR_PARSE, "a job of no known kind");
}

static bool
read_all(void *data, size_t len)
{
	char *at = data;

	while (len > 0) {
		ssize_t got = read(WORKER_FD, at, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

static bool
write_all(const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t put = write(WORKER_FD, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

static bool
answer(const char *state_dir, const struct job *job)
{
	struct error err = { 0 };
	char *data = NULL;
	size_t len = 0;

	if (job->port_id != 0)
		flush_port(state_dir, job);
	bool ok = do_job(state_dir, job, &data, &len, &err);
	if (!ok && err.code != ERR_NOT_FOUND)
		log_warn("web", "event=job_failed key=\"%s\" reason=\"%s\"", job->key, err.text);
	struct job_answer head = { .ok = ok, .code = err.code, .len = ok ? len : strlen(err.text) };
	bool sent = write_all(&head, sizeof(head)) && write_all(ok ? data : err.text, head.len);
	free(data);
	return sent;
}

/* A picture may cost so much and no more.  Sanitizers map far more than they use. */
static void
limit_self(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	struct rlimit memory = { .rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX };

	setrlimit(RLIMIT_AS, &memory);
#endif
	struct rlimit no_core = { 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ixwatch-graph");
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's business */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

int
worker_main(const char *state_dir)
{
	static struct job job;

	limit_self();
	/* what is done for the collector is never lost to a worker that was about to end: it draws nothing */
	for (unsigned pictures = 0; pictures < PICTURES_MAX && read_all(&job, sizeof(job));) {
		bool done = answer(state_dir, &job);

		pictures += job.kind == JOB_DRAW;
		explicit_bzero(&job, sizeof(job));
		if (!done)
			break;
	}
	return 0;
}
