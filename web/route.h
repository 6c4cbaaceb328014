/* route.h - the face of the server is a table: what is no row is a 404.
 *
 * A pattern is literal but for {id} and {asn} (whole numbers from 1), {slug} and {name} (text without '/') and {week}
 * ("2026-W47"). */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;
struct reply;

/* What a route answers with: its errors come in the same form. */
enum route_type { ROUTE_PAGE, ROUTE_JSON, ROUTE_IMAGE, ROUTE_TEXT, ROUTE_ASSET };

/* Fills the reply; an error is filled in by reply_error. */
typedef void route_handler(const struct request *request, struct reply *reply);

/* The role it takes.  A row that does not say so is open to nobody. */
enum route_need {
	NEED_UNSAID,
	NEED_NOTHING,
	NEED_VIEWER,
	NEED_OPERATOR,
	NEED_ADMIN,
	NEED_LINK, /* a letter's signed link, which is {slug}: no account opens it, and it opens nothing else */
};

/* What it touches: of a thing in the path, whether it is within the account's scopes is asked before the handler is;
 * everything else a handler sees is within them, for it is given no more. */
enum route_object {
	OBJECT_UNSAID,
	OBJECT_NONE,  /* nothing of the ledger's: files, health, the login */
	OBJECT_WORLD, /* lists and sums of what is within */
	OBJECT_PORT,  /* {id}: by its exchange and its ASN */
	OBJECT_NOTES, /* {id}: what was noted about the port, among ourselves: to no account of a peer's scope */
	OBJECT_EXCHANGE, /* {slug} */
	OBJECT_PEER,     /* {asn} */
	OBJECT_HOUSE,    /* all of the house's, mails: for accounts without scopes */
	OBJECT_REPORT, /* a letter, by {id}, or by {week} and {asn}, {slug} or neither: by all that it tells of */
	OBJECT_COUNT
};

struct route {
	const char *pattern;
	unsigned args; /* of enum query_arg: the query keys allowed (any other: 400) */
	enum route_type type;
	route_handler *handler;
	enum route_need need;
	enum route_object object;
	route_handler *post; /* of POST; NULL: not allowed */
	enum route_need post_need;
	bool is_kept;   /* its answer follows from world and target alone: made once a world */
	bool is_public; /* the same octets for everybody, so that they may be kept with a tag */
};

const char *route_need_name(enum route_need need);       /* "viewer"; "unsaid" */
const char *route_object_name(enum route_object object); /* "port" */

#define ROUTE_SLUG_MAX 512 /* a mail's token fits */
#define ROUTE_NAME_MAX 256 /* a file's name */
#define ROUTE_WEEK_MAX 9   /* "2026-W47" */

struct route_params {
	int64_t id;
	uint32_t asn;
	char slug[ROUTE_SLUG_MAX];
	char name[ROUTE_NAME_MAX];
	char week[ROUTE_WEEK_MAX]; /* "" where the path has none */
};

/* The row that fits the decoded path, or NULL. */
const struct route *route_find(const struct route *routes, size_t route_count, const char *path,
			       struct route_params *params);

/* The form in which errors of a path are said that is no row: JSON below /api/, else a page. */
enum route_type route_type_of_path(const char *path);

#endif
