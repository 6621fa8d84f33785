/* SPDX-License-Identifier: Apache-2.0 */
/* switch SEED INTERFACE... - an Ethernet switch in user space between the given interfaces, with
 * faults. A kernel need not know traffic control, netfilter or bridges for it. Orders come by
 * standard input, a line each; hosts count from 1 in the order of the interfaces, 0 is any:
 *
 *     cut FROM TO           nothing passes in that direction
 *     loss FROM TO PERCENT  so much is lost
 *     delay FROM TO MS JITTER_MS   each frame waits so long, with jitter they overtake one another
 *     heal                  all is well again
 *
 * It ends with its input, and then says how many frames it carried and lost. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORTS_MAX 16
#define HELD_MAX  65536 /* more than that is lost, as in any switch */
#define FRAME_MAX (sizeof(struct virtio_net_hdr) + (68 << 10))

typedef struct fault {
    bool cut;
    unsigned loss_percent, delay_ms, jitter_ms;
} fault;

typedef struct held {
    int64_t due_us;
    int to;
    size_t size;
    uint8_t *frame;
} held;

static struct {
    int fds[PORTS_MAX + 1]; /* from 1 */
    int count;
    uint8_t owners[PORTS_MAX + 1][ETH_ALEN]; /* who was last seen at each */
    fault faults[PORTS_MAX + 1][PORTS_MAX + 1];
    held held[HELD_MAX];
    size_t held_count;
    unsigned dice;
    uint64_t carried, lost;
} lan;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int open_port(const char *name)
{
    int on = 1;
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq promiscuous = {.mr_ifindex = address.sll_ifindex,
                                      .mr_type = PACKET_MR_PROMISC};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
    /* The header in front of each frame carries unfinished checksums and segments along. */
    if (fd < 0 || !address.sll_ifindex ||
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) ||
        bind(fd, (struct sockaddr *)&address, sizeof address)) {
        fprintf(stderr, "switch: %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return fd;
}

/* ---- carrying -------------------------------------------------------------------------------- */

static void deliver(int to, const uint8_t *frame, size_t size)
{
    if (send(lan.fds[to], frame, size, 0) < 0)
        lan.lost++; /* its queue is full or its cable is out */
    else
        lan.carried++;
}

static void hold(int to, const uint8_t *frame, size_t size, const fault *what)
{
    int64_t wait_us = (int64_t)what->delay_ms * 1000;
    if (what->jitter_ms) wait_us += rand_r(&lan.dice) % (int64_t)(what->jitter_ms * 1000);
    uint8_t *copy = lan.held_count < HELD_MAX ? malloc(size) : NULL;
    if (!copy) {
        lan.lost++;
        return;
    }
    memcpy(copy, frame, size);
    lan.held[lan.held_count++] = (held){now_us() + wait_us, to, size, copy};
}

static void pass(int from, int to, const uint8_t *frame, size_t size)
{
    const fault *what = &lan.faults[from][to];
    if (what->cut || (unsigned)rand_r(&lan.dice) % 100 < what->loss_percent)
        lan.lost++;
    else if (what->delay_ms || what->jitter_ms)
        hold(to, frame, size, what);
    else
        deliver(to, frame, size);
}

static void take_frame(int from, const uint8_t *frame, size_t size)
{
    const uint8_t *ethernet = frame + sizeof(struct virtio_net_hdr);
    if (size < sizeof(struct virtio_net_hdr) + ETH_HLEN) return;
    memcpy(lan.owners[from], ethernet + ETH_ALEN, ETH_ALEN);
    int only = 0; /* whose address it is; else everybody gets it */
    for (int to = 1; to <= lan.count; to++)
        if (!memcmp(lan.owners[to], ethernet, ETH_ALEN)) only = to;
    for (int to = 1; to <= lan.count; to++)
        if (to != from && (!only || to == only)) pass(from, to, frame, size);
}

static void read_port(int from)
{
    static uint8_t frame[FRAME_MAX];
    for (int i = 0; i < 64; i++) {
        ssize_t size = recv(lan.fds[from], frame, sizeof frame, 0);
        if (size < 0) return; /* nothing more, or its cable is out */
        take_frame(from, frame, (size_t)size);
    }
}

/* Delivers what is due, in the order in which it was taken, and returns the ms to the next. */
static int release(void)
{
    int64_t now = now_us(), next = now + 1000000;
    size_t kept = 0;
    for (size_t i = 0; i < lan.held_count; i++) {
        held frame = lan.held[i];
        if (frame.due_us <= now) {
            deliver(frame.to, frame.frame, frame.size);
            free(frame.frame);
            continue;
        }
        if (frame.due_us < next) next = frame.due_us;
        lan.held[kept++] = frame;
    }
    lan.held_count = kept;
    return (int)((next - now + 999) / 1000);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void obey(const char *line)
{
    char what[16];
    unsigned from = 0, to = 0, first = 0, second = 0;
    int read = sscanf(line, "%15s %u %u %u %u", what, &from, &to, &first, &second);
    if (read < 1) return;
    if (!strcmp(what, "heal")) {
        memset(lan.faults, 0, sizeof lan.faults);
        return;
    }
    for (unsigned i = 1; i <= (unsigned)lan.count; i++)
        for (unsigned j = 1; j <= (unsigned)lan.count; j++) {
            if ((from && i != from) || (to && j != to)) continue;
            fault *to_set = &lan.faults[i][j];
            if (!strcmp(what, "cut")) to_set->cut = true;
            if (!strcmp(what, "loss")) to_set->loss_percent = first;
            if (!strcmp(what, "delay")) to_set->delay_ms = first, to_set->jitter_ms = second;
        }
}

/* False at the end of the input. */
static bool read_orders(void)
{
    static char bytes[4096];
    static size_t size;
    ssize_t got = read(STDIN_FILENO, bytes + size, sizeof bytes - 1 - size);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    size += (size_t)got;
    bytes[size] = 0;
    char *line = bytes, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        obey(line);
    }
    size -= (size_t)(line - bytes);
    memmove(bytes, line, size);
    return size < sizeof bytes - 1;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc - 2 > PORTS_MAX) {
        fprintf(stderr, "usage: switch SEED INTERFACE INTERFACE...\n");
        return 2;
    }
    lan.dice = (unsigned)atoi(argv[1]);
    lan.count = argc - 2;
    struct pollfd polls[PORTS_MAX + 1] = {{STDIN_FILENO, POLLIN, 0}};
    for (int i = 1; i <= lan.count; i++)
        polls[i] = (struct pollfd){lan.fds[i] = open_port(argv[i + 1]), POLLIN, 0};
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    for (bool more = true; more;) {
        int wait_ms = release();
        if (poll(polls, (nfds_t)lan.count + 1, wait_ms) < 0 && errno != EINTR) return 1;
        for (int i = 1; i <= lan.count; i++)
            if (polls[i].revents) read_port(i);
        if (polls[0].revents) more = read_orders();
    }
    fprintf(stderr, "switch: %llu frames carried, %llu lost\n", (unsigned long long)lan.carried,
            (unsigned long long)lan.lost);
    return 0;
}
