// Lets no more than MOST_THREADS threads beside the first one live at a time: starting another one
// fails as it does at `ulimit -u` or `pids.max`.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int living;

struct work {
  void* (*run)(void*);
  void* argument;
};

static void* counted(void* given) {
  const struct work work = *(struct work*)given;
  free(given);
  void* result = work.run(work.argument);
  atomic_fetch_sub(&living, 1);
  return result;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) {
  int (*create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  *(void**)&create = dlsym(RTLD_NEXT, "pthread_create");
  if (atomic_fetch_add(&living, 1) >= atoi(getenv("MOST_THREADS"))) {
    atomic_fetch_sub(&living, 1);
    return EAGAIN;
  }
  struct work* work = malloc(sizeof *work);
  *work = (struct work){run, argument};
  const int code = create(thread, attributes, counted, work);
  if (code != 0) {
    free(work);
    atomic_fetch_sub(&living, 1);
  }
  return code;
}
