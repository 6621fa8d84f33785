/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_directory.h"

#include <stdlib.h>

#include "common/access/directory.h"
#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/ldap/words.h"

#define WAITING_MAX  32
#define ISSUER_BYTES ((size_t)64 << 10) /* to make it in */

struct lia_directory {
    const lia_ldap_options *options;
    const char *title;
    char *issuer;
    bool hurry; /* atomic: read by the thread at work */
    bool busy;
    lia_directory_job *waiting;
    size_t waiting_count;
};

/* ---- on a worker thread ---------------------------------------------------------------------- */

static void work(uv_work_t *work_of)
{
    lia_directory_job *job = work_of->data;
    const struct lia_directory *directory = job->call->api->directory;
    const lia_ldap_question question = {.options = directory->options,
                                        .user = job->user,
                                        .subject = job->subject,
                                        .password = job->password,
                                        .hurry = &directory->hurry};
    job->err = lia_arena_init(&job->arena, LIA_LDAP_ARENA_BYTES);
    if (!job->err) job->err = lia_ldap_ask(&question, &job->arena, &job->person, &job->why);
}

/* ---- on the loop ----------------------------------------------------------------------------- */

static void start(lia_directory_job *job);

static void tell(const lia_directory_job *job)
{
    if (!job->err || (job->err == LIA_EDENIED && !*job->why.text)) return;
    LIA_LOG(WARN, "directory.failed", LIA_ERR(job->err), LIA_TEXT("why", job->why.text));
}

static void finish(lia_directory_job *job)
{
    lia_api *api = job->call->api;
    lia_wipe((char *)(uintptr_t)job->password, strlen(job->password));
    job->done(job);
    lia_arena_fini(&job->arena);
    lia_api_worked(api);
}

static lia_directory_job *take(struct lia_directory *directory)
{
    lia_directory_job *job = directory->waiting;
    if (!job) return NULL;
    directory->waiting = job->next;
    directory->waiting_count--;
    return job;
}

static void worked(uv_work_t *work_of, int status)
{
    lia_directory_job *job = work_of->data, *next;
    struct lia_directory *directory = job->call->api->directory;
    (void)status;
    directory->busy = false;
    tell(job);
    while (job->err == LIA_EIO && (next = take(directory))) {
        next->err = LIA_EIO;
        finish(next);
    }
    next = take(directory);
    if (next) start(next);
    finish(job);
}

static void start(lia_directory_job *job)
{
    lia_api *api = job->call->api;
    api->directory->busy = true;
    job->work.data = job;
    int queued = uv_queue_work(api->loop, &job->work, work, worked);
    lia_assert(queued == 0);
}

bool lia_directory_go(lia_directory_job *job)
{
    lia_api *api = job->call->api;
    struct lia_directory *directory = api->directory;
    if (directory->waiting_count == WAITING_MAX) {
        lia_why why;
        lia_why_set(&why, LIA_EFULL, "too many are signing in at this moment: try again");
        lia_call_fail(job->call, LIA_EFULL, &why);
        return false;
    }
    api->at_work++;
    job->next = NULL;
    if (!directory->busy) {
        start(job);
        return true;
    }
    lia_directory_job **end = &directory->waiting;
    while (*end) end = &(*end)->next;
    *end = job;
    directory->waiting_count++;
    return true;
}

/* ---- words about it -------------------------------------------------------------------------- */

const char *lia_directory_issuer(const lia_api *api)
{
    return api->directory->issuer;
}

const char *lia_directory_title(const lia_api *api)
{
    return api->directory->title;
}

void lia_directory_fails(lia_call *call)
{
    const char *detail = lia_arena_text(
        call->arena,
        "%s does not answer as it should: try again later, or ask an administrator. Whoever has "
        "a password that was chosen here, as administrators have, signs in as always.",
        lia_directory_title(call->api));
    const lia_problem problem = {.status = 503,
                                 .type = "directory-fails",
                                 .title = "the directory fails",
                                 .detail = detail,
                                 .code = "directory-fails"};
    lia_call_note_entry(call, LIA_AUDIT_NOT_SIGNED_IN, LIA_ID_NONE, LIA_ID_NONE, "directory-fails");
    lia_call_problem(call, &problem);
}

/* ---- open and close -------------------------------------------------------------------------- */

/* The base in one form: writing it another way makes nobody somebody else. */
static char *make_issuer(const char *base)
{
    lia_arena arena;
    char *issuer = NULL;
    if (lia_arena_init(&arena, ISSUER_BYTES)) return NULL;
    const char *form = lia_ldap_name_form(&arena, base);
    const char *text = form ? lia_arena_text(&arena, LIA_DIRECTORY_ISSUER "%s", form) : NULL;
    if (text) issuer = strdup(text);
    lia_arena_fini(&arena);
    return issuer;
}

lia_err lia_api_set_directory(lia_api *api, const lia_ldap_options *options, const char *title)
{
    struct lia_directory *directory = calloc(1, sizeof *directory);
    char *issuer = make_issuer(options->base);
    if (!directory || !issuer) {
        free(directory);
        free(issuer);
        return LIA_EFULL;
    }
    *directory = (struct lia_directory){
        .options = options, .title = title ? title : "The directory", .issuer = issuer};
    api->directory = directory;
    return LIA_OK;
}

void lia_directory_hurry(lia_api *api)
{
    if (api->directory) __atomic_store_n(&api->directory->hurry, true, __ATOMIC_RELEASE);
}

void lia_directory_fini(lia_api *api)
{
    if (!api->directory) return;
    lia_assert(!api->directory->busy && !api->directory->waiting);
    free(api->directory->issuer);
    free(api->directory);
    api->directory = NULL;
}
