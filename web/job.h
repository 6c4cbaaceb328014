/* job.h - what the serving process asks of a worker process: one picture, one stretch of a series as JSON,
 * one password compared, or one request to the collector.
 *
 * A job is plain data of fixed size, written whole over a socket between processes of the same program.  Its path comes
 * from the port table, never from a request. */
#ifndef WEB_JOB_H
#define WEB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/series.h"

#define JOB_KEY_MAX    128
#define JOB_PATH_MAX   1024
#define JOB_TITLE_MAX  256
#define JOB_ZONE_MAX   64
#define JOB_BANDS_MAX  256
#define JOB_OTHERS_MAX 16
#define JOB_TEXT_MAX   16384

enum job_kind { JOB_DRAW, JOB_SERIES, JOB_HEAT, JOB_SPARK, JOB_PASSWORD, JOB_ACT };

struct job_span {
	int64_t from_utc_sec, to_utc_sec;
};

struct job {
	char key[JOB_KEY_MAX]; /* names the answer: equal keys, equal answers for a while */
	enum job_kind kind;
	int64_t port_id;         /* whose series is flushed first */
	char path[JOB_PATH_MAX]; /* of the series, relative to the state directory */
	int64_t from_utc_sec, to_utc_sec;
	int64_t
	    seen_from_utc_sec; /* no row that begins before is for who asks; from is not before it either */
	/* JOB_SERIES; from = to: no row at all */
	uint32_t step_sec; /* at least; 0: the finest */
	bool as_sheet;     /* CSV instead of JSON */
	/* JOB_DRAW; the meaning of each is series.h's */
	char title[JOB_TITLE_MAX];
	char timezone[JOB_ZONE_MAX];
	uint32_t width_px, height_px;
	enum series_image image;
	bool dark;
	double contracted_bps;
	uint32_t band_count;
	struct series_band bands[JOB_BANDS_MAX];
	/* JOB_HEAT, beside what a picture has: HEAT_DAYS traffic days from first_day on */
	bool excused[JOB_BANDS_MAX]; /* of each band */
	bool contract_billed;
	int32_t first_day, day_start_sec;
	uint32_t other_count;
	struct job_span others[JOB_OTHERS_MAX]; /* when the port was another peer's */
	double congested_share, clear_share;
	/* JOB_SPARK: the ids of ports (spark.h); JOB_PASSWORD: the hash, NUL, the password; JOB_ACT: the request to the collector, JSON */
	char text[JOB_TEXT_MAX];
};

/* Before the answer's octets. */
struct job_answer {
	uint32_t ok;   /* 0: what follows is a sentence */
	uint32_t code; /* enum error_code */
	uint64_t len;
};
#define JOB_ANSWER_MAX (32u << 20)
#define JOB_ROWS_MAX   5000

#endif
