/* SPDX-License-Identifier: Apache-2.0 */
/* top - all nodes on one screen, looked at again and again. No library for screens: rows are
 * written from the top, each cleared to its end, so nothing flickers and any terminal will do. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/time.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/top_look.h"

#define COLUMNS 80

/* ---- figures for people ---------------------------------------------------------------------- */

/* At most six characters: "12", "9.4k", "230M", "1.2G"; "-" for what is not known. */
static const char *short_of(double value, double unit)
{
    static const char letters[] = " kMGTP";
    static char texts[16][16];
    static unsigned turn;
    char *text = texts[turn++ % LIA_COUNT(texts)];
    size_t power = 0;
    if (value < 0) return "-";
    for (; value >= 9999.5 && power + 1 < sizeof letters - 1; power++) value /= unit;
    if (power == 0)
        snprintf(text, 16, value < 10 && value != (double)(long)value ? "%.1f" : "%.0f", value);
    else
        snprintf(text, 16, value < 10 ? "%.1f%c" : "%.0f%c", value, letters[power]);
    return text;
}

static const char *bytes_of(double bytes)
{
    static char text[16];
    if (bytes < 0) return "-";
    double mib = bytes / (1 << 20);
    snprintf(text, sizeof text, mib < 9999.5 ? "%.0fM" : "%.0fG", mib < 9999.5 ? mib : mib / 1024);
    return text;
}

static const char *percent_of(double part, double all)
{
    static char text[16];
    if (part < 0 || all <= 0) return "-";
    snprintf(text, sizeof text, "%.0f%%", part * 100 / all);
    return text;
}

static const char *ms_of(double seconds)
{
    static char text[16];
    if (seconds < 0) return "-";
    snprintf(text, sizeof text, seconds < 0.01 ? "%.2f" : "%.0f", seconds * 1000);
    return text;
}

/* ---- order ----------------------------------------------------------------------------------- */

typedef struct order {
    const char *name;
    double (*key)(const lia_top_row *row); /* largest first; NULL: by name */
} order;

static double by_events(const lia_top_row *row)
{
    return row->events_s;
}
static double by_behind(const lia_top_row *row)
{
    return row->behind;
}
static double by_queue(const lia_top_row *row)
{
    return row->queue;
}
static double by_memory(const lia_top_row *row)
{
    return row->memory;
}
static double by_requests(const lia_top_row *row)
{
    return row->requests_s;
}

static const order orders[] = {{"name", NULL},        {"events", by_events},
                               {"behind", by_behind}, {"queue", by_queue},
                               {"memory", by_memory}, {"requests", by_requests}};
static size_t order_now;

