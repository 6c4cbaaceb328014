/* config_internal.h - how a configuration is read, between the files config*.c only.
 *
 *   config_token.c     characters -> tokens
 *   config_scan.c      tokens -> statements (config_setting.c: KEY = VALUE): everything about form, each fault with
 *                      its line; writes one clean text
 *   config.c           the clean text through libconfuse -> blocks and their values; the story; the public face
 *   config_options.c   the tables: blocks, keys, types, limits, defaults, help
 *   config_value.c     one value's text -> one field, checked; config_address.c: addresses and URLs
 *   config_file.c      the files themselves: the configuration's, and those that hold secrets
 *   config_check.c     what only shows when several values are seen together
 *   config_detector.c  detector blocks: which settings hold for a port
 *   config_reader.c    faults and places of one reading
 *   config_memory.c    the memory of the result
 */
#ifndef COLLECTOR_BASE_CONFIG_INTERNAL_H
#define COLLECTOR_BASE_CONFIG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CONFIG_TEXT_MAX    4096                /* octets of one text of the file */
#define CONFIG_FILES_MAX   1000                /* the file and all it includes */
#define CONFIG_INCLUDE_MAX 16                  /* includes within includes */
#define CONFIG_OCTETS_MAX  (64u * 1024 * 1024) /* of all files together */

/* --- one reading: config_reader.c --- */

/* Where something stands.  Places are numbered from 1 in the order in which they are read; 0 is nowhere. */
struct config_place {
	const char *file;
	unsigned line;
};

struct config_fault {
	unsigned place;
	size_t order;  /* of complaints about one place */
	char *message; /* without place */
};

/* A detector block that was read, for the check of what it leads to. */
struct config_scope {
	const struct config_exchange *exchange; /* NULL: the file's own */
	const struct config_port *port;         /* NULL: the file's or the exchange's own */
	unsigned place, step_place;             /* of the block and of `step` in it; 0: none */
	bool sound;                             /* false: something in it was refused already */
};

/* A port that the file names, for the check that nobody else does. */
struct config_claim {
	const struct config_exchange *exchange;
	const struct config_agent *agent;
	const char *interface;
	unsigned place;
};

/* Where an AS number stands in a peer block, for the check that it stands in no other. */
struct config_peer_claim {
	uint32_t asn;
	unsigned block_place; /* of the block: claims of one block have it in common */
	unsigned place;       /* of the title, or of `also` */
};

struct config_reader {
	struct config *config; /* being filled; all its memory is in the arena behind it */
	struct config_place *places;
	unsigned place_count;
	struct config_fault *faults;
	size_t fault_count;
	struct config_scope *scopes;
	size_t scope_count;
	struct config_claim *claims;
	size_t claim_count;
	struct config_peer_claim *peer_claims;
	size_t peer_claim_count;
	unsigned interval_place;
	bool interval_refused;
	bool incomplete; /* part of the file could not be read: what is missing may stand there */
	bool out_of_memory; /* sticky; asked once, at the end */
};

bool config_reader_init(struct config_reader *r);
void config_reader_clear(struct config_reader *r); /* not the configuration */

unsigned config_place_add(struct config_reader *r, const char *file, unsigned line);
const struct config_place *config_place_get(const struct config_reader *r, unsigned place);

/* Notes a fault: "key: " and the sentence ("what is wrong; allowed: what is allowed").  key NULL: the sentence has it. */
void config_complain(struct config_reader *r, unsigned place, const char *key, const char *format,
		     ...) __attribute__((format(printf, 4, 5)));

/* Hands out every fault, in the order of the file; the number of them. */
size_t config_faults_tell(struct config_reader *r, config_on_error *on_error, void *user);

/* Text of the file fit to be shown in a fault: clean, and short. */
struct config_shown {
	char text[84];
};
struct config_shown config_show(const char *text, size_t len);

/* --- its memory: config_memory.c --- */

struct config *config_new(void); /* empty; NULL when memory ran out; config_free ends it */

