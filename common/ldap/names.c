/* SPDX-License-Identifier: Apache-2.0 */
/* The system's resolver knows all that an operator has set up for names (hosts, DNS, caches, other
 * services), but ends when it likes, and cannot be called off. So it is asked on a thread of its
 * own: whoever asked goes away when the time is up, and the thread keeps what both look at until
 * the resolver has ended. A resolver of our own would end in time, and find other names. */
#include "common/ldap/names.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/time.h"

#define STEP_MS     100 /* until the next look whether to hurry */
#define STACK_BYTES ((size_t)512 << 10)

typedef struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool has_ended, is_alone; /* nobody waits any more */
    int result;
    struct addrinfo *found;
    char port[8], host[];
} lookup;

static unsigned under_way; /* atomic */

static const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

/* ---- time ------------------------------------------------------------------------------------ */

int64_t lia_ldap_left_ms(const lia_ldap_limit *limit)
{
    if (limit->hurry && __atomic_load_n(limit->hurry, __ATOMIC_ACQUIRE)) return 0;
    int64_t left = limit->until_ms - lia_time_ticks_ms();
    return left > 0 ? left : 0;
}

static int64_t step_of(const lia_ldap_limit *limit)
{
    int64_t left = lia_ldap_left_ms(limit);
    return left < STEP_MS ? left : STEP_MS;
}

/* ---- looking up ------------------------------------------------------------------------------ */

static void forget(lookup *l)
{
    if (l->found) freeaddrinfo(l->found);
    pthread_cond_destroy(&l->ended);
    pthread_mutex_destroy(&l->lock);
    free(l);
    __atomic_sub_fetch(&under_way, 1, __ATOMIC_RELEASE);
}

static void *look_up(void *context)
{
    lookup *l = context;
    struct addrinfo *found = NULL;
    int result = getaddrinfo(l->host, l->port, &wanted, &found);
    pthread_mutex_lock(&l->lock);
    l->result = result;
    l->found = result ? NULL : found;
    l->has_ended = true;
    bool is_alone = l->is_alone;
    pthread_cond_signal(&l->ended);
    pthread_mutex_unlock(&l->lock);
    if (is_alone) forget(l);
    return NULL;
}

static lookup *make(const char *host, int port)
{
    pthread_condattr_t clock;
    size_t size = strlen(host) + 1;
    lookup *l = calloc(1, sizeof *l + size);
    if (!l) return NULL;
    memcpy(l->host, host, size);
    snprintf(l->port, sizeof l->port, "%d", port & 0xffff);
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&l->ended, &clock);
    pthread_condattr_destroy(&clock);
    return l;
}

/* Signals are for the threads that the process has made for its own work. */
static bool begin(lookup *l)
{
    pthread_t thread;
    pthread_attr_t how;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&how);
    pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&how, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool began = pthread_create(&thread, &how, look_up, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&how);
    return began;
}

/* Whether it has ended in time; if not, it is the thread's from here on. */
static bool wait_for(lookup *l, const lia_ldap_limit *limit)
{
    int64_t step;
    pthread_mutex_lock(&l->lock);
    while (!l->has_ended && (step = step_of(limit)) > 0) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += step * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&l->ended, &l->lock, &until);
    }
    bool has_ended = l->has_ended;
    l->is_alone = !has_ended;
    pthread_mutex_unlock(&l->lock);
    return has_ended;
}

static lia_err find(struct addrinfo **out, const char *host, int port, const lia_ldap_limit *limit,
                    lia_why *why)
{
    if (__atomic_add_fetch(&under_way, 1, __ATOMIC_ACQUIRE) > LIA_LDAP_LOOKUPS_MAX) {
        __atomic_sub_fetch(&under_way, 1, __ATOMIC_RELEASE);
        return lia_why_set(why, LIA_EIO,
                           "connecting: the resolver has not answered for %d names before",
                           LIA_LDAP_LOOKUPS_MAX);
    }
    lookup *l = make(host, port);
    if (!l) __atomic_sub_fetch(&under_way, 1, __ATOMIC_RELEASE);
    if (l && !begin(l)) {
        forget(l);
        l = NULL;
    }
    if (!l) return lia_why_set(why, LIA_EIO, "connecting: no thread to look up the name");
    if (!wait_for(l, limit))
        return lia_why_set(why, LIA_EIO, "connecting: the resolver does not answer in time");
    int result = l->result;
    *out = l->found;
    l->found = NULL;
    forget(l);
    return result ? lia_why_set(why, LIA_EIO, "connecting: %s", gai_strerror(result)) : LIA_OK;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static int failure_of(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

/* 0, or why not, as errno. */
static int connect_in_time(int fd, const struct addrinfo *to, const lia_ldap_limit *limit)
{
    struct pollfd watched = {.fd = fd, .events = POLLOUT};
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS && errno != EINTR) return errno;
    for (int64_t step; (step = step_of(limit)) > 0;) {
        int ready = poll(&watched, 1, (int)step);
        if (ready > 0) return failure_of(fd);
        if (ready < 0 && errno != EINTR) return errno;
    }
    return ETIMEDOUT;
}

static int open_to(const struct addrinfo *to, const lia_ldap_limit *limit, int *error)
{
    int on = 1;
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
    *error = fd < 0 ? errno : connect_in_time(fd, to, limit);
    if (!*error && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) < 0) *error = errno;
    if (*error) {
        if (fd >= 0) close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return fd;
}

lia_err lia_ldap_reach(int *out, const char *host, int port, const lia_ldap_limit *limit,
                       lia_why *why)
{
    struct addrinfo *found = NULL;
    int error = EADDRNOTAVAIL;
    *out = -1;
    lia_err err = find(&found, host, port, limit, why);
    if (err) return err;
    for (const struct addrinfo *to = found; to && *out < 0; to = to->ai_next)
        *out = open_to(to, limit, &error);
    if (found) freeaddrinfo(found);
    if (*out >= 0) return LIA_OK;
    return error == ETIMEDOUT
               ? lia_why_set(why, LIA_EIO, "connecting: the directory does not answer in time")
               : lia_why_set(why, LIA_EIO, "connecting: %s", strerror(error));
}
