/* SPDX-License-Identifier: Apache-2.0 */
/* Four departments as four processes on this machine, with their real services, stores and bus:
 * events made durable and visible at all four, end to end latency, catching up, start after
 * kill -9, memory, bytes stored and written. Load is made inside the first node's loop thread, so
 * what is measured is the node and not a client. Prints JSON lines. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/crm/crm.h"
#include "common/node/node.h"
#include "proto/crm.pb-c.h"
#include "tests/support/address.h"

extern const lia_service lia_sales, lia_marketing, lia_service_department, lia_analytics;

enum { NODES = 4, TIMED_MAX = 200000 };

/* Shared by parent and nodes. */
typedef struct board {
    _Atomic uint64_t visible[NODES]; /* events held and visible, of all lanes */
    _Atomic int ready[NODES];
    /* The load: `wanted` interactions by the first node, at most `outstanding` at once, or at
     * `rate` a second. */
    _Atomic uint64_t wanted, rate, outstanding, customers;
    _Atomic uint64_t submitted, replied;
    _Atomic int stop, timed;
    _Atomic uint64_t base[NODES]; /* arrival number before the timed run */
    uint64_t submit_ns[TIMED_MAX], reply_ns[TIMED_MAX], visible_ns[NODES][TIMED_MAX];
} board;

static board *shared;
static char folder[512];
static size_t group_max;

/* ---- a node --------------------------------------------------------------------------------- */

typedef struct slot {
    lia_command command;
    uint8_t bytes[512];
    uint64_t index;
} slot;

typedef struct process {
    uv_loop_t loop;
    lia_node *node;
    int place;
    uv_timer_t timer;
    uv_idle_t idle;
    slot *slots;
    slot **free_slots;
    size_t free_count;
    lia_id *customers;
    size_t customer_count;
    uint64_t seed, began_ns, last_visible;
} process;

