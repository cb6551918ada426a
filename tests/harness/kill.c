/* Kills the process before the KILL_AT-th call (from 1) that changes a file. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static void count(void) {
  static atomic_long calls;
  const char *at = getenv("KILL_AT");
  if (at && atomic_fetch_add(&calls, 1) + 1 == atol(at)) raise(SIGKILL);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to) { count(); return NEXT(rename)(from, to); }
int unlink(const char *path) { count(); return NEXT(unlink)(path); }
int unlinkat(int dir, const char *path, int flags) { count(); return NEXT(unlinkat)(dir, path, flags); }
int rmdir(const char *path) { count(); return NEXT(rmdir)(path); }
int mkdir(const char *path, mode_t mode) { count(); return NEXT(mkdir)(path, mode); }
int fsync(int file) { count(); return NEXT(fsync)(file); }
ssize_t write(int file, const void *bytes, size_t n) {
  if (file > 2) count();
  return NEXT(write)(file, bytes, n);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (flags & (O_CREAT | O_TRUNC)) count();
  return NEXT(open64)(path, flags, mode);
}
