/* decimal_text.c - a double as the shortest of 15 or 17 digits that reads back the same: "%.15g", else "%.17g".
 *
 * What a port carries lies between 1 and 2^53 bit/s or packets a second, and there the work can be done in integers of 128
 * bits, exactly: the double is m * 2^-s, its digits those of m * 10^k / 2^s, rounded half to even as the C library rounds.
 * Whether fewer digits read back the same is seen from their distance to it.  Everything else is the C library's. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

#define MANTISSA_BITS 53
#define SHORT_DIGITS  15
#define LONG_DIGITS   17
#define DECIMALS_MAX  16

typedef unsigned __int128 wide;

static const uint64_t power_of_10[] = {
	UINT64_C(1),
	UINT64_C(10),
	UINT64_C(100),
	UINT64_C(1000),
	UINT64_C(10000),
	UINT64_C(100000),
	UINT64_C(1000000),
	UINT64_C(10000000),
	UINT64_C(100000000),
	UINT64_C(1000000000),
	UINT64_C(10000000000),
	UINT64_C(100000000000),
	UINT64_C(1000000000000),
	UINT64_C(10000000000000),
	UINT64_C(100000000000000),
	UINT64_C(1000000000000000),
	UINT64_C(10000000000000000),
};

/* value = mantissa / 2^shift, with mantissa below 2^53; 1 <= value < 2^53. */
struct binary {
	uint64_t mantissa;
	unsigned shift;
};

static struct binary
binary_of(double value)
{
	int exponent;
	double fraction = frexp(value, &exponent);

	return (struct binary) { .mantissa = (uint64_t)ldexp(fraction, MANTISSA_BITS),
				 .shift = (unsigned)(MANTISSA_BITS - exponent) };
}

static unsigned
whole_digits(double value)
{
	unsigned digits = 1;

	while (digits < DECIMALS_MAX && value >= (double)power_of_10[digits])
		digits++;
	return digits;
}

/* value * 10^decimals, rounded half to even. */
static uint64_t
scaled(const struct binary *b, unsigned decimals)
{
	wide exact = (wide)b->mantissa * power_of_10[decimals];
	wide half = b->shift > 0 ? (wide)1 << (b->shift - 1) : 0;
	wide rest = exact & (((wide)1 << b->shift) - 1);
	uint64_t digits = (uint64_t)(exact >> b->shift);

	if (b->shift > 0 && (rest > half || (rest == half && (digits & 1) != 0)))
		digits++;
	return digits;
}

/* Whether digits / 10^decimals is nearer to this double than to the next on either side. */
static bool
reads_back(const struct binary *b, uint64_t digits, unsigned decimals)
{
	wide exact = (wide)b->mantissa * power_of_10[decimals], told = (wide)digits << b->shift;
	wide distance = told > exact ? told - exact : exact - told;

	return 2 * distance < power_of_10[decimals];
}

/* Without the zeros that end it; octets.  What stands before the point is not 0. */
static size_t
put_digits(char *dst, uint64_t digits, unsigned decimals)
{
	char text[24];
	size_t at = sizeof(text);

	while (decimals > 0 && digits % 10 == 0) {
		digits /= 10;
		decimals--;
	}
	for (unsigned n = 1; digits > 0; digits /= 10, n++) {
		text[--at] = (char)('0' + digits % 10);
		if (n == decimals)
			text[--at] = '.';
	}
	memcpy(dst, text + at, sizeof(text) - at);
	return sizeof(text) - at;
}

/* A power of two has its lower neighbour at half the distance: such a one goes to the library. */
static bool
is_plain(double value)
{
	int exponent;

	return value >= 1 && value < 9e15 && frexp(value, &exponent) != 0.5;
}

static size_t
put_by_library(char dst[DECIMAL_SIZE], double value)
{
	snprintf(dst, DECIMAL_SIZE, "%.15g", value);
	if (strtod(dst, NULL) != value)
		snprintf(dst, DECIMAL_SIZE, "%.17g", value);
	char *comma = strchr(dst, ','); /* of a locale */
	if (comma != NULL)
		*comma = '.';
	return strlen(dst);
}

size_t
decimal_text(char dst[DECIMAL_SIZE], double value)
{
	struct binary b;
	unsigned whole, decimals;
	uint64_t digits;
	size_t len;

	if (value == 0 && !signbit(value)) {
		memcpy(dst, "0", 2);
		return 1;
	}
	if (!is_plain(value))
		return put_by_library(dst, value);
	b = binary_of(value);
	whole = whole_digits(value);
	if (whole >= SHORT_DIGITS) /* rounded up it may need an exponent */
		return put_by_library(dst, value);
	decimals = SHORT_DIGITS - whole;
	digits = scaled(&b, decimals);
	if (!reads_back(&b, digits, decimals)) {
		decimals = LONG_DIGITS - whole;
		digits = scaled(&b, decimals);
	}
	len = put_digits(dst, digits, decimals);
	dst[len] = '\0';
	return len;
}
