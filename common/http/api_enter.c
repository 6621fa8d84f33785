/* SPDX-License-Identifier: Apache-2.0 */
/* POST /session    {"email", "password", "code", "token"}: a cookie, or with "token" a bearer
 *
 *     who has a password here --hash--> right? ------------------------------+
 *     all others --the node's directory, where it has one--> user --writer--+--> second factor -->
 * session
 *
 * Whether there is such an account shows in nothing: an unknown e-mail costs the same hash and gets
 * the same answer as a wrong password. With a directory, whoever knows both times can tell a local
 * account from other names; of people in the directory nobody can be told from nobody. */
#include "common/http/api_directory.h"
#include "common/identity/fold.h"
#include "common/mail/message.h"

/* Of a name that is typed; what is longer is nobody's, and waits with all that begin so. */
#define NAME_MAX_BYTES 400

typedef struct entering {
    lia_call *call;
    Access__SignIn *ask;
    lia_span name;        /* as it was typed, without case: failures count for it */
    lia_id account, user; /* none: there is nobody of that e-mail; user: who has a password */
    const Access__Credential *credential;
    lia_hashing hashing;
    lia_directory_job directory;
    lia_errand errand;
    lia_entrance entrance;
} entering;

/* ---- waits ----------------------------------------------------------------------------------- */

/* What a directory takes for one name is one here: no case, no width, no blanks. */
static lia_span fold_name(lia_arena *arena, lia_span name)
{
    int32_t letters[LIA_FOLD_MAX];
    if (name.size > NAME_MAX_BYTES) name.size = NAME_MAX_BYTES;
    lia_span folded = {lia_arena_take(arena, name.size * LIA_FOLD_MAX * 4 + 1), 0};
    uint8_t *out = (uint8_t *)(uintptr_t)folded.data;
    while (out && name.size) {
        size_t count = lia_fold_case(&name, letters);
        for (size_t i = 0; i < count; i++)
            if (letters[i] != ' ') folded.size += lia_fold_letter(letters[i], out + folded.size);
    }
    return folded;
}

/* Failures count for the account and for the address, each with its own wait. */
static bool may_try(const entering *entry)
{
    lia_throttle *throttle = &entry->call->api->throttle;
    int64_t wait = lia_throttle_wait(throttle, entry->name, lia_time_ticks_ms());
    int64_t other = lia_throttle_wait(throttle, lia_call_peer(entry->call), lia_time_ticks_ms());
    if (other > wait) wait = other;
    return lia_call_waited(entry->call, wait, "too many attempts to sign in failed");
}

/* ---- the end --------------------------------------------------------------------------------- */

static void refuse(const entering *entry, unsigned status, const char *code, const char *detail)
{
    lia_call_note_entry(entry->call, LIA_AUDIT_NOT_SIGNED_IN, entry->account, LIA_ID_NONE,
                        code ? code : "password");
    const lia_problem problem = lia_entry_problem(status, code, detail);
    lia_call_problem(entry->call, &problem);
}

static void fail(const entering *entry, const char *code, const char *detail)
{
    lia_throttle *throttle = &entry->call->api->throttle;
    lia_throttle_failed(throttle, entry->name, lia_time_ticks_ms());
    lia_throttle_failed(throttle, lia_call_peer(entry->call), lia_time_ticks_ms());
    refuse(entry, 401, code, detail);
}

static const char *wrong(const entering *entry)
{
    return entry->call->api->directory
               ? "user name, e-mail or password: at least one of them is not right"
               : "e-mail or password: at least one of them is not right";
}

static void enter(entering *entry)
{
    lia_throttle_clear(&entry->call->api->throttle, entry->name);
    lia_throttle_clear(&entry->call->api->throttle,
                       lia_call_peer(entry->call)); /* a whole office */
    entry->entrance.user = entry->user;
    entry->entrance.as_token = entry->ask->token;
    lia_session_begin(entry->call, &entry->entrance);
}

/* ---- the second factor ----------------------------------------------------------------------- */

static void code_counted(lia_errand *errand)
{
    enter(errand->context);
}

static void check_code(entering *entry)
{
    Access__ChangeCredential change = ACCESS__CHANGE_CREDENTIAL__INIT;
    uint8_t hash[LIA_DIGEST_SIZE];
    if (lia_text_is_empty(entry->ask->code)) {
        const lia_problem problem = lia_entry_problem(
            401, "second-factor", "code: that of the second factor is wanted, too");
        lia_call_problem(entry->call, &problem);
        return;
    }
    if (!lia_code_use(entry->credential, entry->user, entry->ask->code, &change, hash)) {
        fail(entry, "second-factor", "code: this is not the code of the moment, or it was used");
        return;
    }
    entry->errand = (lia_errand){.call = entry->call, .then = code_counted, .context = entry};
    lia_errand_go(&entry->errand, lia_change_credential, &change.base);
}

