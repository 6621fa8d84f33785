/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/pages/pages.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_BYTES ((size_t)4 << 20)

const char *const lia_pages_departments[] = {"sales", "marketing", "service", "analytics", NULL};

static void write_page(const char *dir, const char *name, lia_buf *page)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = page->failed ? NULL : fopen(path, "we");
    if (!file || fwrite(page->data, 1, page->size, file) != page->size || fclose(file)) {
        fprintf(stderr, "pages: %s cannot be written\n", path);
        exit(1);
    }
    *page = lia_buf_make(page->arena);
}

int main(int argc, char **argv)
{
    lia_arena arena;
    char name[64];
    if (argc != 2 || lia_arena_init(&arena, PAGE_BYTES)) {
        fputs("usage: pages DIR\n", stderr);
        return 2;
    }
    lia_buf page = lia_buf_make(&arena);
    lia_pages_tool(&page);
    write_page(argv[1], "liaison.1", &page);
    lia_pages_file(&page);
    write_page(argv[1], "liaison.yaml.5", &page);
    lia_pages_completion(&page);
    write_page(argv[1], "liaison.bash", &page);
    lia_pages_dashboard_of_cluster(&page);
    write_page(argv[1], "cluster.dashboard.json", &page);
    lia_pages_dashboard_of_node(&page);
    write_page(argv[1], "nodes.dashboard.json", &page);
    for (const char *const *department = lia_pages_departments; *department; department++) {
        snprintf(name, sizeof name, "liaison-%s.8", *department);
        lia_pages_node(&page, *department);
        write_page(argv[1], name, &page);
        snprintf(name, sizeof name, "%s.yaml", *department);
        lia_config_page(&page, *department);
        write_page(argv[1], name, &page);
    }
    lia_arena_fini(&arena);
    return 0;
}
