/* series_crc.c - CRC-32 (ISO 3309, the polynomial of Ethernet and gzip), eight octets a turn
 * ("slicing by 8"). */
#include <stdint.h>
#include <string.h>

#include "store/series_internal.h"

static uint32_t table[8][256];

static void
make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
		table[0][i] = crc;
	}
	for (int t = 1; t < 8; t++)
		for (int i = 0; i < 256; i++)
			table[t][i] = (table[t - 1][i] >> 8) ^ table[0][table[t - 1][i] & 0xFF];
}

uint32_t
series_crc_more(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *at = data;

	crc = ~crc;
	if (table[0][1] == 0)
		make_table();
	for (; len >= 8; at += 8, len -= 8) {
		uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 |
				      (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);

		crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^
		      table[5][low >> 16 & 0xFF] ^ table[4][low >> 24] ^ table[3][at[4]] ^
		      table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
	}
	for (; len > 0; at++, len--)
		crc = (crc >> 8) ^ table[0][(crc ^ *at) & 0xFF];
	return ~crc;
}

uint32_t
series_crc(const void *data, size_t len)
{
	return series_crc_more(0, data, len);
}
