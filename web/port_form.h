/* port_form.h - a form about one port that the collector carries out: what declaring a window and silencing have in common,
 * from the page to the answer.
 *
 * Works are announced by the clock on the exchange's wall, so that is the clock a form suggests; it says which, and UTC is
 * the other choice.  A time that says its own zone, as programs send it, is taken as it stands. */
#ifndef WEB_PORT_FORM_H
#define WEB_PORT_FORM_H

#include "html.h"
#include "reply.h"
#include "request.h"

/* What stands in the form: as it was sent, or a suggestion. */
struct port_draft {
	const char *cause, *from, *to, *reason;
	const char
	    *clock; /* PORT_FORM_LOCAL: from and to are read on the exchange's clock; else UTC */
};
#define PORT_FORM_LOCAL "local"

/* What holds for the port already, item by item. */
struct port_list {
	struct html *html;
	const struct request *request;
	unsigned count;
};

struct port_form {
	const char *word;            /* the end of its path: "declare" */
	const char *title;           /* of the page, and its heading */
	const char *before, *behind; /* the port's name, in the sentence that says what it does */
	const char *thing, *done;    /* around the number of what was done */
	const char *reason_hint;
	const char *button;
	const char *list_title, *list_none;
	/* What this form does not do, and the form that does. */
	const char *other_before, *other_word, *other_title;
	/* but the reason; problem: what was wrong, "" for nothing */
	void (*put_fields)(struct html *html, const struct port_draft *draft, const char *problem);
	bool (*put_list)(struct port_list *list, struct error *err);
	struct json *(*op)(const struct request *request); /* what the collector is asked */
};

/* The page, with this draft in its form. */
void port_form_page(const struct port_form *form, const struct request *request,
		    struct reply *reply, const struct port_draft *draft);
/* Sends what a form or a program asks for. */
void port_form_send(const struct port_form *form, const struct request *request,
		    struct reply *reply, reply_finish *finish);
/* The collector's answer: the page again with what it said, or the way back to it. */
void port_form_finish(const struct port_form *form, const struct request *request,
		      const struct drawn *drawn, struct reply *reply);

/* An item of the list begins; it ends with "</li>\n". */
void port_list_item(struct port_list *list);

/* "2026-11-28T06:00", as a field for times has it, of any second of that minute; on the clock of the port's exchange. */
#define PORT_FORM_TIME 40
char *port_form_time(char dst[PORT_FORM_TIME], const struct request *request, int64_t utc_sec);
/* Puts the time of that field: as it came, or, since such a field's has neither seconds nor zone, of the clock that was
 * chosen.  A local time that a change of the clock leaves out is the first instant after it; one that comes twice, the first. */
void port_form_put_time(struct json *op, const struct request *request, const char *key);
/* "2026-11-29 02:00 GMT", where the port's exchange is. */
void port_form_put_local(struct html *html, const struct request *request, int64_t utc_sec);
/* An operation on the request's port. */
struct json *port_form_op(const struct request *request, const char *name);

/* A field for a time, on the clock that the form names; problem: as for put_fields. */
void port_form_time_field(struct html *html, const char *label, const char *name, const char *value,
			  bool required, const char *problem);

#endif
