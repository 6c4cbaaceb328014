/* percentile.c - nearest rank, by selection: no number is made up between two samples. */
#include <math.h>
#include <stddef.h>

#include "detect/detector.h"

static void
swap(double *a, double *b)
{
	double kept = *a;

	*a = *b;
	*b = kept;
}

/* The middle one of three goes first, so that sorted and constant series are no bad case. */
static double
choose_pivot(double *values, size_t low, size_t high)
{
	size_t middle = low + (high - low) / 2;

	if (values[middle] < values[low])
		swap(&values[middle], &values[low]);
	if (values[high] < values[low])
		swap(&values[high], &values[low]);
	if (values[high] < values[middle])
		swap(&values[high], &values[middle]);
	return values[middle];
}

/* The value that would stand at `rank` if they were sorted. */
static double
select_rank(double *values, size_t count, size_t rank)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		double pivot = choose_pivot(values, low, high);
		size_t i = low, j = high;

		for (;; i++, j--) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&values[i], &values[j]);
		}
		if (rank <= j)
			high = j;
		else
			low = j + 1;
	}
	return values[rank];
}

double
detector_percentile(double *values, size_t count, unsigned percent)
{
	return count == 0 ? NAN : select_rank(values, count, (percent * count + 99) / 100 - 1);
}

double
detector_percentile_95(double *values, size_t count)
{
	return detector_percentile(values, count, 95);
}
