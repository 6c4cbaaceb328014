/* discover_print.c - see discover_print.h.
 *
 * Names and aliases are whatever somebody once typed into a router: in the configuration they stand in single quotes,
 * where only \ and ' mean something, and in comments as clean text of one line. */
#include "commands/discover_print.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/json.h"
#include "ixwatch/units.h"
#include "snmp/ifmib.h"

#define AGENT_NAME_LEN      40
#define IF_TYPE_LAG         161 /* ieee8023adLag */
#define IF_TYPE_MULTIPLEXOR 54  /* propMultiplexor: LAGs of some vendors */

/* --- what is worth watching --- */

/* Interfaces that face somebody by a wire, and bundles of such. */
static bool
is_wire(const struct interface_row *row)
{
	return ifmib_is_wire(row->type) || row->type == IF_TYPE_MULTIPLEXOR || row->is_lag;
}

static const char *
type_text(uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *text;
	} texts[] = {
		{ 1, "other" },         { 6, "ethernet" }, { 24, "loopback" }, { 53, "virtual" },
		{ 117, "ethernet" },    { 131, "tunnel" }, { 135, "vlan" },    { 136, "vlan" },
		{ IF_TYPE_LAG, "LAG" }, { 166, "mpls" },   { 209, "bridge" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].type == type)
			return texts[i].text;
	return NULL;
}

/* A sub-interface ("xe-0/0/0.100", "ae0:12") carries part of what its parent counts. */
static bool
is_unit(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && dot[1] != '\0' && dot[strspn(dot + 1, "0123456789") + 1] == '\0' &&
	       strpbrk(name, "/-") != NULL;
}

/* NULL for a port that should be watched, whatever it is a member of; else why not. */
static const char *
not_watched_alone(const struct interface_row *row)
{
	if (row->name[0] == '\0')
		return "it has no name";
	if (!is_wire(row))
		return "no port";
	if (is_unit(row->name))
		return "part of a port";
	if (row->oper != READING_OPER_UP)
		return row->admin_up ? "down" : "switched off";
	if (row->counter_bits != 64)
		return "no 64-bit counters";
	return NULL;
}

static const struct interface_row *
row_at(const struct discovery *found, uint32_t if_index)
{
	size_t low = 0, high = found->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (found->rows[middle].if_index < if_index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < found->row_count && found->rows[low].if_index == if_index ? &found->rows[low]
									       : NULL;
}

/* The LAG it is a member of, or NULL. */
static const struct interface_row *
lag_of(const struct discovery *found, const struct interface_row *row)
{
	return row->lag_if_index != 0 ? row_at(found, row->lag_if_index) : NULL;
}

/* The same beside its LAG: that counts the traffic of its members. */
static const char *
not_watched(const struct discovery *found, const struct interface_row *row)
{
	const struct interface_row *lag = lag_of(found, row);
	const char *why_not = not_watched_alone(row);

	if (why_not == NULL && lag != NULL && not_watched_alone(lag) == NULL)
		return "counted by its LAG";
	return why_not;
}

/* --- the stanza --- */

static void
put_quoted(FILE *to, const char *text)
{
	putc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '\'')
			putc('\\', to);
		putc(*text, to);
	}
	putc('\'', to);
}

/* A name for the agent that the configuration takes: letters, digits, . _ - */
static void
agent_name(char dst[AGENT_NAME_LEN], const char *sys_name)
{
	size_t len = 0;

	for (; *sys_name != '\0' && *sys_name != '.' && len < AGENT_NAME_LEN - 1; sys_name++) {
		bool fits = isalnum((unsigned char)*sys_name) && (unsigned char)*sys_name < 128;

		if (fits || (len > 0 && (*sys_name == '-' || *sys_name == '_')))
			dst[len++] = *sys_name;
	}
	dst[len] = '\0';
	if (len == 0)
		strcpy(dst, "agent1");
}

