# ixwatch.  Verbs: all, deps, demo, test (unit, integration, browser), lint, asan, soak, fuzz, bench, golden, install, clean.
# V=1 shows every command; BUILD= another build folder; SAN= sanitizers.

PREFIX	   ?= /usr/local
DESTDIR	   ?=
BUILD	   ?= build
CC	   ?= cc
PKG_CONFIG ?= pkg-config
PYTHON	   ?= /usr/bin/python3
WERROR	   ?= $(if $(CI),-Werror,)
SAN	   ?=

VERSION	   := 0.1.0
WARNINGS   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wwrite-strings \
	      -Wno-missing-field-initializers
CFLAGS	   ?= -O2 -g
# -ffp-contract=off: the same history must give the same judgement on every machine.
ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -DIXWATCH_VERSION='"$(VERSION)"' -Iinclude -Icollector -Iweb -I$(BUILD)/gen \
	      $(WARNINGS) $(WERROR) -ffp-contract=off -fstack-protector-strong \
	      $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN),-fsanitize=$(SAN)) -Wl,--as-needed $(LDFLAGS)

# Libraries, by pkg-config name.  Which files may include which of their headers, tests/lint.sh checks.
PKGS_SHARED    := libconfuse jansson glib-2.0 libpcre2-8 libsystemd librrd sqlite3 gnutls libcrypt
PKGS_COLLECTOR := $(PKGS_SHARED) netsnmp libuv libical libcurl
PKGS_WEB       := $(PKGS_SHARED) libmicrohttpd zlib
PKGS_ALL       := $(sort $(PKGS_COLLECTOR) $(PKGS_WEB))

# Debian packages.  `make deps` installs what is missing of them, and says what.
DEBS_BUILD := build-essential pkg-config git libsnmp-dev librrd-dev libmicrohttpd-dev libsqlite3-dev libuv1-dev \
	      libconfuse-dev libical-dev libcurl4-gnutls-dev libpcre2-dev libjansson-dev libglib2.0-dev libsystemd-dev zlib1g-dev libgnutls28-dev \
	      libcrypt-dev tzdata fonts-dejavu-core libjs-dygraphs
DEBS_TEST  := libcmocka-dev snmpd snmp snmpsim chromium chromium-driver python3-pytest python3-aiosmtpd opensmtpd openssl python3-selenium rrdtool curl \
	      clang-format cppcheck util-linux faketime clang libclang-rt-14-dev python3-yaml python3-jsonschema python3-pytest-xdist nginx-light

# What only figures need, and the soak of an hour of load.
DEBS_BENCH := wrk

Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')
obj  = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# What both programs link: bodies of include/ixwatch/.  Calendars are the commands' alone.
SHARED_SRC    := $(filter-out collector/base/calendar%,$(wildcard collector/base/*.c)) $(wildcard collector/store/*.c) \
		 collector/measure/utilisation.c collector/measure/connection_sum.c
COLLECTOR_SRC := $(wildcard collector/*.c collector/*/*.c)
WEB_SRC	      := $(wildcard web/*.c)
WORDS_INC     := $(patsubst collector/notify/%,$(BUILD)/gen/%.inc,$(wildcard collector/notify/letter_*.tmpl))
# The words of a letter around what was kept of it (letter_mail.h): the pages show what the mailer sends.
LETTER_SRC    := $(addprefix collector/notify/,letter_mail.c letter_words.c letter_template.c letter_template_check.c letter_entries.c \
		 letter_text.c letter_html.c message_page.c)

.PHONY: all
all: $(BUILD)/ixwatch $(BUILD)/ixwatch-web

include tests/tests.mk

$(BUILD)/ixwatch: $(call obj,$(COLLECTOR_SRC))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_COLLECTOR)) -lm

$(BUILD)/ixwatch-web: $(call obj,$(WEB_SRC) $(LETTER_SRC) $(SHARED_SRC))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_WEB)) -lm -lpthread

# What the web server serves from memory: web/static/ as lists of octets.
STATIC_INC := $(patsubst web/static/%,$(BUILD)/gen/%.inc,$(wildcard web/static/*))
$(BUILD)/gen/%.inc: web/static/%
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@
# The API's own description: web/openapi/ in the same way.
OPENAPI_INC := $(patsubst web/%,$(BUILD)/gen/%.inc,$(wildcard web/openapi/*.json))
$(BUILD)/gen/openapi/%.inc: web/openapi/%
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@
$(call obj,web/openapi.c): $(OPENAPI_INC)
# Charts: Debian's dygraphs (MIT licence), compiled in as well.
DYGRAPHS   := /usr/share/javascript/dygraphs/dygraph.min.js
$(BUILD)/gen/dygraph.min.js.inc: $(DYGRAPHS)
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@
$(call obj,web/assets.c): $(STATIC_INC) $(BUILD)/gen/dygraph.min.js.inc

# The words of letters, compiled in the same way.
$(BUILD)/gen/%.tmpl.inc: collector/notify/%.tmpl
	@mkdir -p $(@D)
	$(Q)od -An -v -tx1 $< | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' > $@
$(call obj,collector/notify/letter_words.c): $(WORDS_INC)

# pkg-config is asked when something is compiled, not before: `make deps` must work where nothing is installed yet.
$(BUILD)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $$($(PKG_CONFIG) --cflags $(PKGS_ALL)) -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

.PHONY: deps deps-build deps-bench
deps-build:
	@sh tests/deps.sh $(DEBS_BUILD) curl
deps:
	@sh tests/deps.sh $(DEBS_BUILD) $(DEBS_TEST)
deps-bench:
	@sh tests/deps.sh $(DEBS_BUILD) $(DEBS_TEST) $(DEBS_BENCH)

.PHONY: demo
demo: deps-build
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all $(BUILD)/ixwatch-sim
	$(Q)BUILD=$(BUILD) sh examples/demo/demo.sh

.PHONY: install
install: all
	install -D -m 755 $(BUILD)/ixwatch $(DESTDIR)$(PREFIX)/bin/ixwatch
	install -D -m 755 $(BUILD)/ixwatch-web $(DESTDIR)$(PREFIX)/bin/ixwatch-web
	install -D -m 640 examples/ixwatch.conf $(DESTDIR)$(PREFIX)/share/doc/ixwatch/ixwatch.conf
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/ixwatch/README.md

.PHONY: clean
clean:
	rm -rf $(BUILD) build-asan
