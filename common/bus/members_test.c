/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus/file.h"
#include "common/bus/members.h"
#include "tests/support/test.h"

static lia_members members;
static lia_sign_key admin;
static lia_verify_key admin_public;

/* A list of `count` sound members, signed by nobody yet. */
static void make_list(size_t count)
{
    CHECK_OK(lia_crypto_init());
    lia_sign_keys(&admin_public, &admin);
    members = (lia_members){.cluster = lia_id_make(1), .epoch = 1, .count = count};
    for (size_t i = 0; i < count; i++) {
        lia_node_keys keys;
        lia_member *member = &members.list[i];
        lia_node_keys_make(&keys);
        *member = (lia_member){.number = (uint16_t)(i + 1), .department = 1, .shard = 3};
        snprintf(member->name, sizeof member->name, "node-%zu", i);
        snprintf(member->bus, sizeof member->bus, "127.0.0.1:%zu", 27000 + i);
        snprintf(member->http, sizeof member->http, "[::1]:%zu", 28000 + i);
        memcpy(member->curve_key, keys.curve_public, sizeof member->curve_key);
        member->verify_key = keys.verify;
    }
}

static const char *path_in(const char *dir, const char *name)
{
    static char paths[4][600];
    static size_t next;
    char *path = paths[next++ % LIA_COUNT(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

TEST(a_signed_list_is_read_as_it_was_written)
{
    static lia_members got;
    lia_why why = {0};
    make_list(LIA_MEMBERS_MAX);
    const char *path = path_in(lia_test_dir(), "members");
    CHECK_OK(lia_members_write(&members, &admin, path, &why));
    CHECK_OK(lia_members_read(&got, &admin_public, path, &why));
    CHECK_EQ(got.epoch, members.epoch);
    CHECK_EQ(got.count, members.count);
    CHECK(lia_id_equal(got.cluster, members.cluster));
    CHECK_EQ(memcmp(got.list, members.list, sizeof got.list), 0);
    CHECK(lia_members_find(&got, 64) == &got.list[63]);
    CHECK(lia_members_find(&got, 65) == NULL);
    CHECK(lia_members_by_name(&got, "node-7") == &got.list[7]);
    CHECK(lia_members_by_name(&got, "node") == NULL);
}

TEST(a_list_signed_by_somebody_else_is_denied)
{
    lia_sign_key other;
    lia_verify_key other_public;
    lia_why why = {0};
    make_list(2);
    lia_sign_keys(&other_public, &other);
    const char *path = path_in(lia_test_dir(), "members");
    CHECK_OK(lia_members_write(&members, &other, path, &why));
    CHECK_ERR(lia_members_read(&members, &admin_public, path, &why), LIA_EDENIED);
    CHECK(why.text[0]);
    CHECK_EQ(members.count, 0);
}

TEST(a_list_with_any_bit_changed_is_refused)
{
    static uint8_t bytes[4096];
    static lia_members got;
    size_t size;
    lia_why why;
    make_list(2);
    const char *path = path_in(lia_test_dir(), "members");
    CHECK_OK(lia_members_write(&members, &admin, path, &why));
    CHECK_OK(lia_file_read(path, false, bytes, sizeof bytes, &size, &why));
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        lia_err err = lia_members_parse(&got, &admin_public, lia_span_make(bytes, size), &why);
        CHECK(err == LIA_EDENIED || err == LIA_EINVAL);
        CHECK_EQ(got.count, 0);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK_OK(lia_members_parse(&got, &admin_public, lia_span_make(bytes, size), &why));
}

static void no_number(void)
{
    members.list[1].number = 0;
}
static void same_number(void)
{
    members.list[1].number = 1;
}
static void same_name(void)
{
    strcpy(members.list[1].name, "node-0");
}
static void no_name(void)
{
    members.list[1].name[0] = 0;
}
static void name_leaves_its_folder(void)
{
    strcpy(members.list[1].name, "../up");
}
static void same_key(void)
{
    memcpy(members.list[1].curve_key, members.list[0].curve_key, 32);
}
static void no_key(void)
{
    memset(members.list[1].curve_key, 0, 32);
}
static void same_verify(void)
{
    members.list[1].verify_key = members.list[0].verify_key;
}
static void same_bus(void)
{
    strcpy(members.list[1].bus, members.list[0].bus);
}
static void named_host(void)
{
    strcpy(members.list[1].bus, "localhost:27001");
}
static void no_port(void)
{
    strcpy(members.list[1].bus, "127.0.0.1");
}
static void port_zero(void)
{
    strcpy(members.list[1].http, "127.0.0.1:0");
}
static void port_too_large(void)
{
    strcpy(members.list[1].pub, "127.0.0.1:65536");
}
static void port_with_tail(void)
{
    strcpy(members.list[1].pub, "127.0.0.1:2700x");
}
static void no_epoch(void)
{
    members.epoch = 0;
}
static void no_cluster(void)
{
    members.cluster = LIA_ID_NONE;
}
static void nobody(void)
{
    members.count = 0;
}

/* Neither written nor, if somebody signed it anyway, read: writing checks what reading checks. */
TEST(a_list_that_breaks_a_rule_is_refused_with_a_sentence)
{
    static void (*const breaks[])(void) = {
        no_number,  same_number, same_name,      no_name,        name_leaves_its_folder,
        same_key,   no_key,      same_verify,    same_bus,       named_host,
        no_port,    port_zero,   port_too_large, port_with_tail, no_epoch,
        no_cluster, nobody};
    const char *path = path_in(lia_test_dir(), "members");
    for (size_t i = 0; i < LIA_COUNT(breaks); i++) {
        lia_why why = {0};
        make_list(2);
        breaks[i]();
        CHECK_ERR(lia_members_write(&members, &admin, path, &why), LIA_EINVAL);
        CHECK(strlen(why.text) > 10);
        CHECK(access(path, F_OK) != 0);
    }
}

TEST(bytes_that_are_no_list_are_refused)
{
    static uint8_t large[100000];
    lia_why why;
    make_list(1);
    CHECK_ERR(lia_members_parse(&members, &admin_public, LIA_SPAN(""), &why), LIA_EDENIED);
    CHECK_ERR(lia_members_parse(&members, &admin_public, LIA_SPAN("\xff\xff"), &why), LIA_EINVAL);
    CHECK_ERR(lia_members_parse(&members, &admin_public, LIA_SPAN_OF(large), &why), LIA_EINVAL);
    CHECK_ERR(lia_members_read(&members, &admin_public, "/nonexistent/members", &why), LIA_EABSENT);
}

TEST(node_keys_come_back_from_their_file)
{
    lia_node_keys keys, got;
    lia_why why;
    struct stat info;
    const char *path = path_in(lia_test_dir(), "node.keys");
    lia_node_keys_make(&keys);
    CHECK_OK(lia_node_keys_write(&keys, path, &why));
    CHECK_EQ(stat(path, &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
    CHECK_OK(lia_node_keys_read(&got, path, &why));
    CHECK_EQ(memcmp(&keys, &got, sizeof keys), 0);
}

TEST(a_key_file_that_others_can_read_is_denied)
{
    lia_node_keys keys;
    lia_why why;
    const char *path = path_in(lia_test_dir(), "node.keys");
    lia_node_keys_make(&keys);
    CHECK_OK(lia_node_keys_write(&keys, path, &why));
    CHECK_EQ(chmod(path, 0640), 0);
    CHECK_ERR(lia_node_keys_read(&keys, path, &why), LIA_EDENIED);
    CHECK(strstr(why.text, "chmod 600") != NULL);
}

TEST(a_damaged_key_file_is_refused)
{
    lia_node_keys keys, got;
    lia_why why;
    uint8_t text[1024], copy[1024];
    size_t size;
    const char *path = path_in(lia_test_dir(), "node.keys");
    lia_node_keys_make(&keys);
    CHECK_OK(lia_node_keys_write(&keys, path, &why));
    CHECK_OK(lia_file_read(path, true, text, sizeof text, &size, &why));
    for (size_t cut = 0; cut < size; cut += 7) {
        CHECK_OK(lia_file_replace(path, lia_span_make(text, cut), 0600, &why));
        CHECK_ERR(lia_node_keys_read(&got, path, &why), LIA_EINVAL);
    }
    memcpy(copy, text, size);
    copy[size - 3] = copy[size - 3] == '0' ? '1' : '0'; /* the signing key's public half */
    CHECK_OK(lia_file_replace(path, lia_span_make(copy, size), 0600, &why));
    CHECK_ERR(lia_node_keys_read(&got, path, &why), LIA_EINVAL);
}

TEST(the_administrators_key_is_two_files)
{
    lia_sign_key sign, got;
    lia_verify_key verify, public;
    lia_why why;
    struct stat info;
    const char *dir = lia_test_dir();
    lia_sign_keys(&verify, &sign);
    CHECK_OK(lia_admin_key_write(&sign, dir, &why));
    CHECK_OK(lia_admin_key_read(&got, dir, &why));
    CHECK_OK(lia_admin_public_read(&public, dir, &why));
    CHECK_EQ(memcmp(&sign, &got, sizeof sign), 0);
    CHECK_EQ(memcmp(&verify, &public, sizeof verify), 0);
    CHECK_EQ(stat(path_in(dir, "admin.key"), &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
    CHECK_ERR(lia_admin_key_write(&sign, "/nonexistent", &why), LIA_EABSENT);
}
