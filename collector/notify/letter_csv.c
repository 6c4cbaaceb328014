/* letter_csv.c - lines of the CSV beside a letter: see letter.h.  Numbers are written so that they read back the same. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/decimal.h"
#include "notify/letter.h"

static size_t
put_number(char *dst, size_t len, double number)
{
	if (len < DECIMAL_SIZE + 1)
		return 0;
	dst[0] = ',';
	dst[1] = '\0';
	return 1 + (isfinite(number) ? decimal_text(dst + 1, number) : 0);
}

char *
letter_csv_row(char dst[LETTER_CSV_ROW_SIZE], int64_t port_id, const struct sample *sample)
{
	static const enum column columns[] = { COLUMN_IN_BPS,      COLUMN_OUT_BPS,
					       COLUMN_IN_PPS,      COLUMN_OUT_PPS,
					       COLUMN_IN_DISCARDS, COLUMN_OUT_DISCARDS,
					       COLUMN_CAPACITY_BPS };
	size_t used = (size_t)snprintf(dst, LETTER_CSV_ROW_SIZE, "%" PRId64 ",%" PRId64, port_id,
				       sample->end_utc_sec);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		used +=
		    put_number(dst + used, LETTER_CSV_ROW_SIZE - used, sample->value[columns[i]]);
	snprintf(dst + used, LETTER_CSV_ROW_SIZE - used, "\n");
	return dst;
}
