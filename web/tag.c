/* tag.c - see tag.h. */
#include "tag.h"

#include <stdio.h>
#include <string.h>

#include "ixwatch/digest.h"

void
tag_viewer(struct reply *reply, const struct identity *who)
{
	char scopes[ACCOUNT_TEXT_MAX], text[ACCOUNT_TEXT_MAX + ACCOUNT_NAME_MAX + 64];

	reply->has_viewer = who->kind == WHO_SESSION || who->kind == WHO_TOKEN;
	if (!reply->has_viewer)
		return;
	int len = snprintf(text, sizeof(text), "%d %d %x %s\n%s", (int)who->kind, (int)who->role,
			   who->kinds, who->name, account_scopes_format(scopes, &who->scopes));
	digest_of(reply->viewer, text, (size_t)len);
}

void
tag_private(struct reply *reply)
{
	struct {
		unsigned char viewer[DIGEST_LEN];
		char etag[ETAG_MAX];
	} both = { .etag = "" };
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX];

	if (reply->status != 200 || !reply->has_viewer || reply->etag[0] == '\0') {
		reply->etag[0] = '\0';
		return;
	}
	memcpy(both.viewer, reply->viewer, sizeof(both.viewer));
	snprintf(both.etag, sizeof(both.etag), "%s", reply->etag);
	digest_of(digest, &both, sizeof(both));
	digest_format(hex, digest);
	snprintf(reply->etag, sizeof(reply->etag), "\"%.16s\"", hex);
}
