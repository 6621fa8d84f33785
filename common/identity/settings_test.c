/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/settings.h"

#include "common/node/fields.h"
#include "tests/support/test.h"

static lia_err read(const Crm__MatchModel *record, lia_settings *out,
                    char why[sizeof((lia_why *)0)->text])
{
    lia_why said = {{0}};
    lia_err err = lia_settings_of(out, record, &said);
    memcpy(why, said.text, sizeof said.text);
    return err;
}

TEST(what_a_model_does_not_say_is_as_built_in)
{
    char why[sizeof((lia_why *)0)->text];
    lia_settings plain, said;
    Crm__MatchModel record = CRM__MATCH_MODEL__INIT;
    LIA_SET(&record, revision, 3);
    CHECK_OK(read(&record, &plain, why));
    CHECK_EQ(plain.model.version, 3);
    CHECK_EQ(plain.model.link, LIA_MODEL_DEFAULT.link);
    CHECK_BYTES(LIA_SPAN_OF(plain.model.weights), LIA_SPAN_OF(LIA_MODEL_DEFAULT.weights));

    Crm__MatchWeight weight = CRM__MATCH_WEIGHT__INIT, *weights[] = {&weight};
    weight.outcome = "email_same";
    LIA_SET(&weight, weight, 5);
    LIA_SET(&record, link, 999);
    record.weights = weights;
    record.n_weights = 1;
    record.home = "de";
    CHECK_OK(read(&record, &said, why));
    CHECK_EQ(said.model.link, 999);
    CHECK_EQ(said.model.weights[LIA_EMAIL_SAME], 5);
    CHECK_EQ(said.model.weights[LIA_EMAIL_ROLE], LIA_MODEL_DEFAULT.weights[LIA_EMAIL_ROLE]);
    CHECK_BYTES(lia_span_make(said.home.code, 2), LIA_SPAN("DE"));
    CHECK(said.hash != plain.hash);
}

/* Everything is compared anew when the hash changes, and only then. */
TEST(the_hash_follows_what_scores_depend_on)
{
    char why[sizeof((lia_why *)0)->text];
    lia_settings one, two;
    Crm__MatchModel record = CRM__MATCH_MODEL__INIT;
    LIA_SET(&record, revision, 3);
    CHECK_OK(read(&record, &one, why));
    LIA_SET(&record, revision, 4);
    CHECK_OK(read(&record, &two, why));
    CHECK_EQ(one.hash, two.hash);
    record.home = "FR";
    CHECK_OK(read(&record, &two, why));
    CHECK(one.hash != two.hash);
}

TEST(a_model_that_makes_no_sense_is_told_so_by_field)
{
    char why[sizeof((lia_why *)0)->text];
    lia_settings out;
    Crm__MatchWeight weight = CRM__MATCH_WEIGHT__INIT, *weights[] = {&weight};
    weight.outcome = "luck";
    LIA_SET(&weight, weight, 5);
    Crm__MatchModel old = CRM__MATCH_MODEL__INIT, ask = old, word = old, home = old, far = old;
    LIA_SET(&old, revision, 2);
    LIA_SET(&ask, revision, 3);
    LIA_SET(&ask, ask, LIA_MODEL_DEFAULT.link + 1);
    LIA_SET(&word, revision, 3);
    word.weights = weights;
    word.n_weights = 1;
    LIA_SET(&home, revision, 3);
    home.home = "Germany";
    LIA_SET(&far, revision, 3);
    LIA_SET(&far, close, 1001);
    const struct {
        const Crm__MatchModel *record;
        const char *field;
    } cases[] = {{&old, "revision:"},
                 {&ask, "ask:"},
                 {&word, "weights:"},
                 {&home, "home:"},
                 {&far, "close:"}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        CHECK_ERR(read(cases[i].record, &out, why), LIA_EINVAL);
        CHECK_EQ(strncmp(why, cases[i].field, strlen(cases[i].field)), 0);
    }
}

TEST(every_outcome_is_found_by_its_name)
{
    for (int i = 0; i < LIA_OUTCOME_COUNT; i++)
        CHECK_EQ(lia_outcome_find(lia_outcome_name((lia_outcome)i)), i);
    CHECK_EQ(lia_outcome_find("luck"), LIA_OUTCOME_COUNT);
}
