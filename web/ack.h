/* ack.h - what the pages that acknowledge by a mail's link share: page_ack.c (one alert), page_ack_mail.c (all that a mail
 * told). */
#ifndef WEB_ACK_H
#define WEB_ACK_H

#include "ixwatch/alert.h"
#include "ixwatch/signed_link.h"

#include "html.h"
#include "reply.h"
#include "request.h"

#define ACK_REASON_OFFERED "I look into it"

/* What the token in the path says, of one alert or of a mail; false: the reply says why not. */
bool ack_claim(const struct request *request, struct reply *reply, struct link_claim *claim);

/* "saturated out: demo-fra edge1 et-0/0/7, ExampleNet, AS64500, since 02:10Z"; of one that is over, since when it is. */
void ack_put_alert(struct html *html, const struct request *request,
		   const struct ledger_alert *alert);

/* Sends what is asked in the name of whom the link was mailed to. */
void ack_send(const struct request *request, struct reply *reply, const struct link_claim *claim,
	      struct json *op_take, reply_finish *finish);

/* Of a link for a mail: the alerts that it told, with a box each, and one button for all. */
void page_ack_mail(const struct request *request, struct reply *reply,
		   const struct link_claim *claim);
void page_ack_mail_post(const struct request *request, struct reply *reply,
			const struct link_claim *claim);

#endif
