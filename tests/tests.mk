# The tests' own rules.  A unit test names what it links in its first lines:
#   /* links: detect/run.c base/error.c */	files below collector/ (or web/..., tests/...); web: all of ixwatch-web but its main
#   /* pkgs: jansson */				libraries, by pkg-config name (cmocka is always there)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))

links_of = $(shell sed -n 's,^/\* links: \(.*\) \*/$$,\1,p' $(1))
pkgs_of	 = $(shell sed -n 's,^/\* pkgs: \(.*\) \*/$$,\1,p' $(1))
all_web	 = $(filter-out web/main.c,$(WEB_SRC)) $(LETTER_SRC) $(SHARED_SRC)
link_src = $(foreach f,$(1),$(if $(filter web,$(f)),$(all_web),$(if $(filter web/% tests/% collector/%,$(f)),$(f),collector/$(f))))

define unit_rule
$(BUILD)/tests/$(1): $$(call obj,tests/unit/$(1).c $$(call link_src,$$(call links_of,tests/unit/$(1).c)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$$$($$(PKG_CONFIG) --libs cmocka $$(call pkgs_of,tests/unit/$(1).c)) -lm -lpthread
endef
$(foreach t,$(UNIT_SRC),$(eval $(call unit_rule,$(basename $(notdir $(t))))))

SIM_SRC := $(wildcard tests/sim/*.c)
$(BUILD)/ixwatch-sim: $(call obj,$(SIM_SRC))
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm

# Makes a state directory by hand, for tests of the web server alone.
$(BUILD)/tests/seed: $(call obj,tests/fakes/seed.c $(SHARED_SRC))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_SHARED)) -lm

# Puts mails into an outbox, as what has something to tell does.
$(BUILD)/tests/put_mail: $(call obj,tests/fakes/put_mail.c $(SHARED_SRC))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_SHARED)) -lm

# Puts letters into a ledger, as the collector does.
$(BUILD)/tests/put_report: $(call obj,tests/fakes/put_report.c $(SHARED_SRC))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_SHARED)) -lm

# The writer's stores alone, and a library that makes calls fail.  Under sanitizers memory is theirs.
$(BUILD)/tests/stores: $(call obj,tests/fakes/stores.c $(SHARED_SRC))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(PKGS_SHARED)) -lm

# The pipeline on a clock that is moved by hand, with agents that answer at once.
$(BUILD)/tests/week: $(call obj,tests/soak/week.c tests/fakes/still_loop.c tests/fakes/still_snmp.c \
		$(filter-out collector/main.c collector/loop%.c collector/mail_%.c collector/report_%.c collector/commands/% collector/snmp/%,$(COLLECTOR_SRC)))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs $(filter-out netsnmp libuv,$(PKGS_COLLECTOR))) -lm

$(BUILD)/tests/faults.so: tests/fakes/faults.c Makefile
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(if $(SAN),-DFAULTS_NO_MEMORY) -O1 -g -fno-builtin -fPIC -shared -o $@ $< -ldl

# Prints mails, for tests that read them as others do.
$(BUILD)/tests/mails: $(call obj,tests/fakes/mails.c $(wildcard collector/notify/message*.c collector/notify/mime*.c) \
		$(addprefix collector/base/,alert_words.c model.c units.c decimal.c zone.c error.c))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs glib-2.0) -lm

TEST_PROGRAMS := $(BUILD)/ixwatch-sim $(BUILD)/tests/seed $(BUILD)/tests/put_mail $(BUILD)/tests/put_report $(BUILD)/tests/stores $(BUILD)/tests/faults.so $(BUILD)/tests/mails \
	$(BUILD)/tests/week

.PHONY: test unit integration browser lint asan golden bench soak fuzz
# The first line brings what is missing, the second uses it.
test:
	$(Q)$(MAKE) --no-print-directory deps
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all $(TEST_PROGRAMS) $(UNIT_BIN)
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/run.py unit integration browser

unit: $(UNIT_BIN)
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/run.py unit

integration: all $(TEST_PROGRAMS)
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/run.py integration

browser: all $(TEST_PROGRAMS)
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/run.py browser

# What programs say, written anew where tests keep it; the difference is to be read.
golden: $(BUILD)/tests/test_message $(BUILD)/tests/test_letter
	$(Q)for test in $^; do IXWATCH_GOLDEN=renew $$test || exit 1; done

lint:
	$(Q)sh tests/lint.sh

# The unit tests and the programs under address and undefined-behaviour sanitizers, in a build folder of their own.
asan:
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) BUILD=build-asan SAN=address,undefined CFLAGS='-O1 -g' \
		all $(patsubst $(BUILD)/%,build-asan/%,$(TEST_PROGRAMS) $(UNIT_BIN))
	$(Q)BUILD=build-asan $(PYTHON) tests/run.py unit smoke

# Long tests, each bounded, each with its figure.
soak: all deps-bench $(TEST_PROGRAMS) $(BUILD)/tests/week
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/run.py soak

# Fuzzers: tests/fuzz/fuzz_NAME.c, linked as its first line says, with clang's libFuzzer and sanitizers; its corpus is
# tests/fuzz/corpus/NAME.  FUZZ_SEC= seconds for each.
FUZZ_SEC  ?= 60
FUZZ_CC	  ?= clang
FUZZ_SRC  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN  := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
FUZZ_SAN  := fuzzer,address,undefined

define fuzz_rule
$(BUILD)/fuzz/$(1): tests/fuzz/$(1).c $$(call link_src,$$(call links_of,tests/fuzz/$(1).c)) $(WORDS_INC) Makefile tests/tests.mk
	$$(call say,FUZZ,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CC) $$(ALL_CFLAGS) -O1 -fsanitize=$$(FUZZ_SAN) -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
		$$$$($$(PKG_CONFIG) --cflags $$(PKGS_ALL)) -o $$@ $$(filter %.c,$$^) \
		$$$$(for pkg in $$(call pkgs_of,tests/fuzz/$(1).c); do $$(PKG_CONFIG) --libs $$$$pkg; done) -lm
endef
$(foreach f,$(FUZZ_SRC),$(eval $(call fuzz_rule,$(basename $(notdir $(f))))))

fuzz: $(FUZZ_BIN)
	$(Q)BUILD=$(BUILD) FUZZ_SEC=$(FUZZ_SEC) sh tests/fuzz/fuzz.sh $(notdir $(FUZZ_BIN))

$(BUILD)/bench/bench_detect: $(call obj,tests/bench/bench_detect.c $(filter-out collector/detect/advice.c,$(wildcard collector/detect/*.c)) \
		$(addprefix collector/,base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c))
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm

# What ixwatch-web is held against: its library with nothing around it.
$(BUILD)/bench/bare_http: $(call obj,tests/bench/bare_http.c)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs libmicrohttpd)

# Figures, with the machine and the method; nothing is asserted.  PORTS="1000 10000" or PORTS=100000: only the rounds of
# so many ports, beside other tools.
bench: all deps-bench $(BUILD)/ixwatch-sim $(BUILD)/tests/seed $(BUILD)/bench/bench_detect $(BUILD)/bench/bare_http
ifeq ($(PORTS),)
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/bench.py
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/serve.py
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/browse.py
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/recovery.py
endif
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/scale.py $(PORTS)