static int compare(const void *a, const void *b)
{
    const lia_top_row *x = *(const lia_top_row *const *)a, *y = *(const lia_top_row *const *)b;
    const order *by = &orders[order_now];
    double left = by->key ? by->key(x) : 0, right = by->key ? by->key(y) : 0;
    if (left != right) return left < right ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* ---- a page ---------------------------------------------------------------------------------- */

/* Where lines go: to a screen of so many, or all of them to a file. */
typedef struct page {
    bool is_screen;
    unsigned left; /* lines that still fit */
} page;

static void put_line(page *to, lia_color color, const char *format, ...) LIA_PRINTF(3, 4);
static void put_line(page *to, lia_color color, const char *format, ...)
{
    char text[256];
    va_list args;
    if (to->is_screen && !to->left) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (to->is_screen) text[COLUMNS - 1] = 0;
    printf("%s%s%s%s\n", color ? lia_out_color(color) : "", text,
           color ? lia_out_color(LIA_PLAIN) : "", to->is_screen ? "\033[K" : "");
    if (to->left) to->left--;
}

static void put_row(page *to, const lia_top_row *row)
{
    bool fine = strcmp(row->state, "ok") == 0, late = strcmp(row->state, "behind") == 0;
    put_line(to,
             fine   ? LIA_PLAIN
             : late ? LIA_YELLOW
                    : LIA_RED,
             "%-10.10s %-7.7s %7s %7s %5s %6s %6s %6s %6s %4s %5s", row->name, row->state,
             short_of(row->events_s, 1000), short_of(row->behind, 1000), short_of(row->queue, 1000),
             ms_of(row->flush_p99_s), bytes_of(row->memory), percent_of(row->disk_free, row->disk),
             short_of(row->requests_s, 1000), short_of(row->clients, 1000),
             short_of(row->jobs, 1000));
}

static void put_page(page *to, const lia_top *top)
{
    const lia_top_row *rows[LIA_MEMBERS_MAX];
    for (size_t i = 0; i < top->count; i++) rows[i] = &top->rows[i];
    qsort(rows, top->count, sizeof *rows, compare);
    put_line(to, LIA_DIM, "%-10s %-7s %7s %7s %5s %6s %6s %6s %6s %4s %5s", "node", "state", "ev/s",
             "behind", "queue", "p99 ms", "memory", "free", "req/s", "conn", "jobs");
    for (size_t i = 0; i < top->count; i++) put_row(to, rows[i]);
    for (size_t i = 0; i < top->count; i++)
        if (rows[i]->why.text[0]) put_line(to, LIA_RED, "%s: %s", rows[i]->name, rows[i]->why.text);
    for (size_t i = 0; i < top->lag_count; i++)
        put_line(to, LIA_YELLOW, "%s lacks %s events of %s for %s: %s", top->lags[i].node,
                 lia_out_count((uint64_t)top->lags[i].events), top->lags[i].lane,
                 lia_out_span_ms(top->lags[i].ms), top->lags[i].cause);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void set_figure(json_t *row, const char *name, double value)
{
    json_object_set_new(row, name, value < 0 ? json_null() : json_real(value));
}

static json_t *row_json(const lia_top_row *row)
{
    json_t *json = json_pack("{s:s,s:s}", "node", row->name, "state", row->state);
    set_figure(json, "events_per_s", row->events_s);
    set_figure(json, "behind", row->behind);
    set_figure(json, "queue", row->queue);
    set_figure(json, "flush_p99_ms", row->flush_p99_s < 0 ? -1 : row->flush_p99_s * 1000);
    set_figure(json, "memory_bytes", row->memory);
    set_figure(json, "disk_free_bytes", row->disk_free);
    set_figure(json, "requests_per_s", row->requests_s);
    set_figure(json, "connections", row->clients);
    set_figure(json, "jobs", row->jobs);
    if (row->why.text[0]) json_object_set_new(json, "reason", json_string(row->why.text));
    return json;
}

static void put_json(const lia_top *top)
{
    json_t *nodes = json_array(), *lags = json_array();
    for (size_t i = 0; i < top->count; i++) json_array_append_new(nodes, row_json(&top->rows[i]));
    for (size_t i = 0; i < top->lag_count; i++) {
        const lia_top_lag *lag = &top->lags[i];
        json_array_append_new(lags, json_pack("{s:s,s:s,s:I,s:I,s:s}", "node", lag->node, "lane",
                                              lag->lane, "events", (json_int_t)lag->events, "ms",
                                              (json_int_t)lag->ms, "cause", lag->cause));
    }
    json_t *all = json_pack("{s:o,s:o}", "nodes", nodes, "lanes_behind", lags);
    lia_out_json(all);
    json_decref(all);
}

/* ---- the screen ------------------------------------------------------------------------------ */

static struct termios before;
static volatile sig_atomic_t is_over;

static void end_it(int number)
{
    (void)number;
    is_over = 1;
}

static bool take_screen(void)
{
    struct termios raw;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before)) return false;
    raw = before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    const struct sigaction action = {.sa_handler = end_it};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    fputs("\033[?1049h\033[?25l", stdout); /* a screen of its own, without a cursor */
    return true;
}

