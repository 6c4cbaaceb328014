/* page_login.c - in and out: plain forms that work without a script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "auth.h"
#include "page.h"
#include "refuse.h"

#define NEXT_MAX 512

/* Only a path of this server: "//host" and "/\host" are other servers to a browser. */
static const char *
local_path(const char *next)
{
	size_t len = strlen(next);

	if (next[0] != '/' || next[1] == '/' || len >= NEXT_MAX || strchr(next, '\\') != NULL)
		return "/";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)next[i] <= ' ' || (unsigned char)next[i] >= 0x7f)
			return "/";
	return next;
}

static void
put_login(const struct request *request, struct reply *reply, unsigned status, const char *next,
	  const char *problem)
{
	/* which of the two is wrong is not said */
	const char *fault =
	    problem[0] == '\0' ? "" : " aria-invalid=\"true\" aria-describedby=\"problem\"";
	struct html html;

	page_begin(&html, request, "Log in", PLACE_NONE, 0);
	html_raw(&html, "<form class=\"card ask\" method=\"post\" action=\"/login\">\n<h1>Log "
			"in</h1>\n");
	if (problem[0] != '\0')
		html_put(&html, "<p class=\"problem\" id=\"problem\" role=\"alert\">%s</p>\n",
			 problem);
	html_put(&html,
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<input type=\"hidden\" name=\"next\" value=\"%s\">\n"
		 "<label>Name <input name=\"name\" autocomplete=\"username\" "
		 "autocapitalize=\"none\" required autofocus maxlength=\"63\"",
		 request->who.form_token, local_path(next));
	html_raw(&html, fault);
	html_raw(&html, "></label>\n<label>Password <input type=\"password\" name=\"password\" "
			"autocomplete=\"current-password\" required maxlength=\"256\"");
	html_raw(&html, fault);
	html_raw(&html, "></label>\n<button>Log in</button>\n</form>\n");
	page_end(&html, request, reply, status);
}

void
page_login(const struct request *request, struct reply *reply)
{
	if (request->who.kind != WHO_NOBODY)
		reply_redirect(reply, local_path(request->query.next));
	else
		put_login(request, reply, 200, request->query.next, "");
}

/* What the answer of the worker needs to be understood. */
struct attempt {
	char name[ACCOUNT_NAME_MAX];
	char hash[PASSWORD_HASH_MAX];
	char next[NEXT_MAX];
};

static void
on_checked(const struct request *request, const struct drawn *drawn, void *pending,
	   struct reply *reply)
{
	struct attempt *attempt = pending;

	if (!drawn->ok) {
		put_login(request, reply, 503, attempt->next,
			  "The password cannot be checked now. Try again in a moment.");
		return;
	}
	bool matches = drawn->len == 1 && drawn->data[0] == '1';
	if (auth_login_end(request->auth, request->visit, attempt->name, attempt->hash, matches,
			   reply->set_cookie))
		reply_redirect(reply, attempt->next);
	else
		put_login(request, reply, 401, attempt->next,
			  "There is no account of that name with that password.");
}

static struct job *
password_job(const char *hash, const char *password)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->kind = JOB_PASSWORD;
	size_t hash_len = strlen(hash);
	memcpy(job->text, hash, hash_len + 1);
	snprintf(job->text + hash_len + 1, sizeof(job->text) - hash_len - 1, "%s", password);
	return job;
}

void
page_login_post(const struct request *request, struct reply *reply)
{
	const char *name = action_field(request, "name"),
		   *password = action_field(request, "password"),
		   *next = local_path(action_field(request, "next"));
	struct attempt *attempt;
	char problem[96];

	if (name[0] == '\0' || strlen(name) >= ACCOUNT_NAME_MAX ||
	    strlen(password) > PASSWORD_MAX) {
		put_login(request, reply, 401, next,
			  "There is no account of that name with that password.");
		return;
	}
	attempt = calloc(1, sizeof(*attempt));
	if (attempt == NULL)
		return;
	reply->pending = attempt;
	reply->pending_len = sizeof(*attempt);
	snprintf(attempt->name, sizeof(attempt->name), "%s", name);
	snprintf(attempt->next, sizeof(attempt->next), "%s", next);
	reply->retry_after_sec =
	    auth_login_begin(request->auth, request->visit->address, name, attempt->hash);
	if (reply->retry_after_sec > 0) {
		snprintf(problem, sizeof(problem),
			 "There were too many attempts. Try again in %u s.",
			 reply->retry_after_sec);
		put_login(request, reply, 429, next, problem);
		return;
	}
	reply->job = password_job(attempt->hash, password);
	reply->finish = on_checked;
}

void
page_logout_post(const struct request *request, struct reply *reply)
{
	auth_logout(request->auth, request->visit, reply->set_cookie);
	reply_redirect(reply, request->who.kind == WHO_OPEN ? "/" : "/login");
}
