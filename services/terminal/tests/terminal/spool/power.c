/* A disk that keeps only what was synced.
 *
 * Loaded before the C library (LD_PRELOAD) of a program whose power will be cut. Every fsync of a file in
 * POWER_LIVE copies the file to POWER_DISK: that is what the disk has. A file's name is on the disk once its
 * folder was synced too. After the cut, POWER_DISK is all there is.
 *
 * POWER_CUT=N      the power goes at the Nth write or sync of such a file, before it is carried out
 * POWER_FULL=N     from the Nth write on the disk is full,
 * POWER_FREED=M    and from the Mth on there is room again
 * POWER_LIES=1     syncs are claimed and not carried out: what SQLite does with synchronous=OFF
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long operations;
static atomic_long writes;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

/* The name of the file within POWER_LIVE, "." for the folder itself, or NULL for any other file. */
static const char *ours(int fd, char path[PATH_MAX]) {
    const char *live = getenv("POWER_LIVE");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = live ? readlink(link, path, PATH_MAX - 1) : -1;
    if (length < 0) return NULL;
    path[length] = 0;
    size_t folder = strlen(live);
    if (strncmp(path, live, folder) != 0) return NULL;
    if (path[folder] == 0) return ".";
    return path[folder] == '/' ? path + folder + 1 : NULL;
}

static void cut_if_due(void) {
    long at = number("POWER_CUT");
    if (at && atomic_fetch_add(&operations, 1) + 1 == at) _exit(99);
}

static int full(void) {
    long from = number("POWER_FULL"), freed = number("POWER_FREED");
    if (!from) return 0;
    long now = atomic_fetch_add(&writes, 1) + 1;
    return now >= from && (!freed || now < freed);
}

static void die(const char *what) {
    perror(what);
    _exit(98);
}

static void on_disk(char to[PATH_MAX], const char *name, const char *suffix) {
    snprintf(to, PATH_MAX, "%s/%s%s", getenv("POWER_DISK"), name, suffix);
}

static void copy(const char *from, const char *name) {
    char to[PATH_MAX], half[PATH_MAX], buffer[1 << 16];
    on_disk(to, name, "");
    /* A new name waits for its folder. */
    if (access(to, F_OK) != 0) on_disk(to, name, ".unnamed");
    on_disk(half, name, ".half");
    int in = open(from, O_RDONLY), out = open(half, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0) die("copying to the disk");
    ssize_t length;
    while ((length = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, length) != length) die("copying to the disk");
    close(in);
    close(out);
    if (rename(half, to) != 0) die("copying to the disk");
}

static void name_all(void) {
    char from[PATH_MAX], to[PATH_MAX];
    const char *names[] = {"terminal.sqlite", "element.sqlite"};
    const char *endings[] = {"", "-wal", "-journal"};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            char name[NAME_MAX];
            snprintf(name, sizeof name, "%s%s", names[i], endings[j]);
            on_disk(from, name, ".unnamed");
            on_disk(to, name, "");
            rename(from, to);
        }
}

static int sync_to_disk(int fd, const char *real) {
    char path[PATH_MAX];
    const char *name = ours(fd, path);
    if (!name) {
        int (*next)(int) = dlsym(RTLD_NEXT, real);
        return next(fd);
    }
    cut_if_due();
    if (number("POWER_LIES")) return 0;
    if (strcmp(name, ".") == 0) name_all();
    else copy(path, name);
    return 0;
}

int fsync(int fd) { return sync_to_disk(fd, "fsync"); }
int fdatasync(int fd) { return sync_to_disk(fd, "fdatasync"); }

/* 0: go on; 1: refused. */
static int before_write(int fd) {
    char path[PATH_MAX];
    const char *name = ours(fd, path);
    if (!name || strstr(name, "-shm")) return 0;
    cut_if_due();
    if (!full()) return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    return before_write(fd) ? -1 : next(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    ssize_t (*next)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    return before_write(fd) ? -1 : next(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return before_write(fd) ? -1 : next(fd, bytes, length, at);
}

int ftruncate(int fd, off_t length) {
    int (*next)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate");
    return before_write(fd) ? -1 : next(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    int (*next)(int, off64_t) = dlsym(RTLD_NEXT, "ftruncate64");
    return before_write(fd) ? -1 : next(fd, length);
}
