/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/figures.h"

#include "tests/support/test.h"

static const char page[] = "# HELP liaison_up Whether commands are taken.\n"
                           "# TYPE liaison_up gauge\n"
                           "liaison_up{node=\"sales\",version=\"1}\\\"2\"} 1\n"
                           "liaison_commits_total 120\n"
                           "liaison_commits_total_more 7\n"
                           "liaison_behind{node=\"a\", incarnation=\"1\"} 3\n"
                           "liaison_behind{node=\"b\",incarnation=\"2\"} 4.5 1700000000000\n"
                           "liaison_broken{node=\"a 3\n"
                           "liaison_broken\n"
                           "liaison_broken x\n"
                           "liaison_last 9";

static double sum(const char *name, const char *label, const char *value)
{
    bool found;
    double figure = lia_figure(lia_span_text(page), name, label, value, &found);
    return found ? figure : -1;
}

TEST(figures_are_found_by_name_and_label_and_nothing_else_is_taken_for_one)
{
    bool found;
    CHECK(sum("liaison_commits_total", NULL, NULL) == 120);
    CHECK(sum("liaison_behind", NULL, NULL) == 7.5);
    CHECK(sum("liaison_behind", "node", "b") == 4.5);
    CHECK(sum("liaison_behind", "incarnation", "1") == 3);
    CHECK(sum("liaison_behind", "node", "c") == -1);
    CHECK(sum("liaison_behind", "de", "a") == -1);
    CHECK(sum("liaison_up", "version", "1}\\\"2") == 1);
    CHECK(sum("liaison_up", "node", "sales") == 1);
    CHECK(sum("liaison_broken", NULL, NULL) == -1);
    CHECK(sum("liaison_commits", NULL, NULL) == -1);
    CHECK(sum("liaison_last", NULL, NULL) == 9);
    CHECK(lia_figure_most(lia_span_text(page), "liaison_behind", &found) == 4.5 && found);
    CHECK(lia_figure_most(lia_span_text(page), "liaison_none", &found) == 0 && !found);
}

TEST(a_quantile_is_of_what_was_counted_between_two_looks)
{
    const lia_span before = LIA_SPAN("w_bucket{le=\"0.001\"} 1000\nw_bucket{le=\"0.01\"} 1000\n"
                                     "w_bucket{le=\"+Inf\"} 1000\nw_sum 1\nw_count 1000\n");
    const lia_span now = LIA_SPAN("w_bucket{le=\"0.001\"} 1090\nw_bucket{le=\"0.01\"} 1099\n"
                                  "w_bucket{le=\"+Inf\"} 1100\nw_sum 1\nw_count 1100\n");
    CHECK(lia_figure_quantile(before, now, "w", 0.9) == 0.001);
    CHECK(lia_figure_quantile(before, now, "w", 0.99) == 0.01);
    CHECK(lia_figure_quantile(before, now, "w", 1) == 0.01); /* above the last bound */
    CHECK(lia_figure_quantile(LIA_SPAN_NONE, now, "w", 0.99) == 0.001);
    CHECK(lia_figure_quantile(now, now, "w", 0.99) < 0);
    CHECK(lia_figure_quantile(before, now, "v", 0.99) < 0);
}
