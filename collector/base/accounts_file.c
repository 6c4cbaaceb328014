/* accounts_file.c - reads users and tokens, line by line; every error is told, one is enough to take nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/accounts.h"
#include "ixwatch/units.h"

#define FILE_MAX     (1 << 20)
#define LINE_MAX_LEN 2048
#define ERRORS_MAX   50 /* told; the others are alike */
#define FIELDS_MAX   6

struct reading {
	struct accounts *accounts;
	const char *path;
	unsigned line, error_count;
	accounts_on_error *on_error;
	void *user;
	struct error *err; /* the first */
};

static void
tell(struct reading *r, const char *sentence)
{
	char message[1024];

	if (r->line > 0)
		snprintf(message, sizeof(message), "%s:%u: %s", r->path, r->line, sentence);
	else
		snprintf(message, sizeof(message), "%s: %s", r->path, sentence);
	if (r->error_count++ == 0)
		error_set(r->err, ERR_CONFIG, "%s", message);
	if (r->on_error != NULL && r->error_count <= ERRORS_MAX)
		r->on_error(message, r->user);
}

/* Cuts text at its colons; the last field keeps the rest, colons and all. */
static size_t
split(char *text, char *fields[FIELDS_MAX], size_t max)
{
	size_t count = 0;

	for (;;) {
		char *colon = count + 1 < max ? strchr(text, ':') : NULL;

		fields[count++] = text;
		if (colon == NULL)
			return count;
		*colon = '\0';
		text = colon + 1;
	}
}

static void *
grow(void *array, size_t count, size_t size)
{
	return (count & (count - 1)) == 0 ? realloc(array, (count == 0 ? 1 : count * 2) * size)
					  : array;
}

static bool
parse_role(const char *text, enum account_role *role, struct error *err)
{
	return account_role_parse(text, role) ||
	       error_set(err, ERR_CONFIG, "role \"%.40s\": allowed: viewer, operator, admin", text);
}

/* The scopes' field: one that is there but empty would mean everything by mistake. */
static bool
parse_scopes(const char *text, struct account_scopes *scopes, struct error *err)
{
	if (text == NULL) {
		*scopes = (struct account_scopes) { 0 };
		return true;
	}
	if (text[0] == '\0')
		return error_set(err, ERR_CONFIG,
				 "a colon behind the role, but no scope; leave it out for "
				 "everything");
	return account_scopes_parse(text, scopes, err);
}

static bool
take_user(struct accounts *accounts, char *line, struct error *err)
{
	char *field[FIELDS_MAX];
	struct account user = { 0 };
	size_t count = split(line, field, 4);

	if (count < 3)
		return error_set(err, ERR_CONFIG,
				 "%zu fields; allowed: name:hash:role or name:hash:role:scopes",
				 count);
	if (!account_name_check(field[0], err) || !password_hash_check(field[1], err) ||
	    !parse_role(field[2], &user.role, err) ||
	    !parse_scopes(count > 3 ? field[3] : NULL, &user.scopes, err))
		return false;
	if (accounts_user_find(accounts, field[0]) != NULL)
		return error_set(err, ERR_CONFIG, "there is an account \"%s\" above", field[0]);
	snprintf(user.name, sizeof(user.name), "%s", field[0]);
	snprintf(user.hash, sizeof(user.hash), "%s", field[1]);
	void *grown = grow(accounts->users, accounts->user_count, sizeof(user));
	if (grown == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	accounts->users = grown;
	accounts->users[accounts->user_count++] = user;
	return true;
}

static bool
parse_instant(const char *text, const char *what, int64_t *utc_sec, struct error *err)
{
	uint64_t number;

	if (!units_parse_uint(text, 0, UINT32_MAX, &number))
		return error_set(err, ERR_CONFIG,
				 "%s \"%.40s\": allowed: Unix seconds, 0 for never", what, text);
	*utc_sec = (int64_t)number;
	return true;
}

static bool
take_token(struct accounts *accounts, char *line, struct error *err)
{
	char *field[FIELDS_MAX];
	struct account_token token = { 0 };
	size_t count = split(line, field, 6);

	if (count < 5)
		return error_set(err, ERR_CONFIG,
				 "%zu fields; allowed: name:digest:role:created:expires[:scopes], "
				 "as `ixwatch user token` writes them",
				 count);
	if (!account_name_check(field[0], err))
		return false;
	if (!digest_parse(token.digest, field[1]))
		return error_set(err, ERR_CONFIG,
				 "this is no SHA-256: 64 digits of 0-9 and a-f are allowed");
	if (!parse_role(field[2], &token.role, err) ||
	    !parse_instant(field[3], "created", &token.created_utc_sec, err) ||
	    !parse_instant(field[4], "expires", &token.expires_utc_sec, err) ||
	    !parse_scopes(count > 5 ? field[5] : NULL, &token.scopes, err))
		return false;
	if (accounts_token_named(accounts, field[0]) != NULL)
		return error_set(err, ERR_CONFIG, "there is a token \"%s\" above", field[0]);
	snprintf(token.name, sizeof(token.name), "%s", field[0]);
	void *grown = grow(accounts->tokens, accounts->token_count, sizeof(token));
	if (grown == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	accounts->tokens = grown;
	accounts->tokens[accounts->token_count++] = token;
	return true;
}

typedef bool take_line(struct accounts *accounts, char *line, struct error *err);

static void
read_line(struct reading *r, const char *text, size_t len, take_line *take)
{
	char line[LINE_MAX_LEN];
	struct error err;

	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (len == 0 || text[0] == '#')
		return;
	if (len >= sizeof(line)) {
		tell(r, "the line is longer than 2047 octets");
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f) {
			tell(r, "a blank, a control character or one that is not ASCII; a line has "
				"none, and a comment begins with # in its first column");
			return;
		}
	}
	memcpy(line, text, len);
	line[len] = '\0';
	if (!take(r->accounts, line, &err))
		tell(r, err.text);
	explicit_bzero(line, sizeof(line));
}

static void
read_lines(struct reading *r, const char *text, size_t len, take_line *take)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line_len = end != NULL ? (size_t)(end - text) : len;
		size_t step = end != NULL ? line_len + 1 : line_len;

		r->line++;
		read_line(r, text, line_len, take);
		text += step;
		len -= step;
	}
}

