/* mail_life.c - see mail_life.h. */
#include "mail_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/outbox.h"
#include "ixwatch/snapshot.h"
#include "ixwatch/units.h"
#include "ixwatch/zone.h"
#include "notify/digest.h"
#include "outbox_office.h"

#define OPEN_MAX 200
#define DAY_SEC  86400

struct life {
	struct judge_house *house;
	const char *line[OPEN_MAX];
	size_t line_count;
	const struct ledger_episode *episode; /* whose port is looked up */
};

static bool
on_port(const struct port *port, void *user)
{
	struct life *life = user;
	const struct ledger_episode *episode = life->episode;
	char since[40], peak[32], line[400];

	units_format_utc(since, sizeof(since), episode->start_utc_sec);
	units_format_share(peak, sizeof(peak), episode->peak_utilisation);
	snprintf(line, sizeof(line), "%s %s/%s/%s %s since %s, peak %s",
		 port->peer[0] != '\0' ? port->peer : port->alias, port->exchange, port->agent,
		 port->interface, model_direction_name(episode->direction), since, peak);
	life->line[life->line_count] = strdup(line);
	life->line_count += life->line[life->line_count] != NULL;
	return false;
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct life *life = user;
	struct detector_settings settings;
	char name[32];

	config_detector(life->house->config, NULL, NULL, NULL, &settings);
	if (episode->profile != settings.profile)
		return true;
	snprintf(name, sizeof(name), "%lld", (long long)episode->subject.id);
	life->episode = episode;
	ledger_port_find(life->house->ledger, name, on_port, life, NULL);
	return life->line_count < OPEN_MAX;
}

static bool
facts_gather(struct life *life, struct life_facts *facts, int64_t now_utc_sec, struct error *err)
{
	struct ledger_episode_query query = { .subject = subject_port(0),
					      .open_only = true,
					      .kind = EPISODE_SUSTAINED,
					      .limit = 1000 };
	struct ledger *ledger = life->house->ledger;
	struct outbox_summary summary;
	struct snapshot *snapshot = NULL;

	if (!ledger_episode_each(ledger, &query, on_episode, life, err) ||
	    !ledger_outbox_summary(ledger, now_utc_sec, &summary, err) ||
	    !ledger_outbox_sent_since(ledger, now_utc_sec - DAY_SEC, &facts->mails_sent, err))
		return false;
	facts->mails_waiting = summary.count[OUTBOX_WAITING];
	facts->mails_failed = summary.count[OUTBOX_FAILED];
	facts->open = life->line;
	facts->open_count = life->line_count;
	if (!snapshot_read(life->house->config->state_dir, &snapshot, NULL))
		return true; /* no round yet: it says so */
	facts->port_count = snapshot->port_count;
	facts->agent_count = snapshot->agent_count;
	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		facts->silent_agent_count += snapshot->agents[i].trouble[0] != '\0';
	facts->rounds = snapshot->rounds;
	facts->rounds_late = snapshot->rounds_late;
	facts->round_utc_sec = snapshot->round_utc_sec;
	snapshot_free(snapshot);
	return true;
}

static bool
put_to_all(struct judge_house *house, const struct digest *text, int64_t now_utc_sec,
	   struct error *err)
{
	const struct config_alert *alert = &house->config->alert;

	if (!judge_house_begin(house, err))
		return false;
	for (size_t i = 0; i < alert->to.count; i++) {
		char message_id[OUTBOX_MESSAGE_ID_SIZE];
		int64_t id;

		if (!ledger_outbox_put(house->ledger,
				       &(struct outbox_mail) {
					   .kind = OUTBOX_SIGN_OF_LIFE,
					   .recipient = alert->to.text[i],
					   .message_id = outbox_message_id(
					       message_id, outbox_sender(&house->config->mail)),
					   .subject = text->subject,
					   .text = text->text,
					   .created_utc_sec = now_utc_sec,
					   .give_up_utc_sec = now_utc_sec + DAY_SEC },
				       &id, err)) {
			house->trouble = *err;
			return false;
		}
	}
	return true;
}

/* The latest instant of that time of day at or before now. */
static bool
hour_of(const struct config_mail *mail, int64_t now_utc_sec, int64_t *hour_utc_sec, char *local,
	size_t local_len, struct error *err)
{
	int32_t start_sec = mail->sign_of_life * 60;
	struct zone *zone;

	if (!zone_open(&zone, mail->timezone, err))
		return false;
	*hour_utc_sec =
	    zone_day_begin_utc_sec(zone, zone_day_of(zone, now_utc_sec, start_sec), start_sec);
	zone_format(zone, local, local_len, now_utc_sec);
	zone_close(zone);
	return true;
}

bool
mail_life_look(struct judge_house *house, int64_t now_utc_sec, bool *put, struct error *err)
{
	const struct config *config = house->config;
	struct life life = { .house = house };
	struct life_facts facts = { .at_utc_sec = now_utc_sec };
	struct digest text;
	int64_t newest_utc_sec, hour_utc_sec;
	char local[64];
	bool done;

	*put = false;
	if (config->mail.sign_of_life == MAIL_NO_SIGN_OF_LIFE || config->alert.to.count == 0 ||
	    !outbox_is_active(&config->mail))
		return true;
	if (!hour_of(&config->mail, now_utc_sec, &hour_utc_sec, local, sizeof(local), err) ||
	    !ledger_outbox_newest(house->ledger, OUTBOX_SIGN_OF_LIFE, &newest_utc_sec, err))
		return false;
	if (newest_utc_sec >= hour_utc_sec)
		return true;
	facts.zone_time = local;
	done = facts_gather(&life, &facts, now_utc_sec, err) && life_make(&text, &facts, err);
	if (done) {
		done = put_to_all(house, &text, now_utc_sec, err);
		digest_free(&text);
	}
	for (size_t i = 0; i < life.line_count; i++)
		free((char *)life.line[i]);
	*put = done;
	return done;
}
