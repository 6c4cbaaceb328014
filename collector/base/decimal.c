/* decimal.c - body of decimal.h.
 *
 * Three ways, each exact, the quicker first: up to 2^53 and a power of ten up to 10^22 are both exact in a double, so one
 * product or quotient is the nearest (W. D. Clinger, PLDI 1990); up to 19 digits are divided as integers, with more bits than
 * a double has and one bit for the rest; anything else goes to strtod. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/decimal.h"

#define DIGITS_MAX 19 /* of a uint64_t, whatever they are */

/* Exact, and the first 20 of them exact as integers of 64 bits too. */
static const double power_of_10[] = {
	1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

struct scan {
	uint64_t mantissa; /* of the first DIGITS_MAX significant digits */
	unsigned digits;   /* significant ones, leading zeros not counted */
	int64_t exponent;  /* value = mantissa * 10^exponent while digits <= DIGITS_MAX */
	bool negative;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
add_digit(struct scan *scan, char c)
{
	if (scan->digits > 0 || c != '0')
		scan->digits++;
	if (scan->digits <= DIGITS_MAX)
		scan->mantissa = scan->mantissa * 10 + (uint64_t)(c - '0');
}

/* "e9", "E-3"; an exponent beyond any double's is cut at a million. */
static const char *
scan_exponent(struct scan *scan, const char *at)
{
	bool negative = *at == '-';
	int64_t exponent = 0;

	if (*at == '-' || *at == '+')
		at++;
	if (!is_digit(*at))
		return NULL;
	for (; is_digit(*at); at++) {
		if (exponent < 1000000)
			exponent = exponent * 10 + (*at - '0');
	}
	scan->exponent += negative ? -exponent : exponent;
	return at;
}

/* The end of the number, NULL when there is none. */
static const char *
scan_number(struct scan *scan, const char *text)
{
	const char *at = text + (text[0] == '-');
	const char *first = at;

	scan->negative = text[0] == '-';
	for (; is_digit(*at); at++)
		add_digit(scan, *at);
	const char *point = *at == '.' ? at++ : NULL;
	for (; point != NULL && is_digit(*at); at++) {
		add_digit(scan, *at);
		scan->exponent--;
	}
	if (at - first - (point != NULL) == 0)
		return NULL;
	return *at == 'e' || *at == 'E' ? scan_exponent(scan, at + 1) : at;
}

/* mantissa / 10^power, rounded once: a quotient of 62 or 63 bits, the lowest of them set when there is a rest. */
static double
divided(uint64_t mantissa, unsigned power)
{
	uint64_t divisor = (uint64_t)power_of_10[power];
	int up = __builtin_clzll(mantissa), down = __builtin_clzll(divisor);
	unsigned __int128 dividend = (unsigned __int128)(mantissa << up) << 62;

	divisor <<= down;
	uint64_t quotient = (uint64_t)(dividend / divisor);
	quotient |= (unsigned __int128)quotient * divisor != dividend;
	return ldexp((double)quotient, down - up - 62);
}

static bool
scaled_exactly(const struct scan *scan, double *value)
{
	if (scan->digits > DIGITS_MAX)
		return false;
	if (scan->mantissa == 0)
		*value = 0;
	else if (scan->mantissa <= 1ULL << 53 && scan->exponent >= 0 && scan->exponent <= 22)
		*value = (double)scan->mantissa * power_of_10[scan->exponent];
	else if (scan->mantissa <= 1ULL << 53 && scan->exponent < 0 && scan->exponent >= -22)
		*value = (double)scan->mantissa / power_of_10[-scan->exponent];
	else if (scan->exponent < 0 && scan->exponent >= -DIGITS_MAX)
		*value = divided(scan->mantissa, (unsigned)-scan->exponent);
	else
		return false;
	return true;
}

bool
decimal_parse(const char *text, size_t len, double *value)
{
	struct scan scan = { 0 };
	double size;
	char *end;

	if (len == 0 || scan_number(&scan, text) != text + len)
		return false;
	if (scaled_exactly(&scan, &size)) {
		*value = scan.negative ? -size : size;
		return true;
	}
	*value = strtod(text, &end);
	return end == text + len;
}
