/* utilisation.c - body of ixwatch/utilisation.h.  Source: IEEE 802.3: 7 + 1 + 12 octets a frame. */
#include <math.h>

#include "ixwatch/utilisation.h"

/* Products instead of a quotient: an idle direction needs no case of its own, and NAN fits nothing. */
bool
utilisation_packets_fit(double bps, double pps)
{
	double octets_per_sec = bps / 8.0;

	return isfinite(bps) && isfinite(pps) &&
	       octets_per_sec >= UTILISATION_FRAME_MIN_OCTETS * pps &&
	       octets_per_sec <= UTILISATION_FRAME_MAX_OCTETS * pps;
}

double
utilisation_wire_bps(double bps, double pps)
{
	if (!utilisation_packets_fit(bps, pps))
		return bps;
	return 8.0 * (bps / 8.0 + UTILISATION_FRAME_OVERHEAD_OCTETS * pps);
}

double
utilisation_share(double bps, double pps, double capacity_bps)
{
	if (isnan(bps) || !(capacity_bps > 0))
		return NAN;
	return utilisation_wire_bps(bps, pps) / capacity_bps;
}
