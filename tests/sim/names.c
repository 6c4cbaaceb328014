/* names.c - tables of names (see names.h). */
#include "names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ZONE(iana, hours, rule_)                                                                   \
	{                                                                                          \
		.name = iana, .standard_offset_sec = (hours)*3600, .rule = rule_                   \
	}

const struct place places[] = {
	{ "fra", "Frankfurt", ZONE("Europe/Berlin", 1, ZONE_EU) },
	{ "lon", "London", ZONE("Europe/London", 0, ZONE_EU) },
	{ "nyc", "New York", ZONE("America/New_York", -5, ZONE_US) },
	{ "ams", "Amsterdam", ZONE("Europe/Amsterdam", 1, ZONE_EU) },
	{ "tyo", "Tokyo", ZONE("Asia/Tokyo", 9, ZONE_FIXED) },
	{ "sao", "Sao Paulo", ZONE("America/Sao_Paulo", -3, ZONE_FIXED) },
	{ "sin", "Singapore", ZONE("Asia/Singapore", 8, ZONE_FIXED) },
	{ "chi", "Chicago", ZONE("America/Chicago", -6, ZONE_US) },
	{ "jnb", "Johannesburg", ZONE("Africa/Johannesburg", 2, ZONE_FIXED) },
	{ "hel", "Helsinki", ZONE("Europe/Helsinki", 2, ZONE_EU) },
};
const size_t place_count = COUNT(places);

const struct peer peers[] = {
	{ 64500, "ExampleNet" },
	{ 64501, "Larchwood Broadband" },
	{ 64502, "Pixelstream Video" },
	{ 64503, "Cinder Games" },
	{ 64504, "Moorland Fibre" },
	{ 64505, "Quillfeather Hosting" },
	{ 64506, "Nordlicht Küste" },
	{ 64507, "Brightwater Cable" },
	{ 64508, "Tessellate Cloud" },
	{ 64509, "Hollowbank CDN" },
	{ 64510, "University of Wexcombe" },
	{ 64511, "Farrowdale Wireless" },
	{ 65536, "Ostrich Mobile" },
	{ 65537, "Saltmarsh Telecom" },
	{ 65538, "Copperline DSL" },
	{ 65539, "Ravenscar Networks" },
	{ 65540, "Thistlemoor Data" },
	{ 65541, "Ambergate Security" },
	{ 65542, "Palefire Music" },
	{ 65543, "Kestrelbyte" },
	{ 65544, "Greywater Transit" },
	{ 65545, "Bellwether News" },
	{ 65546, "Underhill Storage" },
	{ 65547, "Zephyr Rural Access" },
	{ 65548, "Marrowfield ISP" },
	{ 65549, "Inkwell Publishing" },
	{ 65550, "Fjordane Kabel" },
	{ 65551, "Dustbowl Gaming" },
	{ 64496, "Vantage Root Services" },
	{ 64497, "Clocktower DNS" },
	{ 64498, "Millrace Research" },
};
const size_t peer_count = COUNT(peers);

const struct make makes[] = {
	{ "Demo Networks DX-9200, software 21.4R3.5", "ge-0/0/%u", "xe-0/0/%u", "et-0/1/%u", "ae%u",
	  "lo0", "fxp0", 0, 501, 1 },
	{ "Demo Networks 7280, EOX 4.30.1F", "Ethernet%u/1", "Ethernet%u", "Ethernet%u/1",
	  "Port-Channel%u", "Loopback0", "Management1", 1, 1, 1 },
	{ "Demo Networks 9900, XOS 7.5.2", "GigabitEthernet0/0/0/%u", "TenGigE0/0/0/%u",
	  "HundredGigE0/1/0/%u", "Bundle-Ether%u", "Loopback0", "MgmtEth0/RSP0/CPU0/0", 0, 2, 4 },
};
const size_t make_count = COUNT(makes);