static void go_on(entering *entry)
{
    if (entry->credential && entry->credential->second_factor_on)
        check_code(entry);
    else
        enter(entry);
}

/* ---- by password ----------------------------------------------------------------------------- */

static void checked(lia_hashing *hashing)
{
    entering *entry = hashing->context;
    entry->entrance.way = "password";
    if (!hashing->good || lia_id_is_none(entry->user))
        fail(entry, NULL, wrong(entry));
    else
        go_on(entry);
}

static void try_password(entering *entry, bool has_password)
{
    entry->hashing =
        (lia_hashing){.call = entry->call,
                      .password = entry->ask->password,
                      .kept = has_password ? entry->credential->password : lia_hashing_nobody(),
                      .done = checked,
                      .context = entry};
    (void)lia_hashing_go(&entry->hashing);
}

/* ---- by directory ---------------------------------------------------------------------------- */

static lia_err read_credential(entering *entry)
{
    lia_rows rows;
    lia_err err = lia_node_read(entry->call->api->node, &rows);
    if (err) return err;
    err = lia_credential_read(&rows, entry->user, entry->call->arena, &entry->credential);
    lia_node_read_end(entry->call->api->node, &rows);
    return err;
}

static void known(lia_errand *errand)
{
    entering *entry = errand->context;
    entry->user = entry->account = errand->command.record;
    if (lia_id_is_none(entry->user)) {
        refuse(entry, 403, "no-group",
               "None of your groups in the directory lets you in here: ask an administrator.");
        return;
    }
    lia_err err = read_credential(entry);
    entry->entrance.way = "directory";
    if (err)
        lia_call_fail(entry->call, err, NULL);
    else
        go_on(entry);
}

static void not_known(lia_errand *errand)
{
    const entering *entry = errand->context;
    const lia_command *command = &errand->command;
    if (command->refusal)
        refuse(entry, 403, command->refusal->code, command->refusal->text);
    else
        lia_call_fail(entry->call, command->err, &command->why);
}

/* The directory's word is taken for an e-mail, too. */
static void find_user(entering *entry)
{
    Access__EnterByDirectory ask = ACCESS__ENTER_BY_DIRECTORY__INIT;
    const lia_ldap_person *person = &entry->directory.person;
    bool has_email = person->email && lia_mail_address_ok(lia_span_text(person->email));
    ask.issuer = lia_directory_issuer(entry->call->api);
    ask.subject = person->subject;
    ask.email = has_email ? person->email : NULL;
    ask.name = person->name;
    ask.has_mapped = true;
    ask.mapped = person->mapped;
    ask.roles = person->roles;
    ask.n_roles = person->role_count;
    ask.managed = person->managed;
    ask.n_managed = person->managed_count;
    ask.team = person->team;
    entry->errand =
        (lia_errand){.call = entry->call, .then = known, .failed = not_known, .context = entry};
    lia_errand_go(&entry->errand, lia_enter_by_directory, &ask.base);
}

static void answered(lia_directory_job *job)
{
    entering *entry = job->context;
    if (!job->err)
        find_user(entry);
    else if (job->err == LIA_EDENIED)
        fail(entry, NULL, wrong(entry));
    else
        lia_directory_fails(entry->call);
}

static void try_directory(entering *entry)
{
    entry->directory = (lia_directory_job){.call = entry->call,
                                           .user = entry->ask->email,
                                           .password = entry->ask->password,
                                           .done = answered,
                                           .context = entry};
    (void)lia_directory_go(&entry->directory);
}

/* ---- which of them --------------------------------------------------------------------------- */

static lia_err find_account(entering *entry)
{
    lia_rows rows;
    lia_call *call = entry->call;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_user_by_email(&rows, lia_span_text(entry->ask->email), call->arena, &entry->user);
    if (!err && !lia_id_is_none(entry->user))
        err = lia_credential_read(&rows, entry->user, call->arena, &entry->credential);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

void lia_api_sign_in(lia_call *call)
{
    entering *entry = lia_arena_zero(call->arena, sizeof *entry);
    Access__SignIn *ask = entry ? lia_call_read(call, &access__sign_in__descriptor) : NULL;
    if (!entry) lia_call_fail(call, LIA_EFULL, NULL);
    if (!ask) return;
    entry->call = call;
    entry->ask = ask;
    entry->name = fold_name(call->arena, lia_span_text(ask->email));
    if (!entry->name.data) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!may_try(entry)) return;
    lia_err err = find_account(entry);
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    entry->account = entry->user;
    bool has_password = entry->credential && !lia_text_is_empty(entry->credential->password);
    if (!has_password) entry->user = LIA_ID_NONE;
    if (has_password || !call->api->directory)
        try_password(entry, has_password);
    else
        try_directory(entry);
}
