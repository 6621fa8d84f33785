/* SPDX-License-Identifier: Apache-2.0 */
/* Made customers with the mistakes that people make go through a node, which then says who is one
 * customer; their truth says how often it is right. Figures are printed.
 * LIA_IDENTITY_RECORDS=100000 makes it a measurement of time, too (of a release build). */
#include "common/base/time.h"
#include "common/crm/crm_rig.h"
#include "common/identity/dirty_rig.h"
#include "common/identity/identity.h"

#define RECORDS 1500
#define GROUP   512 /* commands submitted at once */

static lia_service shared[2]; /* with identity, and without */
static const lia_service sales = {.name = "sales", .department = LIA_SALES};

typedef struct world {
    rig rig;
    dirty_base base;
    lia_arena arena;
    lia_id *ids;
    size_t count;
} world;

static void open_node(world *w, const lia_service *what, bool rebuild)
{
    lia_why why = {0};
    lia_node_options options = {.loop = &w->rig.loop,
                                .dir = w->rig.dir,
                                .service = &sales,
                                .shared = what,
                                .rebuild = rebuild,
                                .map_bytes = (size_t)16 << 30};
    CHECK_OK(lia_node_open(&w->rig.nodes[1], &options, &why));
    RIG_UNTIL(&w->rig, lia_node_health(w->rig.nodes[1], NULL) != LIA_EBUSY);
}

static double seconds_since(uint64_t began_ns)
{
    return (double)(lia_time_ticks_ns() - began_ns) / 1e9;
}

static void create_group(world *w, size_t first, size_t count)
{
    static lia_command commands[GROUP];
    static bool done[GROUP];
    static uint8_t bytes[GROUP][2048];
    for (size_t i = 0; i < count; i++) {
        done[i] = false;
        commands[i] = (lia_command){
            .type = LIA_COMMAND_CREATE,
            .kind = lia_kind_find(LIA_CUSTOMER),
            .id = w->ids[first + i],
            .request = rig_pack(w->base.records[first + i].customer, bytes[i], sizeof bytes[i]),
            .done = rig_done,
            .context = &done[i],
            .next = i + 1 < count ? &commands[i + 1] : NULL};
    }
    CHECK_OK(lia_node_submit_all(w->rig.nodes[1], commands, count));
    for (size_t i = 0; i < count; i++) {
        RIG_UNTIL(&w->rig, done[i]);
        CHECK_OK(commands[i].err);
    }
}

/* Returns the seconds that it took. */
static double create_all(world *w)
{
    uint64_t began_ns = lia_time_ticks_ns();
    for (size_t at = 0; at < w->count; at += GROUP)
        create_group(w, at, w->count - at < GROUP ? w->count - at : GROUP);
    return seconds_since(began_ns);
}

static lia_progress progress(world *w)
{
    return crm_identity(&w->rig, 1);
}

/* Waits until nothing waits, and says what took how long. */
static void rest(world *w, const char *what)
{
    const char *doing = "";
    uint64_t began_ns = lia_time_ticks_ns(), stage_ns = began_ns;
    for (lia_progress now = progress(w);; now = progress(w)) {
        if (strcmp(doing, now.doing) != 0) {
            if (*doing) printf("    %-10s %8.2f s\n", doing, seconds_since(stage_ns));
            doing = now.doing;
            stage_ns = lia_time_ticks_ns();
        }
        if (!now.waiting) break;
        uv_run(&w->rig.loop, UV_RUN_ONCE);
    }
    printf("  %s: %.2f s, %.0f us a record (%.2f s of work)\n", what, seconds_since(began_ns),
           seconds_since(began_ns) * 1e6 / (double)w->count, (double)progress(w).spent_ns / 1e9);
}

typedef struct figures {
    size_t truth, linked, right, found;
} figures;

static size_t truth_of(const world *w, size_t record)
{
    return w->base.records[record].truth;
}

