/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct CMUnitTest tests[512];
static size_t test_count;

void lia_test_add(const char *name, void (*run)(void **))
{
    if (test_count == LIA_COUNT(tests)) abort();
    tests[test_count++] = (struct CMUnitTest){.name = name, .test_func = run};
}

void lia_test_check_ok(lia_err got, const char *expression, const char *file, int line)
{
    lia_test_check_err(got, LIA_OK, expression, file, line);
}

void lia_test_check_err(lia_err got, lia_err want, const char *expression, const char *file,
                        int line)
{
    if (got == want) return;
    print_error("%s gave %s, wanted %s\n", expression, lia_err_name(got), lia_err_name(want));
    _fail(file, line);
}

void lia_test_check_bytes(lia_span got, lia_span want, const char *file, int line)
{
    if (lia_span_equal(got, want)) return;
    print_error("%zu bytes differ from the %zu wanted\n", got.size, want.size);
    _fail(file, line);
}

static char dirs[64][512];
static size_t dir_count;

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void remove_dirs(void)
{
    for (size_t i = 0; i < dir_count; i++) nftw(dirs[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *lia_test_dir(void)
{
    if (dir_count == 0) atexit(remove_dirs);
    if (dir_count == LIA_COUNT(dirs)) abort();
    char *dir = dirs[dir_count++];
    char here[256];
    if (!getcwd(here, sizeof here)) abort();
    snprintf(dir, sizeof dirs[0], "%s/test-XXXXXX", here);
    if (!mkdtemp(dir)) abort();
    return dir;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        size_t kept = 0;
        for (size_t i = 0; i < test_count; i++)
            if (strstr(tests[i].name, argv[1])) tests[kept++] = tests[i];
        test_count = kept;
    }
    return _cmocka_run_group_tests("tests", tests, test_count, NULL, NULL);
}
