/* http_tls.c - [GnuTLS 3.7] the pair in force, and those before it for as long as a handshake that has begun may still use
 * them: the library borrows what the callback hands out. */
#include "http_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "ixwatch/clock.h"

#define CHAIN_MAX   16
#define FILE_MAX    (256 * 1024)
#define KEPT_FOR_MS 60000 /* a handshake is cut off after 5 s */

struct tls_pair {
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_len;
	gnutls_privkey_t key;
	struct tls_pair *before; /* in force until this one was */
	int64_t replaced_mono_ms;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tls_pair *now;

void
http_tls_drop(struct tls_pair *pair)
{
	if (pair == NULL)
		return;
	for (unsigned i = 0; i < pair->chain_len; i++)
		gnutls_pcert_deinit(&pair->chain[i]);
	if (pair->key != NULL)
		gnutls_privkey_deinit(pair->key);
	free(pair);
}

static bool
slurp(const char *path, bool is_secret, gnutls_datum_t *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t got = -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		error_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		error_set(err, ERR_CONFIG, "%s is no regular file of at most %d octets", path,
			  FILE_MAX);
	} else if (is_secret && (st.st_mode & 0027) != 0) {
		error_set(err, ERR_CONFIG, "%s has mode %04o; allowed: at most 0640 (chmod 0640)",
			  path, (unsigned)st.st_mode & 07777);
	} else if ((out->data = malloc((size_t)st.st_size + 1)) != NULL) {
		got = read(fd, out->data, (size_t)st.st_size);
		out->size = got > 0 ? (unsigned)got : 0;
		if (got < 0)
			error_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return got >= 0;
}

static bool
fail(const char *path, int code, struct error *err)
{
	return error_set(err, ERR_CONFIG, "%s: %s; allowed: PEM", path, gnutls_strerror(code));
}

/* The key belongs to the first certificate of the chain. */
static bool
belong_together(const struct tls_pair *pair)
{
	gnutls_pubkey_t of_key = NULL;
	unsigned char a[64], b[64];
	size_t a_len = sizeof(a), b_len = sizeof(b);
	bool same = gnutls_pubkey_init(&of_key) == 0 &&
		    gnutls_pubkey_import_privkey(of_key, pair->key, 0, 0) == 0 &&
		    gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, a, &a_len) == 0 &&
		    gnutls_pubkey_get_key_id(pair->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, b,
					     &b_len) == 0 &&
		    a_len == b_len && memcmp(a, b, a_len) == 0;

	if (of_key != NULL)
		gnutls_pubkey_deinit(of_key);
	return same;
}

static bool
parse(struct tls_pair *pair, const char *cert_file, const gnutls_datum_t *cert,
      const char *key_file, const gnutls_datum_t *key, struct error *err)
{
	unsigned count = CHAIN_MAX;
	int code =
	    gnutls_pcert_list_import_x509_raw(pair->chain, &count, cert, GNUTLS_X509_FMT_PEM, 0);

	if (code < 0)
		return fail(cert_file, code, err);
	pair->chain_len = count;
	code = gnutls_privkey_init(&pair->key);
	if (code == 0)
		code = gnutls_privkey_import_x509_raw(pair->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code < 0)
		return fail(key_file, code, err);
	return belong_together(pair) ||
	       error_set(err, ERR_CONFIG, "%s: is not the key of %s", key_file, cert_file);
}

bool
http_tls_read(struct tls_pair **out, const char *cert_file, const char *key_file, struct error *err)
{
	gnutls_datum_t cert = { 0 }, key = { 0 };
	struct tls_pair *pair = calloc(1, sizeof(*pair));

	error_set(err, ERR_NOMEM, "TLS: out of memory");
	bool done = pair != NULL && slurp(cert_file, false, &cert, err) &&
		    slurp(key_file, true, &key, err) &&
		    parse(pair, cert_file, &cert, key_file, &key, err);
	if (key.data != NULL)
		explicit_bzero(key.data, key.size);
	free(key.data);
	free(cert.data);
	if (done)
		*out = pair;
	else
		http_tls_drop(pair);
	return done;
}

/* Takes those off the list that nobody can use any more. */
static struct tls_pair *
take_old(struct tls_pair *newest, int64_t now_mono_ms)
{
	struct tls_pair **at = &newest->before;

	while (*at != NULL && now_mono_ms - (*at)->replaced_mono_ms < KEPT_FOR_MS)
		at = &(*at)->before;
	struct tls_pair *old = *at;
	*at = NULL;
	return old;
}

void
http_tls_use(struct tls_pair *pair_take)
{
	int64_t now_mono_ms = clock_mono_ms();

	pthread_mutex_lock(&lock);
	pair_take->before = now;
	if (now != NULL)
		now->replaced_mono_ms = now_mono_ms;
	now = pair_take;
	struct tls_pair *old = take_old(now, now_mono_ms);
	pthread_mutex_unlock(&lock);
	while (old != NULL) {
		struct tls_pair *before = old->before;

		http_tls_drop(old);
		old = before;
	}
}

static int
on_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
	       const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
	       gnutls_pcert_st **chain, unsigned *chain_len, gnutls_privkey_t *key)
{
	(void)session, (void)names, (void)name_count, (void)algorithms, (void)algorithm_count;
	pthread_mutex_lock(&lock);
	*chain = now->chain;
	*chain_len = now->chain_len;
	*key = now->key;
	pthread_mutex_unlock(&lock);
	return 0;
}

void *
http_tls_callback(void)
{
	union { /* a function's address as the library wants it */
		gnutls_certificate_retrieve_function2 *function;
		void *address;
	} callback = { .function = on_certificate };

	return callback.address;
}
