/* signed_link.c - [GnuTLS] see signed_link.h. */
#include "ixwatch/signed_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define VERSION      1
#define CODE_LEN     32
#define HEAD_LEN     18 /* version, purpose, expiry, id */
#define CLAIM_MAX    (HEAD_LEN + LINK_SCOPE_MAX)
#define FILE_MAX     4096
#define KEY_HEX      (2 * LINK_KEY_LEN)
#define OTHERS_MODES 0027 /* group may read: the web server may be of another user */

/* --- base64url --- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
encode(char *dst, const unsigned char *src, size_t len)
{
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | src[i];
		for (count += 8; count >= 6; count -= 6)
			*dst++ = digits[bits >> (count - 6) & 63];
	}
	if (count > 0)
		*dst++ = digits[bits << (6 - count) & 63];
	*dst = '\0';
}

/* Octets written; 0 when it is not base64url, is longer than size, or is not how encode would write it: of one token there
 * is one spelling. */
static size_t
decode(unsigned char *dst, size_t size, const char *src)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t len = 0;

	for (; *src != '\0'; src++) {
		const char *digit = strchr(digits, *src);

		if (digit == NULL || len == size)
			return 0;
		bits = bits << 6 | (uint32_t)(digit - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			dst[len++] = (unsigned char)(bits >> count);
		}
	}
	return count < 6 && (bits & ((1u << count) - 1)) == 0 ? len : 0;
}

/* --- claims --- */

static void
put_number(unsigned char *dst, int64_t number)
{
	for (unsigned i = 0; i < 8; i++)
		dst[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i));
}

static int64_t
get_number(const unsigned char *src)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | src[i];
	return (int64_t)number;
}

static void
code_of(unsigned char code[CODE_LEN], const unsigned char key[LINK_KEY_LEN],
	const unsigned char *claim, size_t len)
{
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, LINK_KEY_LEN, claim, len, code) != 0)
		abort(); /* only without the algorithm, or in a self-test's error state: nothing may be let in */
}

char *
link_sign(char dst[LINK_TOKEN_SIZE], const struct link_keys *keys, const struct link_claim *claim)
{
	unsigned char octets[CLAIM_MAX + CODE_LEN];
	size_t scope_len = strnlen(claim->scope, sizeof(claim->scope));

	dst[0] = '\0';
	if (keys->count == 0 || claim->id < 1 || scope_len > LINK_SCOPE_MAX)
		return dst;
	octets[0] = VERSION;
	octets[1] = (unsigned char)claim->purpose;
	put_number(octets + 2, claim->expires_utc_sec);
	put_number(octets + 10, claim->id);
	memcpy(octets + HEAD_LEN, claim->scope, scope_len);
	code_of(octets + HEAD_LEN + scope_len, keys->key[0], octets, HEAD_LEN + scope_len);
	encode(dst, octets, HEAD_LEN + scope_len + CODE_LEN);
	return dst;
}

/* Every key is tried, also after one fitted. */
static bool
is_ours(const struct link_keys *keys, const unsigned char *octets, size_t claim_len)
{
	unsigned char code[CODE_LEN];
	bool ours = false;

	for (size_t i = 0; i < keys->count; i++) {
		code_of(code, keys->key[i], octets, claim_len);
		ours |= gnutls_memcmp(code, octets + claim_len, CODE_LEN) == 0;
	}
	return ours;
}

enum link_verdict
link_verify(struct link_claim *claim, const struct link_keys *keys, enum link_purpose purpose,
	    const char *token, int64_t now_utc_sec)
{
	unsigned char octets[CLAIM_MAX + CODE_LEN];
	size_t len = decode(octets, sizeof(octets), token), claim_len = len - CODE_LEN, scope_len;

	if (len < HEAD_LEN + CODE_LEN || !is_ours(keys, octets, claim_len))
		return LINK_FALSE;
	scope_len = claim_len - HEAD_LEN;
	if (octets[0] != VERSION || octets[1] != (unsigned char)purpose)
		return LINK_FALSE;
	*claim = (struct link_claim) {
		.purpose = purpose,
		.expires_utc_sec = get_number(octets + 2),
		.id = get_number(octets + 10),
	};
	memcpy(claim->scope, octets + HEAD_LEN, scope_len);
	return now_utc_sec < claim->expires_utc_sec ? LINK_GOOD : LINK_EXPIRED;
}

/* --- keys --- */

