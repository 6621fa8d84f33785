/* SPDX-License-Identifier: Apache-2.0 */
/* Key files as somebody may have edited them: read to the same keys that are written from them, or
 * refused with a sentence. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/bus/members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], node_path[96], admin_path[96], public_path[96];

static void forget(void)
{
    unlink(node_path);
    unlink(admin_path);
    unlink(public_path);
    rmdir(dir);
}

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "%s/keys-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    lia_assert(mkdtemp(dir) && lia_crypto_init() == LIA_OK);
    snprintf(node_path, sizeof node_path, "%s/node.keys", dir);
    snprintf(admin_path, sizeof admin_path, "%s/admin.key", dir);
    snprintf(public_path, sizeof public_path, "%s/admin.pub", dir);
    atexit(forget);
}

static void write_file(const char *path, lia_span bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    lia_assert(fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size);
    close(fd);
}

static void check_node_keys(void)
{
    lia_node_keys keys, again;
    lia_why why = {0};
    lia_err err = lia_node_keys_read(&keys, node_path, &why);
    lia_assert(!err == !why.text[0]);
    if (err) return;
    unlink(node_path);
    lia_assert(!lia_node_keys_write(&keys, node_path, &why));
    lia_assert(!lia_node_keys_read(&again, node_path, &why));
    lia_assert(!memcmp(&keys, &again, sizeof keys));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_sign_key admin;
    lia_verify_key public;
    lia_why why = {0};
    if (!dir[0]) make_dir();
    if (size > 4096) return 0;
    write_file(node_path, lia_span_make(data, size));
    check_node_keys();
    write_file(admin_path, lia_span_make(data, size));
    write_file(public_path, lia_span_make(data, size));
    if (lia_admin_key_read(&admin, dir, &why)) lia_assert(why.text[0]);
    why.text[0] = 0;
    if (lia_admin_public_read(&public, dir, &why)) lia_assert(why.text[0]);
    return 0;
}
