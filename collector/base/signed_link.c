/* signed_link.c - see signed_link.h. */
#include "ixwatch/signed_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/digest.h"

#define TOKEN_VERSION 1
#define SAID_LEN      22 /* version, purpose, asn, id, expiry */
#define WHOLE_LEN     (SAID_LEN + DIGEST_LEN)
#define TOKEN_LEN     ((WHOLE_LEN * 4 + 2) / 3)
#define LINE_MAX_LEN  200

_Static_assert(TOKEN_LEN < LINK_TOKEN_MAX, "a token fits");
_Static_assert(LINK_KEY_LEN == DIGEST_LEN, "a key is as long as what it makes");

/* --- keys --- */

void
link_keys_path(char *dst, const char *setting, const char *state_dir)
{
	if (setting != NULL && setting[0] != '\0')
		snprintf(dst, 4096, "%s", setting);
	else
		snprintf(dst, 4096, "%s/link-key", state_dir);
}

static bool
key_take(struct link_keys *keys, char *line, const char *path, unsigned number, struct error *err)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return true;
	if (keys->count == LINK_KEYS_MAX)
		return error_set(err, ERR_CONFIG, "%s:%u: more than %d keys", path, number,
				 LINK_KEYS_MAX);
	if (!digest_parse(keys->key[keys->count], line))
		return error_set(err, ERR_CONFIG,
				 "%s:%u: no key; allowed: 64 hexadecimal digits, in lower case",
				 path, number);
	keys->count++;
	return true;
}

static bool
keys_take(struct link_keys *keys, FILE *file, const char *path, struct error *err)
{
	char line[LINE_MAX_LEN];
	unsigned number = 0;
	bool done = true;

	while (done && fgets(line, sizeof(line), file) != NULL)
		done = key_take(keys, line, path, ++number, err);
	explicit_bzero(line, sizeof(line));
	if (done && keys->count == 0)
		return error_set(err, ERR_CONFIG, "%s: no key in it", path);
	return done;
}

bool
link_keys_read(struct link_keys *keys, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	bool done;

	*keys = (struct link_keys) { .count = 0 };
	if (file == NULL)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
				 strerror(errno));
	if (fstat(fileno(file), &status) == 0 && (status.st_mode & 07) != 0)
		done = error_set(err, ERR_CONFIG, "%s: others may read or write it; chmod o= %s",
				 path, path);
	else
		done = keys_take(keys, file, path, err);
	fclose(file);
	if (!done)
		explicit_bzero(keys, sizeof(*keys));
	return done;
}

static bool
key_write(int fd, const char *path, struct error *err)
{
	char line[DIGEST_HEX + 1];
	bool done;

	digest_random(line);
	line[DIGEST_HEX - 1] = '\n';
	done = write(fd, line, DIGEST_HEX) == DIGEST_HEX && fsync(fd) == 0;
	if (!done)
		error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	explicit_bzero(line, sizeof(line));
	return close(fd) == 0 && done;
}

/* Made whole under another name, and linked to its own: who reads it finds all of it or nothing. */
bool
link_keys_make(const char *path, struct error *err)
{
	char fresh[4096 + 32];
	int fd;
	bool done;

	if (access(path, F_OK) == 0)
		return true;
	snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid());
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, ERR_IO, "%s: %s", fresh, strerror(errno));
	done = key_write(fd, fresh, err);
	if (done && link(fresh, path) != 0 && errno != EEXIST)
		done = error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	unlink(fresh);
	return done;
}

/* --- tokens --- */

static void
number_put(unsigned char *at, uint64_t number, int len)
{
	for (int i = len - 1; i >= 0; i--, number >>= 8)
		at[i] = (unsigned char)number;
}

static uint64_t
number_get(const unsigned char *at, int len)
{
	uint64_t number = 0;

	for (int i = 0; i < len; i++)
		number = number << 8 | at[i];
	return number;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* RFC 4648, section 5, without padding. */
static void
encode(char *dst, const unsigned char *src, size_t len)
{
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | src[i];
		for (have += 8; have >= 6; have -= 6)
			*dst++ = digits[bits >> (have - 6) & 63];
	}
	if (have > 0)
		*dst++ = digits[bits << (6 - have) & 63];
	*dst = '\0';
}

/* Just len octets, and the one way to write them. */
static bool
decode(unsigned char *dst, size_t len, const char *src)
{
	uint32_t bits = 0;
	int have = 0;
	size_t count = 0;

	for (; *src != '\0'; src++) {
		const char *digit = strchr(digits, *src);

		if (digit == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if ((have += 6) < 8)
			continue;
		if (count == len)
			return false;
		have -= 8;
		dst[count++] = (unsigned char)(bits >> have);
	}
	return count == len && (bits & ((1u << have) - 1)) == 0;
}

void
link_sign(char token[LINK_TOKEN_MAX], const struct signed_link *link, const struct link_keys *keys)
{
	unsigned char whole[WHOLE_LEN] = { TOKEN_VERSION, (unsigned char)link->purpose };

	number_put(whole + 2, link->asn, 4);
	number_put(whole + 6, (uint64_t)link->id, 8);
	number_put(whole + 14, (uint64_t)link->expires_utc_sec, 8);
	digest_keyed(whole + SAID_LEN, keys->key[0], LINK_KEY_LEN, whole, SAID_LEN);
	encode(token, whole, sizeof(whole));
}

static bool
is_signed(const unsigned char *whole, const struct link_keys *keys)
{
	unsigned char mac[DIGEST_LEN];
	bool is = false;

	for (int i = 0; i < keys->count; i++) {
		digest_keyed(mac, keys->key[i], LINK_KEY_LEN, whole, SAID_LEN);
		is |= digest_equal(mac, whole + SAID_LEN);
	}
	return is;
}

bool
link_verify(struct signed_link *link, const char *token, enum link_purpose purpose,
	    int64_t now_utc_sec, const struct link_keys *keys, bool *expired)
{
	unsigned char whole[WHOLE_LEN];

	*link = (struct signed_link) { .id = 0 };
	if (expired != NULL)
		*expired = false;
	if (strlen(token) != TOKEN_LEN || !decode(whole, sizeof(whole), token) ||
	    !is_signed(whole, keys) || whole[0] != TOKEN_VERSION || whole[1] != purpose)
		return false;
	*link = (struct signed_link) {
		.purpose = purpose,
		.asn = (uint32_t)number_get(whole + 2, 4),
		.id = (int64_t)number_get(whole + 6, 8),
		.expires_utc_sec = (int64_t)number_get(whole + 14, 8),
	};
	if (now_utc_sec < link->expires_utc_sec)
		return true;
	if (expired != NULL)
		*expired = true;
	return false;
}
