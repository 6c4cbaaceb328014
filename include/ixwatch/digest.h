/* digest.h - SHA-256 and random octets: what sessions and tokens are made of and kept as. */
#ifndef IXWATCH_DIGEST_H
#define IXWATCH_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN 32
#define DIGEST_HEX (2 * DIGEST_LEN + 1) /* with the terminator */

/* SHA-256 (FIPS 180-4) of the octets. */
void digest_of(unsigned char digest[DIGEST_LEN], const void *data, size_t len);
/* The same of the first len octets of an open file, piece by piece; where it is read from next stays.  False: they cannot be
 * read. */
bool digest_of_file(unsigned char digest[DIGEST_LEN], int fd, uint64_t len);

/* In time that does not depend on where they differ. */
bool digest_equal(const unsigned char a[DIGEST_LEN], const unsigned char b[DIGEST_LEN]);

/* Lower-case hexadecimal, terminated; and back: exactly 64 such digits, terminated. */
void digest_format(char hex[DIGEST_HEX], const unsigned char digest[DIGEST_LEN]);
bool digest_parse(unsigned char digest[DIGEST_LEN], const char *hex);

/* 256 random bits from the kernel, as hexadecimal.  There is no failure: a kernel without any is waited for. */
void digest_random(char hex[DIGEST_HEX]);

#endif
