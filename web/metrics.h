/* metrics.h - /metrics, for Prometheus. */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "reply.h"
#include "request.h"

void metrics_get(const struct request *request, struct reply *reply);

#endif
