/* password.h - passwords as crypt(3) hashes: made as yescrypt, checked as whatever strong method the hash names. */
#ifndef IXWATCH_PASSWORD_H
#define IXWATCH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"

#define PASSWORD_MAX      256 /* octets of a password, without the terminator */
#define PASSWORD_MIN      8
#define PASSWORD_HASH_MAX 384

/* A yescrypt hash with a random salt, in libcrypt's own cost: about 30 ms. */
bool password_hash(char hash[PASSWORD_HASH_MAX], const char *password, struct error *err);

/* Whether it is the password.  Takes as long for a wrong one. */
bool password_matches(const char *hash, const char *password);

/* Whether it is a hash of a method that is still strong; the sentence says why not. */
bool password_hash_check(const char *hash, struct error *err);

#endif
