/* faults.c - a library to be loaded before all others (LD_PRELOAD) that makes the n-th call of a kind fail.
 *
 * The file that IXWATCH_FAULTS names is struct plan, shared with the test: it says which kind of call is to fail and how many
 * such calls go well before; it is told how many calls there were and failed.  Written while the program runs, it makes a
 * running one meet faults one after the other.  Calls on files count where these are below IXWATCH_FAULTS_UNDER alone;
 * allocations where the program itself asks, or (whose 1) a library, too.  What stdio writes by itself does not pass here. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum fault {
	FAULT_NONE,
	FAULT_MALLOC,
	FAULT_WRITE,
	FAULT_SHORT,
	FAULT_SYNC,
	FAULT_OPEN,
	FAULT_RENAME,
	FAULT_SIZE,
	FAULT_DEATH, /* killed at the n-th open, write, fsync or rename instead */
	FAULT_COUNT
};

struct plan {
	int64_t kind;
	int64_t countdown; /* calls that go well before one fails; below 0: none does */
	int64_t in_row;    /* so many fail */
	int64_t whose;     /* allocations: 0 the program's, 1 all */
	int64_t failed;
	int64_t calls[FAULT_COUNT];
};

extern void *__libc_malloc(size_t len);
extern void *__libc_calloc(size_t count, size_t len);
extern void *__libc_realloc(void *old, size_t len);

static struct plan *plan;
static uintptr_t program_from, program_to;
static char under[4096];

static int
on_object(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size, (void)user;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		if (program_from == 0 || from < program_from)
			program_from = from;
		if (from + part->p_memsz > program_to)
			program_to = from + part->p_memsz;
	}
	return 1; /* the first object is the program */
}

__attribute__((constructor)) static void
start(void)
{
	const char *file = getenv("IXWATCH_FAULTS"), *folder = getenv("IXWATCH_FAULTS_UNDER");
	int fd = file != NULL ? open(file, O_RDWR | O_CLOEXEC) : -1;
	void *shared = MAP_FAILED;

	snprintf(under, sizeof(under), "%s", folder != NULL ? folder : "/nowhere");
	dl_iterate_phdr(on_object, NULL);
	if (fd >= 0)
		shared = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (shared != MAP_FAILED)
		plan = shared;
}

/* Whether this call is to fail. */
static bool
fails(enum fault kind)
{
	int64_t left;

	if (plan == NULL)
		return false;
	plan->calls[kind]++;
	if (plan->kind != (int64_t)kind || plan->countdown < 0)
		return false;
	left = plan->countdown--;
	if (left > 0)
		return false;
	plan->failed++;
	if (--plan->in_row > 0)
		plan->countdown = 0;
	return true;
}

static bool
is_under(const char *path)
{
	return plan != NULL && strncmp(path, under, strlen(under)) == 0;
}

/* Whether it is a file below the folder. */
static bool
is_ours(int fd)
{
	char link[64], path[4096];
	ssize_t len;

	if (plan == NULL || fd < 3)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	return is_under(path);
}

static void
die_if_due(void)
{
	if (fails(FAULT_DEATH))
		raise(SIGKILL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NEXT(name)                                                                                 \
	static __typeof__(&name) next;                                                             \
	if (next == NULL)                                                                          \
	next = REAL(name)

/* --- memory --- */

#ifndef FAULTS_NO_MEMORY

static bool
memory_fails(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;

	if (plan == NULL || (plan->whose == 0 && (from < program_from || from >= program_to)))
		return false;
	if (!fails(FAULT_MALLOC))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t len)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(len);
}

void *
calloc(size_t count, size_t len)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, len);
}

void *
realloc(void *old, size_t len)
{
	return memory_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, len);
}

char *
strdup(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = memory_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(len);

	return copy != NULL ? memcpy(copy, text, len) : NULL;
}

#endif

/* --- files --- */

/* A disk that is full takes what still fits. */
static bool
is_short(int fd, size_t len)
{
	return len > 1 && is_ours(fd) && fails(FAULT_SHORT);
}

static bool
write_fails(int fd)
{
	if (!is_ours(fd))
		return false;
	die_if_due();
	if (!fails(FAULT_WRITE))
		return false;
	errno = ENOSPC;
	return true;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	NEXT(write);
	if (write_fails(fd))
		return -1;
	return next(fd, data, is_short(fd, len) ? len / 2 : len);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	NEXT(pwrite);
	if (write_fails(fd))
		return -1;
	return next(fd, data, is_short(fd, len) ? len / 2 : len, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	NEXT(pwrite64);
	if (write_fails(fd))
		return -1;
	return next(fd, data, is_short(fd, len) ? len / 2 : len, at);
}

static int
sync_fails(int fd)
{
	if (!is_ours(fd))
		return 0;
	die_if_due();
	if (!fails(FAULT_SYNC))
		return 0;
	errno = EIO;
	return -1;
}

int
fsync(int fd)
{
	NEXT(fsync);
	return sync_fails(fd) != 0 ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);
	return sync_fails(fd) != 0 ? -1 : next(fd);
}

static bool
open_fails(const char *path)
{
	if (!is_under(path))
		return false;
	die_if_due();
	if (!fails(FAULT_OPEN))
		return false;
	errno = EMFILE;
	return true;
}

#define OPEN(name)                                                                                 \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
		va_list more;                                                                      \
		NEXT(name);                                                                        \
		if (flags & (O_CREAT | O_TMPFILE)) {                                               \
			va_start(more, flags);                                                     \
			mode = va_arg(more, mode_t);                                               \
			va_end(more);                                                              \
		}                                                                                  \
		return open_fails(path) ? -1 : next(path, flags, mode);                            \
	}
OPEN(open)
OPEN(open64)

FILE *
fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	return open_fails(path) ? NULL : next(path, mode);
}

static bool
rename_fails(const char *to)
{
	if (!is_under(to))
		return false;
	die_if_due();
	if (!fails(FAULT_RENAME))
		return false;
	errno = EIO;
	return true;
}

int
rename(const char *from, const char *to)
{
	NEXT(rename);
	return rename_fails(to) ? -1 : next(from, to);
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	NEXT(renameat2);
	return rename_fails(to) ? -1 : next(from_fd, from, to_fd, to, flags);
}

static bool
size_fails(int fd)
{
	return is_ours(fd) && fails(FAULT_SIZE);
}

int
ftruncate(int fd, off_t len)
{
	NEXT(ftruncate);
	if (!size_fails(fd))
		return next(fd, len);
	errno = EIO;
	return -1;
}

int
ftruncate64(int fd, off64_t len)
{
	NEXT(ftruncate64);
	if (!size_fails(fd))
		return next(fd, len);
	errno = EIO;
	return -1;
}

int
posix_fallocate(int fd, off_t at, off_t len)
{
	NEXT(posix_fallocate);
	return size_fails(fd) ? ENOSPC : next(fd, at, len);
}