static void
put_title(FILE *to, const char *agent, const struct interface_row *row)
{
	char title[AGENT_NAME_LEN + 1024];
	size_t len = (size_t)snprintf(title, sizeof(title) - 16, "%s/%s", agent, row->name);

	if (len >= sizeof(title) - 16)
		len = sizeof(title) - 17;
	if (row->duplicate_name || row->name[0] == '\0')
		snprintf(title + len, sizeof(title) - len, "#%u", (unsigned)row->if_index);
	put_quoted(to, title);
}

static const char *
oper_text(enum reading_oper oper)
{
	return oper == READING_OPER_UP ? "up" : oper == READING_OPER_DOWN ? "down" : "unknown";
}

/* Whose member it is, or who its members are. */
static void
put_lag(FILE *to, const struct discovery *found, const struct interface_row *row)
{
	const struct interface_row *lag = lag_of(found, row);
	const char *before = ", of ";

	if (lag != NULL)
		fprintf(to, ", member of %s", lag->name);
	for (size_t i = 0; row->is_lag && i < found->row_count; i++)
		if (found->rows[i].lag_if_index == row->if_index) {
			fprintf(to, "%s%s", before, found->rows[i].name);
			before = " ";
		}
}

static void
put_about(FILE *to, const struct discovery *found, const struct interface_row *row)
{
	const char *type = type_text(row->type);
	char speed[32];

	fprintf(to, "%s, ",
		isnan(row->speed_bps) ? "speed unknown: set capacity = \"...\""
				      : units_format_bps(speed, sizeof(speed), row->speed_bps));
	if (row->counter_bits == 0)
		fputs("no counters", to);
	else
		fprintf(to, "%u-bit counters", row->counter_bits);
	fprintf(to, ", %s", oper_text(row->oper));
	if (type != NULL)
		fprintf(to, ", %s", type);
	else
		fprintf(to, ", ifType %u", (unsigned)row->type);
	fprintf(to, ", ifIndex %u%s", (unsigned)row->if_index,
		row->duplicate_name ? ", name not unique" : "");
	put_lag(to, found, row);
	if (row->alias[0] != '\0')
		fprintf(to, ": %s", row->alias);
	putc('\n', to);
}

static void
put_port(FILE *to, const char *agent, const struct discovery *found,
	 const struct interface_row *row, const char *why_not)
{
	fprintf(to, "  %sport ", why_not != NULL ? "# " : "");
	put_title(to, agent, row);
	fprintf(to, " { }  # %s%s", why_not != NULL ? why_not : "", why_not != NULL ? "; " : "");
	put_about(to, found, row);
}

static size_t
put_ports(FILE *to, const char *agent, const struct discovery *found, bool watched)
{
	size_t count = 0;

	for (size_t i = 0; i < found->row_count; i++) {
		const char *why_not = not_watched(found, &found->rows[i]);

		if ((why_not == NULL) != watched)
			continue;
		put_port(to, agent, found, &found->rows[i], why_not);
		count++;
	}
	return count;
}

static void
put_head(FILE *to, const struct discovery *found)
{
	char now[32], up[48];

	fprintf(to, "# %s", found->address);
	if (found->sys_name[0] != '\0')
		fprintf(to, ", %s", found->sys_name);
	fprintf(to, ": %zu interface%s, asked at %s", found->row_count,
		found->row_count == 1 ? "" : "s",
		units_format_utc(now, sizeof(now), clock_utc_sec()));
	if (found->uptime_ticks > 0)
		fprintf(to, ", up for %s",
			units_format_duration(up, sizeof(up), found->uptime_ticks / 100));
	putc('\n', to);
	if (found->sys_descr[0] != '\0')
		fprintf(to, "# %s\n", found->sys_descr);
	if (found->warning[0] != '\0')
		fprintf(to, "# Note: %s.\n", found->warning);
	putc('\n', to);
}

static void
put_snmp(FILE *to, const struct discovery *found)
{
	if (!found->own_snmp)
		return;
	fprintf(to,
		"snmp %s {\n"
		"  version = \"2c\"\n"
		"  community = \"${IXWATCH_COMMUNITY:-public}\"   # or community-file = \"...\"\n"
		"}\n\n",
		found->snmp);
}

