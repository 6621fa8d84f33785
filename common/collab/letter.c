/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/letter.h"

#include "common/access/access.h"
#include "common/mail/mail.h"
#include "common/node/fields.h"
#include "proto/access.pb-c.h"
#include "proto/collab.pb-c.h"
#include "proto/crm.pb-c.h"

static const lia_refusal_text NO_ADDRESS[1] = {
    {"no-address", "The user has no e-mail that a mail can be sent to."}};

static const char *text_of(lia_turn *turn, const Collab__SendLink *ask, const char *name)
{
    const char *why = ask->forgotten
                          ? "Somebody, we hope you, asked for a new password for Liaison."
                          : "You are invited to work with Liaison.";
    const char *otherwise = ask->forgotten
                                ? "If it was not you, there is nothing to do: your password stays."
                                : "If you do not know what this is about, there is nothing to do.";
    return lia_arena_text(turn->arena,
                          "Hello %s,\n\n%s Choose a password here:\n\n%s\n\n"
                          "The link works once, for three days. %s\n",
                          name ? name : "there", why, ask->link, otherwise);
}

lia_err lia_letter_send(lia_turn *turn, const void *request)
{
    const Collab__SendLink *ask = request;
    Access__GivePass give = ACCESS__GIVE_PASS__INIT;
    Crm__User *user;
    lia_err err = lia_load(turn, LIA_USER, lia_id_in(ask->user), &user);
    if (err) return err;
    const char *text = text_of(turn, ask, user->name);
    if (!text) return LIA_EFULL;
    LIA_SET(&give, pass, ask->pass);
    LIA_SET(&give, user, ask->user);
    LIA_SET(&give, type, ACCESS__PASS_TYPE__PASS_TYPE_LINK);
    LIA_SET(&give, expires_at, ask->expires_at);
    err = lia_pass_give(turn, &give);
    if (err) return err;
    lia_id pass = lia_id_in(ask->pass);
    const lia_mail_draft draft = {.to = user->email,
                                  .to_name = user->name,
                                  .subject = ask->forgotten ? "A new password for Liaison"
                                                            : "Your invitation to Liaison",
                                  .text = text,
                                  .purpose = ask->forgotten ? "password" : "invitation"};
    err = lia_mail_queue(turn, lia_id_derive("collab.letter", lia_id_span(&pass)), &draft);
    return err == LIA_EINVAL ? lia_refuse(turn, NO_ADDRESS) : err;
}
