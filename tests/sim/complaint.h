/* complaint.h - why something cannot be done, as one sentence that names the value and what is allowed. */
#ifndef SIM_COMPLAINT_H
#define SIM_COMPLAINT_H

#include <stdbool.h>

struct complaint {
	char text[512];
};

/* Always false, so that `return complain(...)` reads well. */
bool complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
