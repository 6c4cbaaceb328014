/* http_tls.c - [GnuTLS 3.7] one pair in force and the one before it: a handshake that has begun may still use that. */
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

#define CHAIN_MAX 16
#define FILE_MAX  (256 * 1024)

struct pair {
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_len;
	gnutls_privkey_t key;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pair *now, *before;

static void
pair_free(struct pair *pair)
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
belong_together(const struct pair *pair)
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
parse(struct pair *pair, const char *cert_file, const gnutls_datum_t *cert, const char *key_file,
      const gnutls_datum_t *key, struct error *err)
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

static void
put_in_force(struct pair *pair_take)
{
	pthread_mutex_lock(&lock);
	pair_free(before);
	before = now;
	now = pair_take;
	pthread_mutex_unlock(&lock);
}

bool
http_tls_load(const char *cert_file, const char *key_file, struct error *err)
{
	gnutls_datum_t cert = { 0 }, key = { 0 };
	struct pair *pair = calloc(1, sizeof(*pair));

	error_set(err, ERR_NOMEM, "TLS: out of memory");
	bool done = pair != NULL && slurp(cert_file, false, &cert, err) &&
		    slurp(key_file, true, &key, err) &&
		    parse(pair, cert_file, &cert, key_file, &key, err);
	if (key.data != NULL)
		explicit_bzero(key.data, key.size);
	free(key.data);
	free(cert.data);
	if (!done) {
		pair_free(pair);
		return false;
	}
	put_in_force(pair);
	return true;
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
