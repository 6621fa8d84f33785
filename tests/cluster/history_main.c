/* SPDX-License-Identifier: Apache-2.0 */
/* history drive --node NAME --url URL --replies FILE --stop FILE [--shared ID] [--run N] [--workers
 * N]
 *               [--pause-ms N] [--timeout-ms N]
 * history check FOLDER NODE...
 * The folder holds *.replies of the drivers; of each node NODE.events (the body of GET /events) and
 * NODE.customers, NODE.interactions, NODE.handovers (a record a line). The status is 0 when every
 * promise was kept, 1 when one was broken, 2 when that could not be checked. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/history.h"

#define PROBLEMS_SHOWN 20

static int fail(const char *what)
{
    fprintf(stderr, "history: %s\n", what);
    return 2;
}

/* ---- drive ----------------------------------------------------------------------------------- */

static int drive(int argc, char **argv)
{
    lia_drive d = {.workers = 2, .pause_ms = 10, .timeout_ms = 3000};
    for (int i = 0; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--node"))
            d.node = value;
        else if (!strcmp(name, "--url"))
            d.url = value;
        else if (!strcmp(name, "--replies"))
            d.replies = value;
        else if (!strcmp(name, "--stop"))
            d.stop = value;
        else if (!strcmp(name, "--shared"))
            d.shared = value;
        else if (!strcmp(name, "--run"))
            d.run = (unsigned)atoi(value);
        else if (!strcmp(name, "--workers"))
            d.workers = (unsigned)atoi(value);
        else if (!strcmp(name, "--pause-ms"))
            d.pause_ms = (unsigned)atoi(value);
        else if (!strcmp(name, "--timeout-ms"))
            d.timeout_ms = (unsigned)atoi(value);
        else
            return fail("drive: unknown option");
    }
    if (!d.node || !d.url || !d.replies || !d.stop || !d.workers || argc % 2)
        return fail("drive: --node, --url, --replies and --stop are wanted");
    lia_why why = {{0}};
    return lia_history_drive(&d, &why) ? fail(why.text) : 0;
}

/* ---- check ----------------------------------------------------------------------------------- */

typedef struct source {
    lia_history *history;
    const char *node, *kind; /* NULL: replies; events */
} source;

static lia_err take_line(const source *from, lia_span line)
{
    if (!from->node) return lia_history_reply(from->history, line);
    if (from->kind) return lia_history_record(from->history, from->node, from->kind, line);
    static const char data[] = "data: ";
    if (line.size < sizeof data || memcmp(line.data, data, sizeof data - 1)) return LIA_OK;
    return lia_history_event(from->history, from->node, lia_span_skip(line, sizeof data - 1));
}

static bool read_lines(const source *from, const char *path)
{
    char *line = NULL;
    size_t capacity = 0, number = 0;
    ssize_t size;
    FILE *file = fopen(path, "r");
    lia_err err = file ? LIA_OK : LIA_EABSENT;
    while (!err && (size = getline(&line, &capacity, file)) > 0) {
        number++;
        if (line[size - 1] == '\n') size--;
        if (size) err = take_line(from, lia_span_make(line, (size_t)size));
    }
    if (err) fprintf(stderr, "history: %s, line %zu: %s\n", path, number, lia_err_text(err));
    free(line);
    if (file) fclose(file);
    return !err;
}

static bool read_replies(lia_history *history, const char *folder)
{
    char pattern[1024];
    glob_t found;
    source from = {history, NULL, NULL};
    snprintf(pattern, sizeof pattern, "%s/*.replies", folder);
    bool fine = glob(pattern, 0, NULL, &found) == 0;
    for (size_t i = 0; fine && i < found.gl_pathc; i++) fine = read_lines(&from, found.gl_pathv[i]);
    globfree(&found);
    return fine;
}

static bool read_node(lia_history *history, const char *folder, const char *node)
{
    static const char *const files[] = {"events", "customers", "interactions", "handovers"};
    static const char *const kinds[] = {NULL, "customer", "interaction", "handover"};
    for (size_t i = 0; i < 4; i++) {
        char path[1024];
        source from = {history, node, kinds[i]};
        snprintf(path, sizeof path, "%s/%s.%s", folder, node, files[i]);
        if (!read_lines(&from, path)) return false;
    }
    return true;
}

static int check(int argc, char **argv)
{
    if (argc < 2) return fail("check: a folder and nodes are wanted");
    lia_history *history = lia_history_open();
    bool fine = history && read_replies(history, argv[0]);
    for (int i = 1; fine && i < argc; i++) fine = read_node(history, argv[0], argv[i]);
    size_t broken = fine ? lia_history_check(history, PROBLEMS_SHOWN, stderr) : 0;
    lia_history_counts n = {0};
    if (fine) lia_history_count(history, &n);
    lia_history_close(history);
    if (!fine) return fail("check: not everything could be read");
    printf("%zu commands: %zu acknowledged, %zu refused, %zu unknown; %zu replies, %zu events, "
           "%zu records: %zu contradictions\n",
           n.commands, n.acknowledged, n.refused, n.unknown, n.replies, n.events, n.records,
           broken);
    return broken ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "drive")) return drive(argc - 2, argv + 2);
    if (argc > 1 && !strcmp(argv[1], "check")) return check(argc - 2, argv + 2);
    return fail("drive or check is wanted");
}
