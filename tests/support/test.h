/* SPDX-License-Identifier: Apache-2.0 */
/* test - tests as sentences, on cmocka. A file of tests is a program:
 *
 *     TEST(a_deal_is_won_only_from_a_quote) { CHECK_EQ(1 + 1, 2); }
 *
 * TEST registers itself; main() comes with the library. An argument runs only the tests whose
 * names contain it. */
#ifndef LIA_TESTS_SUPPORT_TEST_H
#define LIA_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/err.h"

void lia_test_add(const char *name, void (*run)(void **));

#define TEST(name)                                                                                 \
    static void test_##name(void **unused);                                                        \
    __attribute__((constructor)) static void add_##name(void)                                      \
    {                                                                                              \
        lia_test_add(#name, test_##name);                                                          \
    }                                                                                              \
    static void test_##name(void **unused __attribute__((unused)))

/* Integers, enums and pointers. */
#define CHECK_EQ(got, want)                                                                        \
    _assert_int_equal((LargestIntegralType)(uintptr_t)(got), (LargestIntegralType)(uintptr_t)(want), __FILE__, __LINE__)
#define CHECK(condition)            assert_true(condition)
#define CHECK_OK(expression)        lia_test_check_ok((expression), #expression, __FILE__, __LINE__)
#define CHECK_ERR(expression, want) lia_test_check_err((expression), (want), #expression, __FILE__, __LINE__)
#define CHECK_TEXT(got, want)       assert_string_equal(got, want)
#define CHECK_BYTES(got, want)      lia_test_check_bytes((got), (want), __FILE__, __LINE__)

void lia_test_check_ok(lia_err got, const char *expression, const char *file, int line);
void lia_test_check_err(lia_err got, lia_err want, const char *expression, const char *file, int line);
void lia_test_check_bytes(lia_span got, lia_span want, const char *file, int line);

/* An empty folder below the build folder (a real file system, not tmpfs), removed at exit. The
 * string lives until the process ends. */
const char *lia_test_dir(void);

/* Deterministic dice for property tests (SplitMix64, Steele et al. 2014). */
typedef struct lia_dice {
    uint64_t state;
} lia_dice;
uint64_t lia_dice_next(lia_dice *dice);
/* 0 <= result < bound */
uint64_t lia_dice_below(lia_dice *dice, uint64_t bound);

#endif
