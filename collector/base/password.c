/* password.c - [libcrypt] crypt(3) of libxcrypt 4.4. */
#include "ixwatch/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes the 32 KiB of work space from the heap, and leaves nothing of the password in it. */
static bool
run_crypt(char hash[PASSWORD_HASH_MAX], const char *password, const char *setting)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	bool done = false;

	if (data == NULL)
		return false;
	const char *made = crypt_r(password, setting, data);
	if (made != NULL && made[0] != '*' && strlen(made) < PASSWORD_HASH_MAX) {
		memcpy(hash, made, strlen(made) + 1);
		done = true;
	}
	explicit_bzero(data, sizeof(*data));
	free(data);
	return done;
}

bool
password_hash(char hash[PASSWORD_HASH_MAX], const char *password, struct error *err)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (crypt_gensalt_rn("$y$", 0, NULL, 0, setting, sizeof(setting)) == NULL ||
	    !run_crypt(hash, password, setting))
		return error_set(err, ERR_IO, "the password cannot be hashed: %s", strerror(errno));
	return true;
}

bool
password_matches(const char *hash, const char *password)
{
	char made[PASSWORD_HASH_MAX];
	unsigned differs = 0;
	size_t len = strlen(hash);

	if (!run_crypt(made, password, hash) || strlen(made) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		differs |= (unsigned char)made[i] ^ (unsigned char)hash[i];
	explicit_bzero(made, sizeof(made));
	return differs == 0;
}

bool
password_hash_check(const char *hash, struct error *err)
{
	static const char allowed[] = "allowed: what `ixwatch user add` or `mkpasswd -m yescrypt` "
				      "makes, beginning with $y$";
	size_t len = strlen(hash);

	if (len >= PASSWORD_HASH_MAX)
		return error_set(err, ERR_CONFIG, "the hash has %zu octets, at most %d; %s", len,
				 PASSWORD_HASH_MAX - 1, allowed);
	switch (crypt_checksalt(hash)) {
	case CRYPT_SALT_OK:
		if (hash[0] == '$' && len >= 40)
			return true;
		break;
	case CRYPT_SALT_METHOD_LEGACY:
	case CRYPT_SALT_TOO_CHEAP:
		return error_set(err, ERR_CONFIG, "the hash is of a method that is weak today; %s",
				 allowed);
	default: break;
	}
	return error_set(err, ERR_CONFIG, "this is no crypt(3) hash; %s", allowed);
}