/* Records of one truth stand together. */
static void count_found(world *w, const lia_rows *rows, const lia_id *customers, figures *out)
{
    for (size_t a = 0; a < w->count; a++)
        for (size_t b = a + 1; b < w->count && truth_of(w, a) == truth_of(w, b); b++) {
            lia_tie tie;
            bool one = lia_id_equal(customers[a], customers[b]);
            lia_err err = one ? LIA_EABSENT : lia_identity_tie(rows, w->ids[a], w->ids[b], &tie);
            out->truth++;
            out->right += one;
            out->found += one || (!err && tie.verdict != LIA_MATCH_APART);
        }
}

static void count_linked(world *w, const lia_rows *rows, const lia_id *customers, figures *out)
{
    for (size_t i = 0; i < w->count; i++) {
        lia_id members[64];
        size_t count;
        if (!lia_id_equal(customers[i], w->ids[i])) continue;
        CHECK_OK(lia_identity_members(rows, w->ids[i], members, LIA_COUNT(members), &count));
        out->linked += count * (count - 1) / 2;
    }
}

static figures measure(world *w)
{
    lia_rows rows;
    figures out = {0};
    lia_id *customers = lia_arena_take(&w->arena, w->count * sizeof *customers);
    CHECK(customers != NULL);
    CHECK_OK(lia_node_scan(w->rig.nodes[1], &rows));
    for (size_t i = 0; i < w->count; i++)
        CHECK_OK(lia_identity_customer(&rows, w->ids[i], &customers[i]));
    count_found(w, &rows, customers, &out);
    count_linked(w, &rows, customers, &out);
    lia_node_scan_end(&rows);
    printf(
        "  of linked pairs right %.2f %%, of true pairs linked %.2f %%, linked or asked %.2f %%\n",
        100.0 * (double)out.right / (double)out.linked,
        100.0 * (double)out.right / (double)out.truth,
        100.0 * (double)out.found / (double)out.truth);
    return out;
}

static void make(world *w, size_t records, const lia_service *what)
{
    *w = (world){.count = records};
    CHECK_OK(lia_arena_init(&w->arena, (size_t)4 << 30));
    rig_make(&w->rig, 1);
    dirty_make(&w->base, 42, records * 4 / 7, &w->arena);
    if (w->count > w->base.record_count) w->count = w->base.record_count;
    w->ids = lia_arena_take(&w->arena, w->count * sizeof *w->ids);
    CHECK(w->ids != NULL);
    for (size_t i = 0; i < w->count; i++) w->ids[i] = lia_id_make(1700000000000 + (int64_t)i);
    open_node(w, what, false);
}

static void end(world *w)
{
    rig_end(&w->rig);
    lia_arena_fini(&w->arena);
}

static size_t wanted_records(void)
{
    const char *wanted = getenv("LIA_IDENTITY_RECORDS");
    return wanted ? strtoull(wanted, NULL, 10) : RECORDS;
}

TEST(a_node_links_what_belongs_together_and_asks_about_most_of_the_rest)
{
    static world w;
    shared[0] = shared[1] = lia_crm;
    shared[1].backgrounds = NULL;
    shared[1].background_count = 0;
    if (getenv("LIA_IDENTITY_RECORDS")) {
        make(&w, wanted_records(), &shared[1]);
        double seconds = create_all(&w);
        printf("  import without identity: %.0f records/s\n", (double)w.count / seconds);
        end(&w);
    }
    make(&w, wanted_records(), &shared[0]);
    double seconds = create_all(&w);
    printf("  import: %.0f records/s, of which %llu wait\n", (double)w.count / seconds,
           (unsigned long long)progress(&w).waiting);
    rest(&w, "after the import");
    figures imported = measure(&w);
    rig_stop(&w.rig, 1);
    open_node(&w, &shared[0], true);
    rest(&w, "views made anew");
    figures scanned = measure(&w);
    end(&w);
    CHECK(imported.right * 1000 >= imported.linked * 999);
    CHECK(imported.found * 100 >= imported.truth * 90);
    CHECK(imported.right == scanned.right && imported.linked == scanned.linked &&
          imported.found == scanned.found);
}
