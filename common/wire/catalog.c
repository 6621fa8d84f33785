/* SPDX-License-Identifier: Apache-2.0 */
/* Which catalog a thread looks into. A thread variable and not an argument of every lookup: what is
 * looked up by number is nearly always compiled in, and hundreds of places would hand a pointer
 * through that none of them looks at. */
#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/wire/catalog_inner.h"

static lia_catalog compiled;

__attribute__((constructor)) static void make_compiled(void)
{
    compiled.kinds = lia_schema.kinds;
    compiled.kind_count = compiled.compiled = lia_schema.kind_count;
}

static _Thread_local const lia_catalog *current;

const lia_catalog *lia_catalog_current(void)
{
    return current ? current : &compiled;
}

void lia_catalog_use(const lia_catalog *catalog)
{
    if (catalog == current) return;
    const lia_catalog *before = current;
    current = lia_catalog_hold(catalog);
    lia_catalog_release(before);
}

const lia_catalog *lia_catalog_now(void)
{
    return current;
}

uint64_t lia_catalog_epoch(void)
{
    return current ? current->epoch : 0;
}

const lia_catalog *lia_catalog_hold(const lia_catalog *catalog)
{
    if (catalog)
        __atomic_add_fetch(&((lia_catalog *)(uintptr_t)catalog)->holders, 1, __ATOMIC_RELAXED);
    return catalog;
}

void lia_catalog_release(const lia_catalog *catalog)
{
    lia_catalog *held = (lia_catalog *)(uintptr_t)catalog;
    if (!held) return;
    lia_assert(__atomic_load_n(&held->holders, __ATOMIC_RELAXED) > 0);
    if (__atomic_sub_fetch(&held->holders, 1, __ATOMIC_ACQ_REL)) return;
    lia_arena arena = held->arena; /* it lies in there itself */
    lia_arena_fini(&arena);
}

const lia_catalog_problem *lia_catalog_problems(size_t *count)
{
    const lia_catalog *catalog = lia_catalog_current();
    *count = catalog->problem_count;
    return catalog->problems;
}

/* ---- names and numbers ----------------------------------------------------------------------- */

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

bool lia_custom_name_is_valid(const char *name)
{
    size_t size = 0;
    if (!name || !is_small(name[0])) return false;
    for (; name[size]; size++)
        if (!is_small(name[size]) && !(name[size] >= '0' && name[size] <= '9') && name[size] != '_')
            return false;
    return size <= LIA_CUSTOM_NAME_MAX;
}

static bool is_listed(const char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i], name)) return true;
    return false;
}

/* Beside its fields a record says who it is and what became of it; filters have words of their own.
 */
bool lia_custom_field_is_reserved(const char *name)
{
    static const char *const names[] = {
        "id",       "version", "created_at", "updated_at", "conflicts", "fields",
        "history",  "and",     "or",         "not",        "true",      "false",
        "now",      "today",   "progress",   "missing",    "complete",  "receipts",
        "timeline", "records", "kind",       "record",     "archived"};
    return is_listed(names, LIA_COUNT(names), name);
}

/* First steps of paths below /api/v1; what a test compares with the document. */
bool lia_custom_kind_is_reserved(const char *name)
{
    static const char *const names[] = {
        "any",         "all",        "admin",      "read",          "write",   "asyncapi",
        "audit",       "automation", "changes",    "digest",     "duplicates",    "events",  "figures",
        "healthz",     "import",     "imports",    "invite",        "kinds",   "me",
        "members",     "metrics",    "openapi",    "password",      "readyz",  "search",
        "session",     "sessions",   "setup",      "status",        "tokens",  "totp",
        "export",      "sign_in",    "two_factor", "second_factor", "custom",  "deliveries",
        "backups",     "joins",      "nodes",      "tools",         "classes", "network",
        "aggregate",   "aggregates", "config",     "app",           "web",     "stream",
        "streams",     "lookout",    "watch",      "counts",        "report",  "reports",
        "dashboard",   "dashboards", "settings",   "health",        "version", "features",
        "cohorts",     "funnel",     "forecast",   "quota",         "files",   "uploads",
        "attachments", "documents",  "sso",        "auth",          "login",   "logout",
        "identity",    "identities", "lists",      "items",         "records", "fields",
        "problems",    "cache",      "schema",     "system",        "layout",  "layouts",
        "preferences", "presence",   "oidc",       "backup",        "backups", "flows_runs"};
    return is_listed(names, LIA_COUNT(names), name);
}

static uint32_t hash_of(const char *domain, lia_span text)
{
    lia_hash hash = lia_hash_of(domain, &text, 1);
    return lia_get_u32(hash.bytes);
}

uint32_t lia_custom_field_number(lia_id definition)
{
    return LIA_CUSTOM_FIELD_FIRST + (hash_of("liaison.field", lia_id_span(&definition)) >> 4);
}

uint16_t lia_custom_kind_number(lia_id definition)
{
    uint32_t hash = hash_of("liaison.kind", lia_id_span(&definition));
    return (uint16_t)(LIA_CUSTOM_KIND_FIRST + hash % (UINT16_MAX + 1 - LIA_CUSTOM_KIND_FIRST));
}

/* 0 is left to what is unset. */
int32_t lia_custom_option_number(const char *name)
{
    int32_t number = (int32_t)(hash_of("liaison.option", lia_span_text(name)) >> 1);
    return number ? number : 1;
}

bool lia_kind_is_extensible(const lia_kind *kind)
{
    static const uint16_t governing[] = {
        LIA_USER,         LIA_TEAM,        LIA_ROLE,       LIA_MATCH_MODEL, LIA_RETENTION_RULE,
        LIA_WEBHOOK,      LIA_TOOL,        LIA_RULE,       LIA_FLOW,        LIA_ROTA,
        LIA_CUSTOM_FIELD, LIA_CUSTOM_KIND, LIA_SAVED_VIEW, LIA_FAVOURITE,   LIA_COMMENT,
        LIA_SEGMENT,      LIA_PIPELINE};
    if (kind->internal || kind->secret) return false;
    for (size_t i = 0; i < LIA_COUNT(governing); i++)
        if (governing[i] == kind->number) return false;
    return kind->number < 78 || kind->number >= LIA_CUSTOM_KIND_FIRST;
}

const lia_kind *lia_kind_by_definition(lia_id definition)
{
    const lia_catalog *catalog = lia_catalog_current();
    for (size_t i = catalog->compiled; i < catalog->kind_count; i++)
        if (lia_id_equal(catalog->kinds[i].added->definition, definition))
            return &catalog->kinds[i];
    return NULL;
}
