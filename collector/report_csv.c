/* report_csv.c - see report_csv.h; a line's form is notify/letter.h's. */
#include "report_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter.h"

bool
report_csv_add(struct report_csv *csv, const struct report_view *view, struct error *err)
{
	struct report_csv_part *grown = realloc(csv->parts, (csv->count + 1) * sizeof(*csv->parts));
	struct report_csv_part part = { .port_id = view->port->port.id };
	char row[LETTER_CSV_ROW_SIZE];
	FILE *out;

	if (grown != NULL)
		csv->parts = grown;
	out = grown != NULL ? open_memstream(&part.text, &part.len) : NULL;
	for (size_t i = 0; out != NULL && i < view->step_count; i++)
		fputs(letter_csv_row(row, part.port_id, &view->steps[i]), out);
	if (out == NULL || fclose(out) != 0) {
		free(part.text);
		return error_set(err, ERR_NOMEM, "samples of a week: out of memory");
	}
	csv->parts[csv->count++] = part;
	return true;
}

static int
compare_parts(const void *left, const void *right)
{
	const struct report_csv_part *a = left, *b = right;

	return a->port_id < b->port_id ? -1 : a->port_id > b->port_id;
}

char *
report_csv_text(struct report_csv *csv)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	if (csv->count > 0)
		qsort(csv->parts, csv->count, sizeof(*csv->parts), compare_parts);
	fputs(LETTER_CSV_HEADER, out);
	for (size_t i = 0; i < csv->count; i++)
		fwrite(csv->parts[i].text, 1, csv->parts[i].len, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void
report_csv_end(struct report_csv *csv)
{
	for (size_t i = 0; i < csv->count; i++)
		free(csv->parts[i].text);
	free(csv->parts);
	*csv = (struct report_csv) { 0 };
}
