/* digest.c - [GnuTLS] SHA-256; random octets from the kernel. */
#include "ixwatch/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

void
digest_of(unsigned char digest[DIGEST_LEN], const void *data, size_t len)
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, digest) != 0)
		abort(); /* only without the algorithm, or in a self-test's error state: nothing may be let in */
}

bool
digest_of_file(unsigned char digest[DIGEST_LEN], int fd, uint64_t len)
{
	gnutls_hash_hd_t hash;
	char piece[65536];
	uint64_t done = 0;

	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
		return false;
	while (done < len) {
		size_t room = len - done < sizeof(piece) ? (size_t)(len - done) : sizeof(piece);
		ssize_t got = pread(fd, piece, room, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || gnutls_hash(hash, piece, (size_t)got) != 0)
			break;
		done += (uint64_t)got;
	}
	gnutls_hash_deinit(hash, digest);
	return done == len;
}

bool
digest_equal(const unsigned char a[DIGEST_LEN], const unsigned char b[DIGEST_LEN])
{
	unsigned differs = 0;

	for (size_t i = 0; i < DIGEST_LEN; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

void
digest_format(char hex[DIGEST_HEX], const unsigned char digest[DIGEST_LEN])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_LEN; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[DIGEST_HEX - 1] = '\0';
}

static int
value_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool
digest_parse(unsigned char digest[DIGEST_LEN], const char *hex)
{
	if (strlen(hex) != DIGEST_HEX - 1)
		return false;
	for (size_t i = 0; i < DIGEST_LEN; i++) {
		int high = value_of(hex[2 * i]), low = value_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void
digest_random(char hex[DIGEST_HEX])
{
	unsigned char octets[DIGEST_LEN];
	size_t have = 0;

	while (have < sizeof(octets)) {
		ssize_t got = getrandom(octets + have, sizeof(octets) - have, 0);

		if (got > 0)
			have += (size_t)got;
	}
	digest_format(hex, octets);
	explicit_bzero(octets, sizeof(octets));
}