static void
put_agent(FILE *to, const char *agent, const struct discovery *found)
{
	fprintf(to,
		"exchange my-exchange {   # give it its own name\n"
		"  # name = \"...\"   timezone = \"Europe/Berlin\"   kind = \"member\"\n"
		"  agent %s {\n"
		"    address = \"%s\"   snmp = \"%s\"\n"
		"    # Every interface whose alias matches is a port, in place of a list:\n"
		"    # match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'\n"
		"  }\n\n",
		agent, found->address, found->snmp);
}

/* Up, and the agent does not say who its members are: they cannot be told from ports. */
static bool
has_opaque_lag(const struct discovery *found)
{
	for (size_t i = 0; i < found->row_count; i++) {
		const struct interface_row *row = &found->rows[i];
		bool has_member = false;

		for (size_t k = 0; row->is_lag && k < found->row_count; k++)
			has_member = has_member || found->rows[k].lag_if_index == row->if_index;
		if (row->is_lag && !has_member && not_watched_alone(row) == NULL)
			return true;
	}
	return false;
}

void
discover_print_stanza(FILE *to, const struct discovery *found)
{
	char agent[AGENT_NAME_LEN];

	agent_name(agent, found->sys_name);
	put_head(to, found);
	put_snmp(to, found);
	put_agent(to, agent, found);
	fputs("  # Ports that are up. Inside the braces: asn = 64500 peer = \"...\" contracted = "
	      "\"5G\"\n",
	      to);
	if (has_opaque_lag(found))
		fputs("  # Of some LAGs the agent does not say the members. Both count the same "
		      "traffic: keep one or the other.\n",
		      to);
	if (put_ports(to, agent, found, true) == 0)
		fputs("  # (none)\n", to);
	fputs("\n  # Everything else.\n", to);
	if (put_ports(to, agent, found, false) == 0)
		fputs("  # (nothing)\n", to);
	fputs("}\n", to);
}

/* --- JSON --- */

static void
json_put_row(struct json *list, const struct discovery *found, const struct interface_row *row)
{
	const struct interface_row *lag = lag_of(found, row);
	struct json *object = json_put_object(list, "");

	json_put_int(object, "if_index", row->if_index);
	json_put_text(object, "interface", row->name);
	json_put_text(object, "alias", row->alias);
	json_put_text(object, "descr", row->descr);
	json_put_int(object, "type", row->type);
	json_put_number(object, "speed_bps", row->speed_bps);
	json_put_int(object, "counter_bits", row->counter_bits);
	json_put_text(object, "oper", oper_text(row->oper));
	json_put_bool(object, "admin_up", row->admin_up);
	json_put_bool(object, "duplicate_name", row->duplicate_name);
	json_put_bool(object, "proposed", not_watched(found, row) == NULL);
	json_put_bool(object, "lag", row->is_lag);
	json_put_text(object, "member_of", lag != NULL ? lag->name : NULL);
	if (lag != NULL)
		json_put_int(object, "member_of_if_index", lag->if_index);
	else
		json_put_null(object, "member_of_if_index");
}

bool
discover_print_json(FILE *to, const struct discovery *found, struct error *err)
{
	struct json *root = json_object_new();
	struct json *list;
	char *text;

	json_put_text(root, "address", found->address);
	json_put_text(root, "sys_name", found->sys_name);
	json_put_text(root, "sys_descr", found->sys_descr);
	json_put_int(root, "uptime_sec", found->uptime_ticks / 100);
	json_put_text(root, "warning", found->warning);
	list = json_put_array(root, "interfaces");
	for (size_t i = 0; i < found->row_count; i++)
		json_put_row(list, found, &found->rows[i]);
	text = json_print_dup(root, true, NULL);
	json_free(root);
	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	fprintf(to, "%s\n", text);
	free(text);
	return true;
}
