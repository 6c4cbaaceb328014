/* accounts.c - names, roles and scopes; and who of the accounts is meant. */
#include "ixwatch/accounts.h"

#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

static const char *const role_names[ROLE_COUNT] = { "nobody", "viewer", "operator", "admin" };

const char *
account_role_name(enum account_role role)
{
	return role_names[role];
}

bool
account_role_parse(const char *text, enum account_role *role)
{
	for (unsigned i = ROLE_VIEWER; i < ROLE_COUNT; i++) {
		if (strcmp(text, role_names[i]) == 0) {
			*role = (enum account_role)i;
			return true;
		}
	}
	return false;
}

/* --- scopes --- */

bool
account_scopes_hold(const struct account_scopes *scopes, const char *exchange, uint32_t asn)
{
	for (size_t i = 0; i < scopes->count; i++) {
		const struct account_scope *s = &scopes->scope[i];

		if (s->asn != 0 ? s->asn == asn : strcmp(s->exchange, exchange) == 0)
			return true;
	}
	return scopes->count == 0;
}

bool
account_scopes_are_of_peers(const struct account_scopes *scopes)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scopes->scope[i].asn != 0)
			return true;
	return false;
}

bool
account_scopes_hold_exchange(const struct account_scopes *scopes, const char *exchange)
{
	return account_scopes_hold(scopes, exchange, 0);
}

char *
account_scopes_format(char dst[ACCOUNT_TEXT_MAX], const struct account_scopes *scopes)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < scopes->count; i++) {
		const struct account_scope *s = &scopes->scope[i];
		const char *comma = i > 0 ? "," : "";
		char *at = dst + used;
		size_t room = ACCOUNT_TEXT_MAX - used;

		if (s->asn != 0)
			used += (size_t)snprintf(at, room, "%sasn:%u", comma, s->asn);
		else
			used += (size_t)snprintf(at, room, "%sexchange:%s", comma, s->exchange);
	}
	return dst;
}

static bool
is_slug(const char *text)
{
	size_t len = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr(":,/\"\\", *c) != NULL)
			return false;
	return len > 0 && len < ACCOUNT_SLUG_MAX;
}

static bool
parse_scope(const char *text, struct account_scope *scope, struct error *err)
{
	uint64_t asn;

	*scope = (struct account_scope) { 0 };
	if (strncmp(text, "exchange:", 9) == 0 && is_slug(text + 9)) {
		snprintf(scope->exchange, sizeof(scope->exchange), "%.*s", ACCOUNT_SLUG_MAX - 1,
			 text + 9);
		return true;
	}
	if (strncmp(text, "asn:", 4) == 0 && units_parse_uint(text + 4, 1, UINT32_MAX, &asn)) {
		scope->asn = (uint32_t)asn;
		return true;
	}
	return error_set(err, ERR_CONFIG, "scope \"%.80s\": allowed: exchange:SLUG, asn:N", text);
}

/* Adds one that is not there yet. */
static bool
add_scope(struct account_scopes *scopes, const struct account_scope *scope, struct error *err)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (scopes->scope[i].asn == scope->asn &&
		    strcmp(scopes->scope[i].exchange, scope->exchange) == 0)
			return true;
	if (scopes->count == ACCOUNT_SCOPES_MAX)
		return error_set(err, ERR_CONFIG, "more than %d scopes", ACCOUNT_SCOPES_MAX);
	scopes->scope[scopes->count++] = *scope;
	return true;
}

bool
account_scopes_parse(const char *text, struct account_scopes *scopes, struct error *err)
{
	char one[ACCOUNT_SLUG_MAX + 32];

	*scopes = (struct account_scopes) { 0 };
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		struct account_scope scope;

		if (len >= sizeof(one))
			return error_set(err, ERR_CONFIG, "scope \"%.80s\": is too long", text);
		memcpy(one, text, len);
		one[len] = '\0';
		if (!parse_scope(one, &scope, err) || !add_scope(scopes, &scope, err))
			return false;
		text += len;
		if (*text == ',' && *++text == '\0') /* nothing would mean everything */
			return error_set(err, ERR_CONFIG, "a comma behind the last scope");
	}
	return true;
}

bool
account_name_check(const char *name, struct error *err)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-";
	size_t len = strlen(name);

	if (len == 0 || len >= ACCOUNT_NAME_MAX || strspn(name, allowed) != len || name[0] == '-' ||
	    name[0] == '.')
		return error_set(err, ERR_CONFIG,
				 "name \"%.80s\": allowed: up to %d of letters, digits, . _ @ -, "
				 "no dot or dash first",
				 name, ACCOUNT_NAME_MAX - 1);
	return true;
}

/* --- who is meant --- */

const struct account *
accounts_user_find(const struct accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->user_count; i++)
		if (strcmp(accounts->users[i].name, name) == 0)
			return &accounts->users[i];
	return NULL;
}

const struct account_token *
accounts_token_find(const struct accounts *accounts, const unsigned char digest[DIGEST_LEN])
{
	for (size_t i = 0; i < accounts->token_count; i++)
		if (digest_equal(accounts->tokens[i].digest, digest))
			return &accounts->tokens[i];
	return NULL;
}

const struct account_token *
accounts_token_named(const struct accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->token_count; i++)
		if (strcmp(accounts->tokens[i].name, name) == 0)
			return &accounts->tokens[i];
	return NULL;
}
