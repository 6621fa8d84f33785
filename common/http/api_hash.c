/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/assert.h"
#include "common/http/api_signin.h"

#define RUNNING_MAX 2
#define WAITING_MAX 64

static void start(lia_hashing *hashing);

static void work(uv_work_t *job)
{
    lia_hashing *hashing = job->data;
    lia_span password = lia_span_text(hashing->password);
    if (hashing->kept)
        hashing->good = lia_password_is(password, hashing->kept);
    else
        hashing->err = lia_password_hash(password, hashing->text);
}

static void worked(uv_work_t *job, int status)
{
    lia_hashing *hashing = job->data;
    lia_api *api = hashing->call->api;
    (void)status;
    if (!hashing->keep) lia_wipe((char *)(uintptr_t)hashing->password, strlen(hashing->password));
    api->hashings_running--;
    lia_hashing *next = api->hashings;
    if (next) {
        api->hashings = next->next;
        api->hashings_waiting--;
        start(next);
    }
    if (hashing->err)
        lia_call_fail(hashing->call, hashing->err, NULL);
    else
        hashing->done(hashing);
    lia_api_worked(api);
}

static void start(lia_hashing *hashing)
{
    lia_api *api = hashing->call->api;
    api->hashings_running++;
    hashing->job.data = hashing;
    int queued = uv_queue_work(api->loop, &hashing->job, work, worked);
    lia_assert(queued == 0);
}

bool lia_hashing_go(lia_hashing *hashing)
{
    lia_api *api = hashing->call->api;
    if (api->hashings_waiting == WAITING_MAX) {
        lia_why why;
        lia_why_set(&why, LIA_EFULL, "too many are signing in at this moment: try again");
        lia_call_fail(hashing->call, LIA_EFULL, &why);
        return false;
    }
    api->at_work++;
    hashing->next = NULL;
    if (api->hashings_running < RUNNING_MAX) {
        start(hashing);
        return true;
    }
    struct lia_hashing **end = &api->hashings;
    while (*end) end = &(*end)->next;
    *end = hashing;
    api->hashings_waiting++;
    return true;
}

/* Of 32 random bytes that nobody kept. The parameters are those of lia_password_hash. */
const char *lia_hashing_nobody(void)
{
    return "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRvZm5vYm9keQ$"
           "2zQX9qt7owaNtQRexkYz/kOaML/+Ez+OCJ+kFQWEhUU";
}
