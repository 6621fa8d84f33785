/* SPDX-License-Identifier: Apache-2.0 */
/* What is switched on is noted for ever, in a form that releases which do not know it can name;
 * what they would misread keeps them from opening the store. */
#include "common/node/feature.h"

#include "tests/support/test.h"

static lia_features parsed(const char *text)
{
    lia_features features = {0};
    CHECK_OK(lia_features_parse(&features, lia_span_text(text)));
    return features;
}

TEST(features_that_are_not_known_are_named)
{
    CHECK_EQ(parsed("").on, 0);
    CHECK_EQ(parsed("0 announced 0.1.0\n").on, 1);
    CHECK_TEXT(parsed("0 announced 0.1.0\n").foreign, "");
    lia_features both = parsed("0 announced 0.1.0\n30 vouchers 0.3.0\n63 folded 1.0\n");
    CHECK_EQ(both.on, UINT64_C(1) | UINT64_C(1) << 30 | UINT64_C(1) << 63);
    CHECK_TEXT(both.foreign, "vouchers (0.3.0), folded (1.0)");
}

TEST(a_row_that_is_none_is_refused)
{
    static const char *const rows[] = {
        "0 announced 0.1.0",      "64 a b\n", "x a b\n", "1 a\n", "\n",
        "0 announced 0.1.0\n1\n", "-1 a b\n"};
    for (size_t i = 0; i < LIA_COUNT(rows); i++) {
        lia_features features = {0};
        CHECK_ERR(lia_features_parse(&features, lia_span_text(rows[i])), LIA_ECORRUPT);
    }
}

static void note(const char *dir, const char *row)
{
    lia_log *log;
    CHECK_OK(lia_log_open(&log, dir, (size_t)64 << 20, NULL));
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_set_meta(log, "features", lia_span_text(row)));
    CHECK_OK(lia_log_commit(log, NULL));
    lia_log_close(log);
}

static lia_err load(const char *dir, lia_features *out, lia_why *why)
{
    lia_log *log;
    lia_log_reader *reader;
    CHECK_OK(lia_log_open(&log, dir, (size_t)64 << 20, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    lia_err err = lia_features_load(out, reader, why);
    lia_log_reader_close(reader);
    lia_log_close(log);
    return err;
}

TEST(a_store_with_what_would_be_misread_is_refused_and_one_with_what_is_carried_is_not)
{
    const char *dir = lia_test_dir();
    lia_features features;
    lia_why why = {{0}};
    CHECK_OK(load(dir, &features, &why));
    CHECK_EQ(features.on, 0);
    note(dir, "0 announced 0.1.0\n31 vouchers 0.3.0\n");
    CHECK_OK(load(dir, &features, &why));
    CHECK_TEXT(features.foreign, "vouchers (0.3.0)");
    note(dir, "0 announced 0.1.0\n31 vouchers 0.3.0\n32 folded 0.4.0\n");
    CHECK_ERR(load(dir, &features, &why), LIA_EVERSION);
    CHECK(strstr(why.text, "folded (0.4.0)"));
}

TEST(what_is_noted_by_a_later_release_outlives_this_one)
{
    const char *dir = lia_test_dir();
    lia_features features;
    lia_log *log;
    note(dir, "31 vouchers 0.3.0\n");
    CHECK_OK(lia_log_open(&log, dir, (size_t)64 << 20, NULL));
    for (int twice = 0; twice < 2; twice++) {
        CHECK_OK(lia_log_begin(log, NULL));
        CHECK_OK(lia_features_save(log, lia_features_known()));
        CHECK_OK(lia_log_commit(log, NULL));
    }
    lia_log_close(log);
    CHECK_OK(load(dir, &features, NULL));
    CHECK_EQ(features.on, lia_features_known() | UINT64_C(1) << 31);
    CHECK_TEXT(features.foreign, "vouchers (0.3.0)");
}

TEST(a_bit_and_a_name_belong_to_one_feature)
{
    for (size_t i = 0; i < lia_feature_count; i++) {
        CHECK(lia_feature_rows[i].bit < 64);
        CHECK(strcspn(lia_feature_rows[i].name, " \n") == strlen(lia_feature_rows[i].name));
        for (size_t j = 0; j < i; j++) {
            CHECK(lia_feature_rows[i].bit != lia_feature_rows[j].bit);
            CHECK(strcmp(lia_feature_rows[i].name, lia_feature_rows[j].name) != 0);
        }
    }
}
