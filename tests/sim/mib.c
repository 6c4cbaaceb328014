/* mib.c - finds instances by name, and the next one (see mib.h). */
#include "mib.h"

static int
compare_ids(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_len == b_len ? 0 : a_len < b_len ? -1 : 1;
}

static const struct rows *
rows_of(const struct box *box, const struct mib_object *object)
{
	return &box->tables[object->table];
}

static bool
is_under(const struct mib_object *object, const struct oid *name)
{
	return name->len >= object->oid_len &&
	       compare_ids(object->oid, object->oid_len, name->id, object->oid_len) == 0;
}

/* The first object that is not wholly before the name: the one above it, else the next one. */
static size_t
object_at(const struct oid *name)
{
	size_t low = 0, high = mib_object_count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct mib_object *object = &mib_objects[mid];

		if (compare_ids(object->oid, object->oid_len, name->id, name->len) < 0 &&
		    !is_under(object, name))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first row whose index is at or after the one given. */
static size_t
row_at(const struct rows *rows, const uint32_t *index, size_t index_len)
{
	size_t low = 0, high = rows->count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct row *row = &rows->row[mid];

		if (compare_ids(row->index, row->index_len, index, index_len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
row_is(const struct rows *rows, size_t row, const uint32_t *index, size_t index_len)
{
	return row < rows->count &&
	       compare_ids(rows->row[row].index, rows->row[row].index_len, index, index_len) == 0;
}

enum mib_found
mib_find(const struct box *box, const struct oid *name, struct mib_instance *instance)
{
	size_t at = object_at(name);
	const struct mib_object *object = &mib_objects[at];
	const struct rows *rows;

	if (at == mib_object_count || !is_under(object, name))
		return MIB_NO_OBJECT;
	rows = rows_of(box, object);
	instance->object = object;
	instance->row = row_at(rows, name->id + object->oid_len, name->len - object->oid_len);
	return row_is(rows, instance->row, name->id + object->oid_len, name->len - object->oid_len)
		   ? MIB_FOUND
		   : MIB_NO_INSTANCE;
}

/* Moves on to the next object that has rows when this one has none left. */
static struct mib_instance
settle(const struct box *box, struct mib_instance instance)
{
	const struct mib_object *end = mib_objects + mib_object_count;

	while (instance.object < end && instance.row >= rows_of(box, instance.object)->count) {
		instance.object++;
		instance.row = 0;
	}
	if (instance.object == end)
		instance.object = NULL;
	return instance;
}

struct mib_instance
mib_after(const struct box *box, const struct oid *name)
{
	size_t at = object_at(name);
	struct mib_instance instance = { &mib_objects[at], 0 };
	const struct mib_object *object = instance.object;

	if (at < mib_object_count && is_under(object, name)) {
		const uint32_t *index = name->id + object->oid_len;
		size_t index_len = name->len - object->oid_len;

		instance.row = row_at(rows_of(box, object), index, index_len);
		if (row_is(rows_of(box, object), instance.row, index, index_len))
			instance.row++;
	}
	return settle(box, instance);
}

struct mib_instance
mib_next(const struct box *box, struct mib_instance instance)
{
	instance.row++;
	return settle(box, instance);
}

const struct row *
mib_row(const struct box *box, struct mib_instance instance)
{
	return &rows_of(box, instance.object)->row[instance.row];
}

void
mib_get(struct box *box, struct mib_instance instance, struct mib_value *value)
{
	instance.object->get(box, mib_row(box, instance)->interface, instance.object->what, value);
}
