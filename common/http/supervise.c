/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol is a datagram of lines and no more, and stable by systemd's interface promise; its
 * library would bring another dozen along into the image. */
#include "common/http/supervise.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"

static struct {
    struct sockaddr_un to;
    socklen_t size; /* 0: nobody listens */
    uint64_t every_ms;
    bool failed; /* which was said */
} supervisor;

/* A path, or a name without one behind '@'. */
static void read_address(const char *text)
{
    size_t size = strlen(text);
    if ((*text != '/' && *text != '@') || size < 2 || size >= sizeof supervisor.to.sun_path) {
        LIA_LOG(WARN, "supervisor.not_told",
                LIA_TEXT("why", "NOTIFY_SOCKET is no address of a socket"));
        return;
    }
    supervisor.to.sun_family = AF_UNIX;
    memcpy(supervisor.to.sun_path, text, size + 1);
    if (*text == '@') supervisor.to.sun_path[0] = 0;
    supervisor.size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (*text == '/'));
}

static void read_watchdog(const char *text, const char *pid)
{
    char *end;
    if (pid && strtol(pid, NULL, 10) != (long)getpid()) return;
    unsigned long long us = strtoull(text, &end, 10);
    if (*end || us < 2000 || us > UINT64_C(86400000000)) return;
    supervisor.every_ms = us / 2000;
}

void lia_supervise_begin(void)
{
    const char *socket = getenv("NOTIFY_SOCKET"), *watchdog = getenv("WATCHDOG_USEC");
    if (socket) read_address(socket);
    if (socket && watchdog) read_watchdog(watchdog, getenv("WATCHDOG_PID"));
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

bool lia_supervised(void)
{
    return supervisor.size > 0;
}

uint64_t lia_supervise_every_ms(void)
{
    return supervisor.size ? supervisor.every_ms : 0;
}

static bool send_to(const char *text, size_t size)
{
    const struct timeval patience = {.tv_sec = 1};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    bool sent = sendto(fd, text, size, MSG_NOSIGNAL, (struct sockaddr *)&supervisor.to,
                       supervisor.size) == (ssize_t)size;
    close(fd);
    return sent;
}

void lia_supervise_tell(const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!supervisor.size) return;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bool sent =
        size > 0 && send_to(text, (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
    if (!sent && !supervisor.failed) LIA_LOG(WARN, "supervisor.not_told");
    supervisor.failed = !sent;
}
