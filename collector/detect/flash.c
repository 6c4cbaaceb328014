/* flash.c - the state of every day: clusters of congested days, and which of them are excused as a flash event.
 * See /method.
 *
 * A cluster is told from the days at hand each time: days change their minds while a run still grows.  Clusters too far
 * back to matter are left as they were judged. */
#include "detect/course.h"

#define CLUSTER_NEIGHBOUR_DAYS 2 /* at most one other day between */
#define FLASH_DAYS             28
#define UNCLASSIFIED_VALID     3
#define CLUSTER_MAX            160 /* more than fit into the days within reach */

struct cluster {
	uint32_t first, last; /* indices of its first and last congested day */
	bool is_short;        /* spans at most flash-span days */
	bool is_flash, is_unclassified, is_withdrawn;
};

/* B counts days of the last 50, so that their states may still change; a cluster there may have begun flash-span
 * earlier.  What has left this stretch keeps the state that it had. */
uint32_t
course_unsettled_days(const struct detector_settings *settings)
{
	return 50 + settings->flash_span_days + CLUSTER_NEIGHBOUR_DAYS;
}

/* Its excuse asks for the 28 days before a cluster, and for the clusters in them, as long as flash-span. */
uint32_t
course_reach_days(const struct detector_settings *settings)
{
	return course_unsettled_days(settings) + FLASH_DAYS + settings->flash_span_days +
	       CLUSTER_NEIGHBOUR_DAYS;
}

/* Where to begin: within reach, and at no cluster's middle. */
static uint32_t
first_to_judge(const struct course *course, const struct frame *frame)
{
	uint32_t count = course->days.count, reach = course_reach_days(frame->settings);
	uint32_t i = count > reach ? count - reach : 0, apart = 0;

	while (i > 0 && apart < CLUSTER_NEIGHBOUR_DAYS) {
		i--;
		apart = course_day_counts(course, frame, i) ? 0 : apart + 1;
	}
	return i;
}

/* The next cluster from index i on; false when there is none. */
static bool
next_cluster(const struct course *course, const struct frame *frame, uint32_t i,
	     struct cluster *cluster)
{
	uint32_t count = course->days.count;

	while (i < count && !course_day_counts(course, frame, i))
		i++;
	if (i == count)
		return false;
	*cluster = (struct cluster) { .first = i, .last = i };
	for (i++; i < count && i - cluster->last <= CLUSTER_NEIGHBOUR_DAYS; i++)
		if (course_day_counts(course, frame, i))
			cluster->last = i;
	cluster->is_short = cluster->last - cluster->first + 1 <= frame->settings->flash_span_days;
	return true;
}

/* What the baseline says of day i is asked once, and again when its minutes or the cluster's beginning have changed. */
static int64_t
below_sec(struct course *course, struct frame *frame, uint32_t i, uint32_t first)
{
	struct day *day = &course->days.day[i];
	bool is_final;

	if (day->below_known && day->below_first == i - first)
		return (int64_t)day->below_sec;
	day->below_sec = (uint64_t)baseline_below_sec(
	    course, frame, i, day_list_date(&course->days, first), &is_final);
	day->below_first = i - first;
	day->below_known = is_final;
	return (int64_t)day->below_sec;
}

static bool
was_adequate(struct course *course, struct frame *frame, const struct cluster *cluster)
{
	int64_t sustained = 0, below = 0;

	for (uint32_t i = cluster->first; i <= cluster->last; i++) {
		if (!course_day_counts(course, frame, i))
			continue;
		sustained += (int64_t)course->days.day[i].sustained_sec;
		below += below_sec(course, frame, i, cluster->first);
	}
	return 2 * below >= sustained;
}

static bool
is_unclassified(const struct course *course, const struct frame *frame,
		const struct cluster *cluster)
{
	unsigned valid = 0;

	for (uint32_t i = cluster->first, n = 0;
	     i > 0 && n < FLASH_DAYS && valid < UNCLASSIFIED_VALID; n++)
		valid += day_is_valid(&course->days, --i, frame->step_sec, frame->settings);
	return valid < UNCLASSIFIED_VALID;
}

/* Rule 4: A or B needed one of its days, on a day on which it held. */
static bool
is_counted(const struct course *course, const struct frame *frame, const struct cluster *cluster)
{
	for (uint32_t i = cluster->first; i <= cluster->last; i++) {
		const struct day *day = &course->days.day[i];

		if (course_day_counts(course, frame, i) && (day->counted || day->counted_now))
			return true;
	}
	return false;
}

static enum detector_day_state
state_of(const struct course *course, const struct frame *frame, const struct cluster *cluster,
	 uint32_t i)
{
	if (!day_is_congested(&course->days.day[i], frame->settings))
		return day_is_valid(&course->days, i, frame->step_sec, frame->settings)
			   ? DAY_CLEAN
			   : DAY_UNKNOWN;
	if (course_day_is_declared(course, i))
		return DAY_DECLARED;
	if (course_day_is_reduced(course, frame, i))
		return DAY_REDUCED;
	if (cluster->is_unclassified)
		return DAY_UNCLASSIFIED;
	return cluster->is_flash ? DAY_FLASH : DAY_CONGESTED;
}

/* For the days from `from` to before `to`, which holds the cluster at its end, if any. */
static uint32_t
put_states(struct course *course, const struct frame *frame, const struct cluster *cluster,
	   uint32_t from, uint32_t to)
{
	uint32_t unsettled = course_unsettled_days(frame->settings);
	uint32_t settled = course->days.count > unsettled ? course->days.count - unsettled : 0;

	for (uint32_t i = from > settled ? from : settled; i < to; i++) {
		struct day *day = &course->days.day[i];

		day->state = state_of(course, frame, cluster, i);
		day->withdrawn = cluster->is_withdrawn && day->state == DAY_CONGESTED;
	}
	return to;
}

/* Rule 3, "excused or not": withdrawn, unclassified and surplus events take a place, too.  `begun` holds the first days of the clusters so far that meet 1 and 2, this one's last. */
static bool
is_among_the_first(const uint32_t *begun, unsigned begun_count, const struct frame *frame)
{
	uint32_t first = begun[begun_count - 1];
	unsigned count = 0;

	while (count < begun_count && first - begun[begun_count - 1 - count] < FLASH_DAYS)
		count++;
	return count <= frame->settings->flash_count;
}

void
flash_judge(struct course *course, struct frame *frame)
{
	uint32_t begun[CLUSTER_MAX], from = first_to_judge(course, frame);
	unsigned begun_count = 0;
	struct cluster cluster;

	while (next_cluster(course, frame, from, &cluster)) {
		if (cluster.is_short) {
			bool excused = was_adequate(course, frame, &cluster);

			if (excused && begun_count < CLUSTER_MAX)
				begun[begun_count++] = cluster.first;
			cluster.is_unclassified = is_unclassified(course, frame, &cluster);
			excused = excused && is_among_the_first(begun, begun_count, frame);
			cluster.is_withdrawn = excused && is_counted(course, frame, &cluster);
			cluster.is_flash = excused && !cluster.is_withdrawn;
		}
		from = put_states(course, frame, &cluster, from, cluster.last + 1);
	}
	put_states(course, frame, &(struct cluster) { 0 }, from, course->days.count);
}