static uint64_t dice(process *p)
{
    uint64_t z = (p->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void answered(lia_command *command, void *context)
{
    process *p = context;
    slot *s = (slot *)command;
    if (command->err) {
        fprintf(stderr, "bench: %s %s\n", lia_err_text(command->err), command->why.text);
        _exit(1);
    }
    if (shared->timed && s->index < TIMED_MAX) shared->reply_ns[s->index] = lia_time_ticks_ns();
    if (command->kind->number == LIA_CUSTOMER) p->customers[p->customer_count++] = command->record;
    p->free_slots[p->free_count++] = s;
    shared->replied++;
}

static lia_span customer_bytes(process *p, slot *s)
{
    char name[64], value[64];
    uint64_t number = dice(p);
    snprintf(name, sizeof name, "Customer %016llx", (unsigned long long)number);
    snprintf(value, sizeof value, "bench:%016llx", (unsigned long long)number);
    Crm__ExternalId id = CRM__EXTERNAL_ID__INIT, *ids[] = {&id};
    id.value = value;
    Crm__Customer c = CRM__CUSTOMER__INIT;
    c.name = name;
    c.country = "DE";
    c.n_external_ids = 1;
    c.external_ids = ids;
    return lia_span_make(s->bytes, crm__customer__pack(&c, s->bytes));
}

/* About 300 bytes as an event. */
static lia_span interaction_bytes(process *p, slot *s)
{
    static const char text[] = "Asked about the delivery of last week's order and was told that it "
                               "leaves the house on Monday; wants a call when it does.";
    lia_id customer = p->customers[dice(p) % p->customer_count];
    Crm__Interaction i = CRM__INTERACTION__INIT;
    i.has_customer = i.has_type = i.has_channel = i.has_direction = i.has_occurred_at = 1;
    i.customer = (ProtobufCBinaryData){LIA_ID_SIZE, customer.bytes};
    i.type = CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL;
    i.channel = CRM__CHANNEL__CHANNEL_PHONE;
    i.direction = CRM__DIRECTION__DIRECTION_INBOUND;
    i.occurred_at = 1700000000000 + (int64_t)(dice(p) % 60000000000u);
    i.subject = "Delivery";
    i.text = text;
    return lia_span_make(s->bytes, crm__interaction__pack(&i, s->bytes));
}

static bool submit_one(process *p, uint16_t kind)
{
    slot *s = p->free_slots[--p->free_count];
    s->index = shared->submitted++;
    s->command = (lia_command){
        .type = LIA_COMMAND_CREATE, .kind = lia_kind_find(kind), .done = answered, .context = p};
    s->command.request = kind == LIA_CUSTOMER ? customer_bytes(p, s) : interaction_bytes(p, s);
    if (shared->timed && s->index < TIMED_MAX) shared->submit_ns[s->index] = lia_time_ticks_ns();
    if (lia_node_submit(p->node, &s->command)) {
        shared->submitted--;
        p->free_slots[p->free_count++] = s;
        return false;
    }
    return true;
}

static void make_load(process *p)
{
    uint64_t wanted = shared->wanted, customers = shared->customers;
    uint64_t limit = shared->outstanding;
    if (shared->rate && wanted) {
        uint64_t due = (lia_time_ticks_ns() - p->began_ns) * shared->rate / 1000000000u;
        if (due < wanted) wanted = due;
    }
    while (shared->submitted < wanted && shared->submitted - shared->replied < limit &&
           p->free_count)
        if (!submit_one(p, customers ? LIA_CUSTOMER : LIA_INTERACTION)) break;
}

static void note_visible(void *context, uint64_t visible)
{
    process *p = context;
    if (shared->timed) {
        uint64_t now = lia_time_ticks_ns(), base = shared->base[p->place];
        for (uint64_t a = p->last_visible + 1; a <= visible; a++)
            if (a > base && a - base - 1 < TIMED_MAX)
                shared->visible_ns[p->place][a - base - 1] = now;
    }
    p->last_visible = visible;
    shared->visible[p->place] = visible;
    if (p->place == 0) make_load(p);
}

static void closed(void *context)
{
    (void)context;
}

static void on_timer(uv_timer_t *timer)
{
    process *p = timer->data;
    static uint64_t before;
    if (shared->stop) {
        uv_timer_stop(timer);
        uv_close((uv_handle_t *)timer, NULL);
        lia_node_close(p->node, closed, NULL);
        return;
    }
    /* Ready is who takes commands: a start asks the others first whether its disk is complete. */
    if (!shared->ready[p->place] && lia_node_health(p->node, NULL) == LIA_OK)
        shared->ready[p->place] = 1;
    if (p->place == 0) {
        if (shared->submitted == 0 && shared->wanted && before == 0)
            p->began_ns = lia_time_ticks_ns();
        before = shared->submitted;
        make_load(p);
    }
}

static int run_node(int place)
{
    static const lia_service *const services[] = {&lia_sales, &lia_marketing,
                                                  &lia_service_department, &lia_analytics};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    process *p = calloc(1, sizeof *p);
    p->place = place;
    p->seed = 42;
    lia_log_set_level(LIA_WARN);
    lia_log_set_name(services[place]->name);
    uv_loop_init(&p->loop);
    lia_why why = {0};
    lia_node_options options = {.loop = &p->loop,
                                .dir = folder,
                                .service = services[place],
                                .shared = &lia_crm,
                                .group_events_max = group_max};
    lia_err err = lia_node_open(&p->node, &options, &why);
    if (err) {
        fprintf(stderr, "bench: node %d: %s\n", place, why.text);
        return 1;
    }
    if (place == 0) {
        size_t slots = 8192;
        p->slots = calloc(slots, sizeof *p->slots);
        p->free_slots = calloc(slots, sizeof *p->free_slots);
        for (size_t i = 0; i < slots; i++) p->free_slots[p->free_count++] = &p->slots[i];
        p->customers = calloc(1100000, sizeof *p->customers);
    }
    p->last_visible = lia_node_visible(p->node);
    lia_node_watch_commits(p->node, note_visible, p);
    uv_timer_init(&p->loop, &p->timer);
    p->timer.data = p;
    uv_timer_start(&p->timer, on_timer, 1, 1);
    shared->visible[place] = p->last_visible;
    uv_run(&p->loop, UV_RUN_DEFAULT);
    return 0;
}

/* ---- the parent ----------------------------------------------------------------------------- */

static pid_t children[NODES];

static void start_node(int place)
{
    shared->ready[place] = 0;
    pid_t child = fork();
    if (child == 0) _exit(run_node(place));
    children[place] = child;
}

static void nap(void)
{
    usleep(200);
}

static void wait_ready(int place)
{
    while (!shared->ready[place]) {
        int status;
        if (waitpid(children[place], &status, WNOHANG) == children[place]) {
            fprintf(stderr, "bench: a node ended\n");
            exit(1);
        }
        nap();
    }
}

static void make_cluster(void)
{
    lia_why why = {0};
    static lia_members members;
    lia_sign_key admin;
    lia_verify_key public;
    char path[700];
    snprintf(folder, sizeof folder, "bench-XXXXXX");
    if (lia_crypto_init() || !mkdtemp(folder)) exit(1);
    lia_random(&members.cluster, sizeof members.cluster);
    members.epoch = 1;
    members.count = NODES;
    lia_sign_keys(&public, &admin);
    lia_err err = lia_admin_key_write(&admin, folder, &why);
    for (int i = 0; i < NODES && !err; i++) {
        lia_member *m = &members.list[i];
        lia_node_keys keys;
        lia_node_keys_make(&keys);
        m->number = (uint16_t)(i + 1);
        m->department = (uint8_t)(i + 1);
        snprintf(m->name, sizeof m->name, "%s", lia_department_name((lia_department)(i + 1)));
        lia_test_address(m->bus, sizeof m->bus);
        lia_test_address(m->pub, sizeof m->pub);
        memcpy(m->curve_key, keys.curve_public, sizeof m->curve_key);
        m->verify_key = keys.verify;
        snprintf(path, sizeof path, "%s/%s", folder, m->name);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/%s/node.keys", folder, m->name);
        err = lia_node_keys_write(&keys, path, &why);
    }
    snprintf(path, sizeof path, "%s/members", folder);
    if (!err) err = lia_members_write(&members, &admin, path, &why);
    if (err) {
        fprintf(stderr, "bench: %s\n", why.text);
        exit(1);
    }
}

static void say(const char *name, double value, const char *unit)
{
    printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\"}\n", name, value, unit);
    fflush(stdout);
}

/* Own-made events follow each interaction in some services, so "all visible" is: the lowest count
 * of the four has grown by what was asked, and all are equal at the end. */
static void wait_all(uint64_t least)
{
    for (;;) {
        uint64_t low = UINT64_MAX;
        for (int i = 0; i < NODES; i++)
            if (shared->visible[i] < low) low = shared->visible[i];
        if (low >= least) return;
        nap();
    }
}

static uint64_t lowest(void)
{
    uint64_t low = UINT64_MAX;
    for (int i = 0; i < NODES; i++)
        if (shared->visible[i] < low) low = shared->visible[i];
    return low;
}

/* Runs a load and returns the seconds until all four show it. */
static double run_load(uint64_t count, uint64_t outstanding, uint64_t rate, bool customers)
{
    uint64_t base = lowest();
    shared->submitted = shared->replied = 0;
    shared->customers = customers;
    shared->outstanding = outstanding;
    shared->rate = rate;
    uint64_t began = lia_time_ticks_ns();
    shared->wanted = count;
    wait_all(base + count);
    double seconds = (double)(lia_time_ticks_ns() - began) / 1e9;
    while (shared->replied < count) nap();
    shared->wanted = 0;
    return seconds;
}

static uint64_t proc_number(pid_t pid, const char *file, const char *key)
{
    char path[64], line[256];
    uint64_t value = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        if (!strncmp(line, key, strlen(key))) value = strtoull(line + strlen(key), NULL, 10);
    if (in) fclose(in);
    return value;
}

/* Processor time of the four nodes so far. */
static double cpu_seconds(void)
{
    double sum = 0;
    for (int i = 0; i < NODES; i++) {
        char path[64];
        unsigned long user = 0, system = 0;
        snprintf(path, sizeof path, "/proc/%d/stat", children[i]);
        FILE *in = fopen(path, "r");
        if (in && fscanf(in, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                         &user, &system) == 2)
            sum += (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
        if (in) fclose(in);
    }
    return sum;
}

static uint64_t disk_used(const char *name)
{
    char path[800];
    struct stat info;
    uint64_t total = 0;
    const char *const files[] = {"log", "views"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s/%s/%s.mdb", folder, name, files[i], files[i]);
        if (stat(path, &info) == 0) total += (uint64_t)info.st_blocks * 512;
    }
    return total;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void latencies(const char *label, uint64_t count)
{
    uint64_t *reply = calloc(count, sizeof *reply), *all = calloc(count, sizeof *all);
    size_t used = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t last = 0;
        for (int n = 0; n < NODES; n++)
            if (shared->visible_ns[n][i] > last) last = shared->visible_ns[n][i];
        if (!shared->submit_ns[i] || !shared->reply_ns[i] || !last) continue;
        reply[used] = shared->reply_ns[i] - shared->submit_ns[i];
        all[used++] = last - shared->submit_ns[i];
    }
    if (!used) return;
    char name[64];
    qsort(reply, used, sizeof *reply, by_number);
    qsort(all, used, sizeof *all, by_number);
    snprintf(name, sizeof name, "%s.reply_p50", label);
    say(name, (double)reply[used / 2] / 1e6, "ms");
    snprintf(name, sizeof name, "%s.visible_at_all_p50", label);
    say(name, (double)all[used / 2] / 1e6, "ms");
    snprintf(name, sizeof name, "%s.visible_at_all_p99", label);
    say(name, (double)all[used * 99 / 100] / 1e6, "ms");
    free(reply);
    free(all);
}

static void timed_run(const char *label, uint64_t count, uint64_t outstanding, uint64_t rate)
{
    memset(shared->submit_ns, 0, sizeof shared->submit_ns);
    memset(shared->reply_ns, 0, sizeof shared->reply_ns);
    memset(shared->visible_ns, 0, sizeof shared->visible_ns);
    for (int i = 0; i < NODES; i++) shared->base[i] = shared->visible[i];
    shared->timed = 1;
    double seconds = run_load(count, outstanding, rate, false);
    shared->timed = 0;
    char name[64];
    snprintf(name, sizeof name, "%s.events_per_s", label);
    if (!rate) say(name, (double)count / seconds, "1/s");
    latencies(label, count < TIMED_MAX ? count : TIMED_MAX);
}

static void stop_all(int signal)
{
    shared->stop = 1;
    for (int i = 0; i < NODES; i++) {
        if (signal && children[i]) kill(children[i], signal);
        if (children[i]) waitpid(children[i], NULL, 0);
        children[i] = 0;
    }
    shared->stop = 0;
}

static void start_all(void)
{
    for (int i = 0; i < NODES; i++) start_node(i);
    for (int i = 0; i < NODES; i++) wait_ready(i);
}

static const char *const names[] = {"sales", "marketing", "service", "analytics"};

static void bench_bulk(uint64_t customers, uint64_t events)
{
    start_all();
    double seconds = run_load(customers, 4000, 0, true);
    say("cluster.customers_per_s", (double)customers / seconds, "1/s");
    uint64_t written = 0, stored = 0;
    for (int i = 0; i < NODES; i++) written -= proc_number(children[i], "io", "write_bytes: ");
    for (int i = 0; i < NODES; i++) stored -= disk_used(names[i]);
    double cpu = cpu_seconds();
    seconds = run_load(events, 4000, 0, false);
    say("cluster.bulk.events_per_s", (double)events / seconds, "1/s");
    say("cluster.bulk.cpu_per_event_all_nodes", (cpu_seconds() - cpu) * 1e6 / (double)events, "us");
    for (int i = 0; i < NODES; i++) written += proc_number(children[i], "io", "write_bytes: ");
    for (int i = 0; i < NODES; i++) stored += disk_used(names[i]);
    say("cluster.bulk.written_bytes_per_event", (double)written / NODES / (double)events, "B");
    say("cluster.bulk.stored_bytes_per_event", (double)stored / NODES / (double)events, "B");
    double memory = 0;
    for (int i = 0; i < NODES; i++)
        memory += (double)proc_number(children[i], "status", "RssAnon:");
    say("cluster.anonymous_memory_per_node", memory / NODES / 1024, "MiB");
    stop_all(0);
}

static void bench_steady(uint64_t customers, uint64_t events)
{
    start_all();
    run_load(customers, 4000, 0, true);
    timed_run("cluster.at_500_per_s", events, 1000, 500);
    stop_all(0);
}

static void bench_groups(uint64_t customers, uint64_t events)
{
    group_max = 100;
    start_all();
    run_load(customers, 4000, 0, true);
    timed_run("cluster.groups_of_100", events, 200, 0);
    stop_all(0);
    group_max = 0;
}

static void bench_restart(uint64_t customers, uint64_t events)
{
    start_all();
    run_load(customers, 4000, 0, true);
    run_load(events / 10, 4000, 0, false);
    kill(children[0], SIGKILL);
    waitpid(children[0], NULL, 0);
    uint64_t began = lia_time_ticks_ns();
    start_node(0);
    wait_ready(0);
    say("cluster.start_after_kill", (double)(lia_time_ticks_ns() - began) / 1e9, "s");
    stop_all(0);
}

static void bench_catch_up(uint64_t customers, uint64_t events)
{
    start_all();
    run_load(customers, 4000, 0, true);
    kill(children[3], SIGKILL);
    waitpid(children[3], NULL, 0);
    uint64_t base = shared->visible[0];
    /* The absent one counts as ready for this run. */
    shared->visible[3] = UINT64_MAX;
    run_load(events, 4000, 0, false);
    uint64_t goal = shared->visible[0];
    uint64_t began = lia_time_ticks_ns();
    start_node(3);
    wait_ready(3);
    while (shared->visible[3] < goal) nap();
    double seconds = (double)(lia_time_ticks_ns() - began) / 1e9;
    say("cluster.catch_up_per_million", seconds * 1e6 / (double)(goal - base), "s");
    stop_all(0);
}

static void remove_cluster(void)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command)) fprintf(stderr, "bench: %s stays\n", folder);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    uint64_t scale = argc > 2 ? strtoull(argv[2], NULL, 10) : 100;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    static const struct {
        const char *name;
        void (*run)(uint64_t, uint64_t);
        uint64_t customers, events;
    } benches[] = {
        {"bulk", bench_bulk, 10000, 300000},        {"groups", bench_groups, 10000, 100000},
        {"steady", bench_steady, 10000, 2500},      {"restart", bench_restart, 10000, 1000000},
        {"catchup", bench_catch_up, 10000, 300000},
    };
    for (size_t i = 0; i < LIA_COUNT(benches); i++) {
        if (*only && strcmp(only, "all") && strcmp(only, benches[i].name)) continue;
        make_cluster();
        benches[i].run(benches[i].customers, benches[i].events * scale / 100);
        remove_cluster();
    }
    return 0;
}