static void give_back_screen(void)
{
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void draw(const lia_top *top)
{
    struct winsize size = {.ws_row = 24};
    char clock[LIA_TIME_TEXT_SIZE];
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row) size.ws_row = 24;
    page to = {.is_screen = true, .left = size.ws_row > 2 ? size.ws_row - 2u : 1};
    fputs("\033[H", stdout);
    put_page(&to, top);
    lia_time_print(lia_time_now(), clock);
    printf("\033[J%s%.19sZ  q ends, s sorts (by %s)%s\033[K", lia_out_color(LIA_DIM), clock,
           orders[order_now].name, lia_out_color(LIA_PLAIN));
    fflush(stdout);
}

/* Waits for keys until the next look is due. */
static void listen_until(uint64_t until_ns, const lia_top *top)
{
    while (!is_over) {
        uint64_t now_ns = lia_time_ticks_ns();
        if (now_ns >= until_ns) return;
        struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&keys, 1, (int)((until_ns - now_ns) / 1000000) + 1) <= 0) continue;
        char key;
        if (read(STDIN_FILENO, &key, 1) != 1) {
            is_over = 1;
        } else if (key == 'q' || key == 'Q' || key == 3) {
            is_over = 1;
        } else if (key == 's' || key == 'S') {
            order_now = (order_now + 1) % LIA_COUNT(orders);
            draw(top);
        }
    }
}

static void watch(lia_top *top, uint64_t interval_ns)
{
    while (!is_over) {
        uint64_t begun_ns = lia_time_ticks_ns();
        lia_top_look(top);
        draw(top);
        listen_until(begun_ns + interval_ns, top);
    }
}

/* ---- the command ----------------------------------------------------------------------------- */

static void rest(uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / 1000000000),
                            .tv_nsec = (long)(ns % 1000000000)};
    while (nanosleep(&time, &time) && errno == EINTR) {
    }
}

static int look_once(lia_top *top, const lia_args *args, uint64_t interval_ns)
{
    bool fine = true;
    lia_top_look(top);
    rest(interval_ns);
    lia_top_look(top);
    for (size_t i = 0; i < top->count; i++) {
        const char *state = top->rows[i].state;
        fine &= strcmp(state, "ok") == 0 || strcmp(state, "behind") == 0;
    }
    if (lia_out_is_json(args))
        put_json(top);
    else
        put_page(&(page){0}, top);
    return fine ? 0 : 1;
}

static int run(const lia_args *args)
{
    static lia_top top;
    lia_targets targets;
    lia_why why = {{0}};
    int status = 0;
    uint64_t interval_ns = lia_args_number(args, "interval", 1) * 1000000000u;
    lia_err err = lia_targets_find(&targets, args, &why);
    if (!err) err = lia_top_open(&top, &targets, &why);
    if (err) {
        lia_top_close(&top);
        return lia_args_fail(args, "%s", why.text);
    }
    if (lia_args_has(args, "once") || lia_out_is_json(args)) {
        status = look_once(&top, args, interval_ns);
    } else if (take_screen()) {
        watch(&top, interval_ns);
        give_back_screen();
    } else {
        status = lia_args_fail(args, "this is no terminal; --once prints one page");
    }
    lia_top_close(&top);
    return status;
}

static const lia_option options[] = {
    LIA_OPTION_NODES,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    {.name = "interval",
     .value = "S",
     .is_number = true,
     .min = 1,
     .max = 3600,
     .help = "seconds between two looks (default: 1)"},
    {.name = "once", .help = "two looks, one page, then end"},
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_top_command = {
    .name = "top",
    .purpose = "watch all nodes on one screen, renewed each second",
    .details = "Of each node: events written a second, events behind, commands that wait, the time "
               "that 99 of\n"
               "100 commits took at most, memory, free disk, requests a second, connections, "
               "timers. Below,\n"
               "the lanes that somebody is behind with, and why. Keys: q ends, s sorts by another "
               "column.\n"
               "--once and --json are for scripts; exit status 1 then: a node is silent or takes "
               "no commands.",
    .example = "liaison top --dir /var/lib/liaison/sales\n"
               "liaison top --base 27100 --once --json",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
