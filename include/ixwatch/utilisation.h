/* utilisation.h - the one measure of how full a direction of a port is; detector, pages, API and reports all use it.
 *
 * IF-MIB octets count the frame with its FCS (RFC 2863, RFC 3635) but not the 20 octets of preamble, delimiter and
 * inter-frame gap that each frame costs on the wire.  u = 8 * (octets/s + 20 * packets/s) / C.  Where octets per packet
 * are outside 60..9216, or packets are unknown, the frames cannot be counted and layer 2 is used. */
#ifndef IXWATCH_UTILISATION_H
#define IXWATCH_UTILISATION_H

#include <stdbool.h>

#define UTILISATION_FRAME_OVERHEAD_OCTETS 20.0
#define UTILISATION_FRAME_MIN_OCTETS      60.0
#define UTILISATION_FRAME_MAX_OCTETS      9216.0

/* Whether the packets are known and fit the octets.  An idle direction (0 and 0) fits. */
bool utilisation_packets_fit(double bps, double pps);

/* What the direction occupies on the wire, bit/s: layer 1 where the packets fit, else layer 2.  NAN when bps is. */
double utilisation_wire_bps(double bps, double pps);

/* The share of capacity_bps in use, 0 or more (against a contract it may exceed 1).
 * NAN when bps is unknown or the capacity is unknown or not above 0. */
double utilisation_share(double bps, double pps, double capacity_bps);

#endif