/* Zeroed memory that lives as long as the configuration; NULL (and out_of_memory) when there is none. */
void *config_alloc(struct config_reader *r, size_t count, size_t size);
/* The same for texts: "" when there is no memory. */
const char *config_dup(struct config_reader *r, const char *text);
const char *config_format(struct config_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* path itself when absolute; else inside the folder of `file`, which names itself by a path. */
const char *config_path_beside(struct config_reader *r, const char *file, const char *path);

/* --- files: config_file.c --- */

/* One file of the configuration, in memory. */
struct config_text {
	const char *path; /* as shown, and what its own includes are beside; lent */
	char *data;
	size_t len;
	uint64_t device, inode; /* who it is, against includes in a circle */
};

/* Reads the file at text->path, of at most len_max octets. */
bool config_text_read(struct config_text *text, size_t len_max, struct error *err);
void config_text_free(struct config_text *text); /* overwrites it */

/* Reads a secret from a file: regular, at most mode 0640, one line.  NULL and a sentence in err when it cannot. */
const char *config_secret_read(struct config_reader *r, const char *path, struct error *err);

/* --- tokens: config_token.c --- */

enum token_type {
	TOKEN_END,
	TOKEN_WORD,   /* unquoted: letters, digits, . _ % : / @ ~ - and ${VARIABLES} */
	TOKEN_TEXT,   /* quoted; with its quotes */
	TOKEN_SIGN,   /* one of { } ( ) = , */
	TOKEN_APPEND, /* += */
	TOKEN_BAD,    /* nothing that belongs here */
};

struct token {
	enum token_type type;
	const char *start; /* in the text of the file; not terminated */
	size_t len;
	unsigned line;
	const char *wrong; /* what is wrong with it as a token; NULL when nothing is */
	bool unclosed;     /* TOKEN_TEXT: its line ends before its quote comes */
};

struct token_source {
	const char *at, *end;
	unsigned line;
};

struct token token_next(struct token_source *source);
struct token token_peek(const struct token_source *source);
bool token_is(const struct token *token, char sign);

/* Looks into a word or text for what would be read as something else than it says: an escape that is none, a variable
 * that is not set.  NULL when all is well; else a sentence in `dst`. */
const char *token_fault(const struct token *token, char *dst, size_t len);

/* --- blocks and keys: config_options.c --- */

enum config_block {
	BLOCK_FILE, /* what stands in no block */
	BLOCK_ARCHIVE,
	BLOCK_SNMP,
	BLOCK_EXCHANGE,
	BLOCK_AGENT,
	BLOCK_PORT,
	BLOCK_DETECTOR,
	BLOCK_MAIL,
	BLOCK_ALERT,
	BLOCK_ROUTE,
	BLOCK_PEER,
	BLOCK_REPORT,
	BLOCK_WEB,
	BLOCK_COUNT
};

struct config_block_row {
	const char *name;
	unsigned parents; /* bits 1 << BLOCK_... of the blocks it may stand in */
	bool titled;      /* NAME TITLE { }, any number of times; else NAME { }, once */
};

enum config_type {
	TYPE_TEXT, /* min..max octets */
	TYPE_PATH,
	TYPE_UINT,           /* unsigned */
	TYPE_DURATION,       /* int64_t, seconds */
	TYPE_DURATION_SHORT, /* unsigned, seconds */
	TYPE_DURATION_MS,    /* unsigned, milliseconds; min, max in seconds */
	TYPE_RATE,           /* double, bit/s; NAN when not set */
	TYPE_CHOICE,         /* enum: min for the first word, and so on */
	TYPE_CHOICE_BOOL,    /* bool: the second word is true */
	TYPE_CHOICE_TEXT,    /* the word itself */
	TYPE_ZONE,
	TYPE_ADDRESS, /* of an agent: address, host, port of struct config_agent */
	TYPE_LISTEN,  /* of the web: listen, listen_address of struct config_web */
	TYPE_SNMP,    /* the name of an snmp block */
	TYPE_MATCH,   /* PCRE2 */
	TYPE_SECRET,
	TYPE_SECRET_FILE, /* the path of a file that holds it */
	TYPE_SECRET_PATH, /* the same, read only to check it: the path */
	TYPE_TIME_OF_DAY, /* int, minutes past midnight; -1: none */
	TYPE_MAIL,        /* an e-mail address */
	TYPE_MAIL_LIST,   /* struct config_texts: e-mail addresses */
	TYPE_TEXT_LIST,   /* struct config_texts: min..max octets each */
	TYPE_WORD_LIST,   /* unsigned: bit i for the word i */
	TYPE_ASN_LIST,    /* struct config_asns */
	TYPE_SHARE,       /* double, 0..1; min, max in thousandths */
	TYPE_HOURS,       /* office_hours_text, office_hours of struct config_alert */
	TYPE_SMTP_URL,
	TYPE_HTTP_URL,
	TYPE_DETECTOR, /* a key of detector_settings.h; has no field */
	TYPE_COUNT
};

struct config_option {
	enum config_block block;
	const char *name;
	enum config_type type;
	size_t offset; /* of its field in the block's struct */
	int64_t min, max;
	const char *const *words; /* of a choice; ends with NULL */
	const char *default_text; /* NULL: none */
	const char *help;
};

#define CONFIG_BLOCK_OPTIONS_MAX 32

extern const struct config_block_row config_blocks[BLOCK_COUNT];

/* The rows of one block: *count of them, one after the other. */
const struct config_option *config_options(enum config_block block, size_t *count);
/* The number of a key's row among its block's, or -1. */
int config_option_index(enum config_block block, const char *name);
/* The block `name` may open inside of `parent`; BLOCK_COUNT when it may not. */
enum config_block config_block_inside(enum config_block parent, const char *name);
/* "file" or "exchange": for sentences. */
const char *config_block_name(enum config_block block);
/* Whether values of the type are written { "a", "b" }; one alone may stand without braces. */
bool config_type_is_list(enum config_type type);
/* What a value may be, in words: "a duration from 1s to 300s". */
char *config_option_allowed(const struct config_option *option, char *dst, size_t len);

/* --- form: config_scan.c --- */

/* Reads the file and what it includes.  Every fault of form is noted in r.  The clean text has no comments, no includes,
 * only known keys, each once; every value is a list whose first element is the number of its place, every block has a
 * key `block` of that form with its title:
 *     interval={"1","60s"}
 *     snmp{ block={"2","edge"} community={"3","${COMMUNITY:-public}"} }
 * A value with a fault is left out (key={"3"}).  NULL when the file cannot be opened or memory ran out: err says it. */
char *config_scan(struct config_reader *r, const char *file, struct error *err);

/* The meaning of one quoted text of the file, as libconfuse reads it; NULL when it cannot.  Caller frees.  (config.c) */
char *config_unquote(const char *quoted, size_t len);

/* --- values: config_value.c --- */

/* What a block said for one of its options. */
struct config_seen_value {
	unsigned place; /* 0: the key is absent */
	const char
	    *text; /* as meant, in a detector block; else "", so that no secret has a second copy */
	bool taken; /* false: absent or refused */
};

struct config_seen {
	enum config_block block;
	const char *title;  /* "" when it has none */
	bool title_refused; /* it has none to show: a fault was noted already */
	unsigned place;
	struct config_seen_value value[CONFIG_BLOCK_OPTIONS_MAX];
};

const struct config_seen_value *config_seen_get(const struct config_seen *seen, const char *key);

/* Puts the default of an option into its field of the struct at `base`. */
void config_value_default(struct config_reader *r, const struct config_option *option, void *base);
/* Puts a value there; false, and a fault, when it is not allowed.  Only a list has a text_count other than 1. */
bool config_value_take(struct config_reader *r, const struct config_option *option, void *base,
		       unsigned place, const char *const *texts, size_t text_count);

/* A list of AS numbers, as structs of config.h hold it: the count, and right behind it the pointer. */
struct config_asns {
	size_t count;
	const uint32_t *asn;
};

bool config_mail_ok(const char *text);
bool config_smtp_url_ok(const char *text);
bool config_http_url_ok(const char *text);
/* UTF-8 without control characters. */
bool config_text_ok(const char *text);
/* Letters, digits, . _ -, at most 63, beginning with a letter or digit. */
bool config_name_ok(const char *name);

/* --- checks across values: config_check.c, config_detector.c --- */

struct config_title {
	const char *title;
	unsigned place;
};

/* Every one but the first of a title is a fault.  Sorts the titles. */
void config_check_titles(struct config_reader *r, const char *name, struct config_title *titles,
			 size_t count);
void config_check_name(struct config_reader *r, const struct config_seen *seen);
void config_check_snmp(struct config_reader *r, const struct config_seen *seen,
		       const struct config_snmp *snmp);
void config_check_mail(struct config_reader *r, const struct config_seen *seen,
		       const struct config_mail *mail);
void config_check_agent(struct config_reader *r, const struct config_seen *seen);
/* Splits the title "agent/ifName" into port->agent and port->interface; the agent, or NULL. */
const struct config_agent *config_check_port(struct config_reader *r,
					     const struct config_seen *seen,
					     const struct config_exchange *exchange,
					     struct config_port *port);
/* Of a route block, and of the alert block with all of its routes, once the exchanges are known. */
void config_check_route(struct config_reader *r, const struct config_seen *seen,
			const struct config_route *route);
void config_check_alert(struct config_reader *r, const struct config_seen *seen,
			const struct config_alert *alert);
/* Reads the title, an AS number, into peer->asn, and claims it and `also`. */
void config_check_peer(struct config_reader *r, const struct config_seen *seen,
		       struct config_peer *peer);
void config_peer_claim_add(struct config_reader *r, const struct config_peer_claim *claim);
/* Every AS number that stands in two peer blocks, or twice in one, once all were read. */
void config_check_peer_claims(struct config_reader *r);
void config_claim_add(struct config_reader *r, const struct config_claim *claim);
void config_check_claims(struct config_reader *r);

void config_scope_add(struct config_reader *r, const struct config_scope *scope);
/* The overrides of a detector block, checked one by one, in the order written. */
void config_detector_read(struct config_reader *r, const struct config_seen *seen,
			  struct config_scope *scope, size_t *count,
			  const struct config_override **overrides);
/* What the blocks lead to together. */
void config_check_scopes(struct config_reader *r);

#endif