static bool
check_file(int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(err, ERR_IO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_CONFIG, "is no regular file");
	if ((st.st_mode & 0027) != 0)
		return error_set(err, ERR_CONFIG,
				 "has mode %04o; allowed: at most 0640 (chmod 0640)",
				 (unsigned)st.st_mode & 07777);
	if (st.st_size > FILE_MAX)
		return error_set(err, ERR_CONFIG, "has %lld octets, at most %d",
				 (long long)st.st_size, FILE_MAX);
	return true;
}

/* The whole file; NULL with a sentence. */
static char *
slurp(int fd, size_t *len, struct error *err)
{
	char *text = malloc(FILE_MAX + 1);
	ssize_t got;

	*len = 0;
	if (text == NULL) {
		error_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	while ((got = read(fd, text + *len, FILE_MAX + 1 - *len)) > 0)
		*len += (size_t)got;
	if (got == 0 && *len <= FILE_MAX)
		return text;
	error_set(err, ERR_IO, "%s", got < 0 ? strerror(errno) : "grew while it was read");
	free(text);
	return NULL;
}

static void
read_file(struct reading *r, const char *path, bool may_be_absent, take_line *take)
{
	struct error err;
	size_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	r->path = path;
	r->line = 0;
	if (fd < 0) {
		if (errno != ENOENT || !may_be_absent)
			tell(r, strerror(errno));
		return;
	}
	char *text = check_file(fd, &err) ? slurp(fd, &len, &err) : NULL;
	close(fd);
	if (text == NULL) {
		tell(r, err.text);
		return;
	}
	read_lines(r, text, len, take);
	explicit_bzero(text, len);
	free(text);
}

bool
accounts_load(struct accounts **out, const char *users_file, accounts_on_error *on_error,
	      void *user, struct error *err)
{
	struct reading r = { .accounts = calloc(1, sizeof(*r.accounts)),
			     .on_error = on_error,
			     .user = user,
			     .err = err };
	char tokens_file[1024];

	if (r.accounts == NULL)
		return error_set(err, ERR_NOMEM, "accounts: out of memory");
	read_file(&r, users_file, false, take_user);
	if (accounts_tokens_file(tokens_file, sizeof(tokens_file), users_file))
		read_file(&r, tokens_file, true, take_token);
	if (r.error_count > 0) {
		accounts_free(r.accounts);
		return false;
	}
	*out = r.accounts;
	return true;
}

void
accounts_free(struct accounts *accounts)
{
	if (accounts == NULL)
		return;
	if (accounts->users != NULL)
		explicit_bzero(accounts->users, accounts->user_count * sizeof(*accounts->users));
	free(accounts->users);
	free(accounts->tokens);
	free(accounts);
}

bool
accounts_tokens_file(char *dst, size_t len, const char *users_file)
{
	return snprintf(dst, len, "%s.tokens", users_file) < (int)len;
}

static uint64_t
stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	uint64_t stamp = (uint64_t)st.st_ino * 31 + (uint64_t)st.st_dev;
	stamp = stamp * 1000003 + (uint64_t)st.st_mtim.tv_sec;
	stamp = stamp * 1000003 + (uint64_t)st.st_mtim.tv_nsec;
	stamp = stamp * 1000003 + (uint64_t)st.st_mode;
	return stamp * 1000003 + (uint64_t)st.st_size + 1;
}

int64_t
accounts_stamp(const char *users_file)
{
	char tokens_file[1024];
	uint64_t stamp = stamp_of(users_file) * 1000003;

	if (accounts_tokens_file(tokens_file, sizeof(tokens_file), users_file))
		stamp += stamp_of(tokens_file);
	return (int64_t)stamp;
}
