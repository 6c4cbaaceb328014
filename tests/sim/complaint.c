/* complaint.c - see complaint.h. */
#include <stdarg.h>
#include <stdio.h>

#include "complaint.h"

bool
complain(struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint->text, sizeof(complaint->text), format, arguments);
	va_end(arguments);
	return false;
}
