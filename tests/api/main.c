/* SPDX-License-Identifier: Apache-2.0 */
/* converse - starts a department in an empty cluster and holds conversations with it.
 *
 *     converse sales sales_customers.http ...
 *     converse http://127.0.0.1:27100 ...       with a node that runs already; what it printed as
 *                                               the administrator's link is fine, too */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/conversation.h"
#include "tests/api/department.h"

static bool converse_all(char **files, uint16_t port, const char *setup)
{
    bool good = true;
    for (; *files; files++) good &= lia_converse(*files, port, setup);
    return good;
}

static bool converse_with_own(const char *dir, const char *department, char **files)
{
    lia_process node;
    if (!lia_process_start(&node, LIA_BIN_DIR, dir, department)) return false;
    bool good = converse_all(files, node.port, node.setup);
    bool ended = lia_process_stop(&node);
    if (!ended) fprintf(stderr, "liaison-%s did not end in order\n", department);
    return good && ended;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: converse DEPARTMENT|http://127.0.0.1:PORT FILE...\n");
        return 2;
    }
    if (!strncmp(argv[1], "http://", 7)) {
        const char *mark = "#setup=", *setup = strstr(argv[1], mark);
        uint16_t port = (uint16_t)atoi(strrchr(argv[1], ':') + 1);
        return converse_all(argv + 2, port, setup ? setup + strlen(mark) : "") ? 0 : 1;
    }

    char dir[] = "converse-XXXXXX";
    if (!mkdtemp(dir)) return 1;
    bool good = converse_with_own(dir, argv[1], argv + 2);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return good ? 0 : 1;
}