void
link_keys_drop(struct link_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

char *
link_keys_path(char dst[LINK_PATH_SIZE], const char *state_dir, const char *configured)
{
	if (configured[0] != '\0')
		snprintf(dst, LINK_PATH_SIZE, "%s", configured);
	else
		snprintf(dst, LINK_PATH_SIZE, "%s/link.key", state_dir);
	return dst;
}

static int
value_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool
take_key(struct link_keys *keys, const char *hex)
{
	if (keys->count == LINK_KEYS_MAX)
		return false;
	for (size_t i = 0; i < LINK_KEY_LEN; i++) {
		int high = value_of(hex[2 * i]), low = value_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		keys->key[keys->count][i] = (unsigned char)(high << 4 | low);
	}
	keys->count++;
	return true;
}

/* What a line holds is never said: it may be a key with one digit wrong. */
static bool
take_lines(struct link_keys *keys, const char *text, const char *path, struct error *err)
{
	for (unsigned number = 1; *text != '\0'; number++) {
		size_t len = strcspn(text, "\n"), end = len;

		while (end > 0 && strchr(" \t\r", text[end - 1]) != NULL)
			end--;
		if (end > 0 && (end != KEY_HEX || !take_key(keys, text)))
			return error_set(
			    err, ERR_CONFIG,
			    "%s:%u: is no key; allowed are up to %d lines of %d hexadecimal digits",
			    path, number, LINK_KEYS_MAX, KEY_HEX);
		text += len + (text[len] == '\n');
	}
	return keys->count > 0 || error_set(err, ERR_CONFIG, "%s: holds no key", path);
}

static bool
check_mode(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_CONFIG, "%s: is no regular file", path);
	if ((st.st_mode & OTHERS_MODES) != 0)
		return error_set(err, ERR_CONFIG,
				 "%s: its mode is %04o, so that others may read or change it; "
				 "allowed is at most 0640",
				 path, (unsigned)st.st_mode & 07777);
	if (st.st_size >= FILE_MAX)
		return error_set(err, ERR_CONFIG, "%s: is too long for keys", path);
	return true;
}

static bool
read_text(int fd, char text[FILE_MAX], const char *path, struct error *err)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, text + len, FILE_MAX - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	if (got < 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	return strlen(text) == len ||
	       error_set(err, ERR_CONFIG, "%s: holds a NUL, which no key does", path);
}

bool
link_keys_read(struct link_keys *keys, const char *path, struct error *err)
{
	char text[FILE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool done;

	*keys = (struct link_keys) { 0 };
	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
				 strerror(errno));
	done = check_mode(fd, path, err) && read_text(fd, text, path, err) &&
	       take_lines(keys, text, path, err);
	close(fd);
	explicit_bzero(text, sizeof(text));
	if (!done)
		link_keys_drop(keys);
	return done;
}

/* 256 bits from the kernel; one without any is waited for. */
static void
random_line(char line[KEY_HEX + 2])
{
	unsigned char octets[LINK_KEY_LEN];
	size_t have = 0;

	while (have < sizeof(octets)) {
		ssize_t got = getrandom(octets + have, sizeof(octets) - have, 0);

		if (got > 0)
			have += (size_t)got;
	}
	for (size_t i = 0; i < sizeof(octets); i++)
		sprintf(line + 2 * i, "%02x", octets[i]);
	line[KEY_HEX] = '\n';
	explicit_bzero(octets, sizeof(octets));
}

/* Written beside its place and linked into it: nobody reads half a key, and of two makers the first one's stays. */
static bool
make_file(const char *path, struct error *err)
{
	char line[KEY_HEX + 2], beside[4096];
	int fd;
	bool done;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return error_set(err, ERR_CONFIG, "%s: is too long a path", path);
	fd = mkostemp(beside, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	random_line(line);
	done = write(fd, line, KEY_HEX + 1) == KEY_HEX + 1 && fsync(fd) == 0 &&
	       (link(beside, path) == 0 || errno == EEXIST);
	if (!done)
		error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	explicit_bzero(line, sizeof(line));
	close(fd);
	unlink(beside);
	return done;
}

bool
link_keys_make(struct link_keys *keys, const char *path, struct error *err)
{
	struct error missing;

	if (link_keys_read(keys, path, &missing))
		return true;
	if (missing.code != ERR_NOT_FOUND) {
		if (err != NULL)
			*err = missing;
		return false;
	}
	return make_file(path, err) && link_keys_read(keys, path, err);
}
