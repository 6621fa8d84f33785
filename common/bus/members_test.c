/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bus/file.h"
#include "common/bus/members.h"
#include "tests/support/failing.h"

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

static lia_err reads_a_list(void *context)
{
    static lia_members got;
    lia_why why = {0};
    lia_err err = lia_members_parse(&got, &admin_public, *(lia_span *)context, &why);
    CHECK(err == LIA_OK || (err == LIA_EFULL && why.text[0])); /* and not: it is no list */
    CHECK_EQ(got.count, err ? 0 : members.count);
    return err;
}

TEST(a_list_for_which_there_is_no_memory_is_not_called_malformed)
{
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size;
    lia_why why = {0};
    make_list(3);
    CHECK_OK(lia_members_sign(&members, &admin, bytes, &size, &why));
    lia_span list = lia_span_make(bytes, size);
    CHECK(lia_failing_each(reads_a_list, &list, LIA_FAIL_HEAP | LIA_FAIL_ARENA) > 5);
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
static void number_of_a_removed_one(void)
{
    members.removed[members.removed_count++] = (lia_removed){2, 1, "gone"};
}
static void name_of_a_removed_one(void)
{
    members.removed[members.removed_count++] = (lia_removed){9, 1, "node-1"};
}
static void removed_twice(void)
{
    members.removed[members.removed_count++] = (lia_removed){9, 1, "gone"};
    members.removed[members.removed_count++] = (lia_removed){10, 1, "gone"};
}
static void removed_without_a_name(void)
{
    members.removed[members.removed_count++] = (lia_removed){9, 1, ""};
}
static void former_key_of_nobody(void)
{
    members.former[members.former_count++] = (lia_former_key){9, {{1}}, 5, 6};
}
static void former_key_in_use(void)
{
    members.former[members.former_count++] = (lia_former_key){1, members.list[1].verify_key, 5, 6};
}
static void former_key_without_an_end(void)
{
    members.former[members.former_count++] = (lia_former_key){1, {{1}}, 5, 0};
}
static void former_key_twice(void)
{
    members.former[members.former_count++] = (lia_former_key){1, {{1}}, 5, 6};
    members.former[members.former_count++] = (lia_former_key){1, {{1}}, 5, 7};
}
static void former_key_of_two(void)
{
    members.former[members.former_count++] = (lia_former_key){1, {{1}}, 5, 6};
    members.former[members.former_count++] = (lia_former_key){2, {{1}}, 9, 7};
}

/* Neither written nor, if somebody signed it anyway, read: writing checks what reading checks. */
TEST(a_list_that_breaks_a_rule_is_refused_with_a_sentence)
{
    static void (*const breaks[])(void) = {no_number,
                                           same_number,
                                           same_name,
                                           no_name,
                                           name_leaves_its_folder,
                                           same_key,
                                           no_key,
                                           same_verify,
                                           same_bus,
                                           named_host,
                                           no_port,
                                           port_zero,
                                           port_too_large,
                                           port_with_tail,
                                           no_epoch,
                                           no_cluster,
                                           nobody,
                                           number_of_a_removed_one,
                                           name_of_a_removed_one,
                                           removed_twice,
                                           removed_without_a_name,
                                           former_key_of_nobody,
                                           former_key_in_use,
                                           former_key_without_an_end,
                                           former_key_twice,
                                           former_key_of_two};
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

/* ---- one list after another ------------------------------------------------------------------ */

static lia_members later;

/* The list as the next one, to be changed. */
static void make_next(size_t count)
{
    make_list(count);
    later = members;
    later.epoch++;
}

static lia_verify_key some_key(void)
{
    lia_node_keys keys;
    lia_node_keys_make(&keys);
    return keys.verify;
}

TEST(a_removed_member_leaves_its_number_its_name_and_its_key)
{
    lia_why why = {0};
    make_next(3);
    CHECK_OK(lia_members_remove(&later, 2, &why));
    CHECK_OK(lia_members_check_next(&members, &later, &why));
    CHECK(!lia_members_find(&later, 2));
    CHECK(lia_members_find(&later, 3));
    CHECK(strcmp(lia_members_name(&later, 2), "node-1") == 0);
    CHECK(lia_members_is_open(&later, 2));
    CHECK_ERR(lia_members_remove(&later, 2, &why), LIA_EABSENT);
    lia_members again = later;
    again.removed_count = 0;
    CHECK_ERR(lia_members_check(&again, &why), LIA_EINVAL); /* its key would be nobody's */
    again.former_count = 0;
    CHECK_ERR(lia_members_check_next(&later, &again, &why), LIA_EINVAL);
    again.list[again.count++] = members.list[1]; /* nor does it come back under its number */
    again.list[2].verify_key = some_key();
    CHECK_ERR(lia_members_check_next(&later, &again, &why), LIA_EINVAL);
}

TEST(a_number_is_never_given_to_another_member)
{
    lia_why why = {0};
    make_next(2);
    strcpy(later.list[1].name, "other");
    CHECK_ERR(lia_members_check_next(&members, &later, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "number 2 belongs to node-1"));
    later = members;
    later.list[1].department++;
    CHECK_ERR(lia_members_check_next(&members, &later, &why), LIA_EINVAL);
    later = members;
    later.count = 1;
    CHECK_ERR(lia_members_check_next(&members, &later, &why), LIA_EINVAL);
    later = members;
    later.cluster.bytes[3] ^= 1;
    CHECK_ERR(lia_members_check_next(&members, &later, &why), LIA_EINVAL);
    later = members;
    strcpy(later.list[1].bus, "127.0.0.9:1234"); /* it may move */
    CHECK_OK(lia_members_check_next(&members, &later, &why));
}

TEST(what_a_former_key_counts_for_is_settled_once)
{
    static const uint64_t incarnations[] = {71, 72, 73}, lasts[] = {10, 0, 30};
    lia_why why = {0};
    make_next(2);
    lia_verify_key first = later.list[0].verify_key, second = some_key(), third = some_key();
    CHECK_OK(lia_members_rekey(&later, 1, later.list[0].curve_key, &second, &why));
    CHECK_OK(lia_members_check_next(&members, &later, &why));
    CHECK(lia_members_is_open(&later, 1));
    CHECK_OK(lia_members_close(&later, 1, incarnations, lasts, 2, &why));
    CHECK(!lia_members_is_open(&later, 1));
    CHECK_EQ(later.former_count, 1); /* nothing was written in 72 */
    CHECK_EQ(later.former[0].incarnation, 71);
    CHECK_EQ(later.former[0].last, 10);
    CHECK_EQ(memcmp(&later.former[0].key, &first, sizeof first), 0);
    CHECK_OK(lia_members_check_next(&members, &later, &why)); /* also in one step */

    members = later;
    CHECK_OK(lia_members_rekey(&later, 1, later.list[0].curve_key, &third, &why));
    CHECK_OK(lia_members_close(&later, 1, incarnations, lasts, 3, &why));
    CHECK_EQ(later.former_count, 2); /* 71 was written under the first */
    CHECK_EQ(later.former[1].incarnation, 73);
    CHECK_OK(lia_members_check_next(&members, &later, &why));
    later.former[0].last++;
    CHECK_ERR(lia_members_check_next(&members, &later, &why), LIA_EINVAL);
}

TEST(a_change_is_told_in_words)
{
    char text[100];
    lia_why why = {0};
    lia_node_keys keys;
    make_next(3);
    lia_node_keys_make(&keys);
    CHECK_OK(lia_members_rekey(&later, 1, keys.curve_public, &keys.verify, &why));
    strcpy(later.list[1].bus, "127.0.0.9:1234");
    CHECK_OK(lia_members_remove(&later, 3, &why));
    lia_members_describe(&members, &later, text, sizeof text);
    CHECK_TEXT(text, "other keys of node-0; another address of node-1; removed node-2");
    lia_members_describe(&later, &members, text, 12);
    CHECK_TEXT(text, "other keys ");
    lia_members_describe(&members, &members, text, sizeof text);
    CHECK_TEXT(text, "settled former keys");
}

TEST(other_curve_keys_alone_leave_no_former_key)
{
    lia_why why = {0};
    lia_node_keys keys;
    make_next(2);
    lia_node_keys_make(&keys);
    CHECK_OK(lia_members_rekey(&later, 2, keys.curve_public, &later.list[1].verify_key, &why));
    CHECK_EQ(later.former_count, 0);
    CHECK_EQ(memcmp(later.list[1].curve_key, keys.curve_public, sizeof keys.curve_public), 0);
}

TEST(of_two_lists_the_higher_epoch_counts_and_then_the_bytes)
{
    static lia_members a, b;
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size;
    lia_why why = {0};
    make_next(2);
    CHECK_OK(lia_members_sign(&members, &admin, bytes, &size, &why));
    CHECK_OK(lia_members_parse(&a, &admin_public, lia_span_make(bytes, size), &why));
    CHECK_OK(lia_members_sign(&later, &admin, bytes, &size, &why));
    CHECK_OK(lia_members_parse(&b, &admin_public, lia_span_make(bytes, size), &why));
    CHECK(lia_members_later(&b, &a) && !lia_members_later(&a, &b));
    later.epoch = members.epoch;
    strcpy(later.list[1].bus, "127.0.0.9:1234");
    CHECK_OK(lia_members_sign(&later, &admin, bytes, &size, &why));
    CHECK_OK(lia_members_parse(&b, &admin_public, lia_span_make(bytes, size), &why));
    CHECK(lia_members_later(&b, &a) != lia_members_later(&a, &b));
    CHECK(!lia_members_later(&a, &a));
}

/* ---- the administrators' key ------------------------------------------------------------------
 */

TEST(the_administrators_key_can_be_replaced_by_its_own_word)
{
    static lia_members got;
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    lia_sign_key keys[3];
    lia_verify_key public[3];
    size_t size;
    lia_why why = {0};
    make_list(2);
    for (int i = 0; i < 3; i++) lia_sign_keys(&public[i], &keys[i]);
    lia_members_hand_over(&members, &keys[0], &public[1]);
    lia_members_hand_over(&members, &keys[1], &public[2]);
    CHECK_OK(lia_members_sign(&members, &keys[2], bytes, &size, &why));
    for (int i = 0; i < 3; i++) { /* whichever was known */
        CHECK_OK(lia_members_parse(&got, &public[i], lia_span_make(bytes, size), &why));
        CHECK_EQ(memcmp(&got.admin, &public[2], sizeof got.admin), 0);
        CHECK_EQ(got.change_count, 2);
    }
    CHECK_ERR(lia_members_parse(&got, &admin_public, lia_span_make(bytes, size), &why),
              LIA_EDENIED);
    /* A key that was replaced signs nothing more for those who know its successor. */
    CHECK_OK(lia_members_sign(&members, &keys[0], bytes, &size, &why));
    CHECK_ERR(lia_members_parse(&got, &public[1], lia_span_make(bytes, size), &why), LIA_EDENIED);
    CHECK_ERR(lia_members_parse(&got, &public[2], lia_span_make(bytes, size), &why), LIA_EDENIED);
    /* A stranger's word does not count. */
    members.change_count = 0;
    lia_members_hand_over(&members, &admin, &public[2]);
    CHECK_OK(lia_members_sign(&members, &keys[2], bytes, &size, &why));
    CHECK_ERR(lia_members_parse(&got, &public[0], lia_span_make(bytes, size), &why), LIA_EDENIED);
}

TEST(a_full_list_can_be_signed_and_read)
{
    static lia_members got;
    static uint8_t bytes[LIA_SIGNED_BYTES_MAX];
    size_t size;
    lia_why why = {0};
    make_list(LIA_MEMBERS_MAX);
    for (uint16_t i = 0; i < LIA_REMOVED_MAX; i++) {
        lia_removed *gone = &members.removed[members.removed_count++];
        *gone = (lia_removed){(uint16_t)(1000 + i), 4, ""};
        snprintf(gone->name, sizeof gone->name, "a-name-that-has-31-letters-%04u", i % 10000);
    }
    while (members.former_count < LIA_FORMER_MAX)
        members.former[members.former_count++] =
            (lia_former_key){1000, some_key(), UINT64_MAX, UINT64_MAX};
    for (int i = 0; i < 2 * LIA_ADMIN_CHANGES_MAX; i++) { /* the oldest are forgotten */
        lia_sign_key next;
        lia_verify_key next_public;
        lia_sign_keys(&next_public, &next);
        lia_members_hand_over(&members, &admin, &next_public);
        admin = next;
        admin_public = next_public;
    }
    CHECK_ERR(lia_members_remove(&members, 1, &why), LIA_EFULL);
    CHECK_OK(lia_members_sign(&members, &admin, bytes, &size, &why));
    CHECK_OK(lia_members_parse(&got, &admin_public, lia_span_make(bytes, size), &why));
    CHECK_EQ(memcmp(got.removed, members.removed, sizeof got.removed), 0);
    CHECK_EQ(memcmp(got.former, members.former, sizeof got.former), 0);
}

TEST(a_folder_s_list_is_the_latest_that_its_nodes_have)
{
    static lia_members got;
    lia_why why = {0};
    const char *dir = lia_test_dir();
    make_next(2);
    CHECK_OK(lia_admin_key_write(&admin, dir, &why));
    CHECK_OK(lia_members_write(&members, &admin, path_in(dir, "members"), &why));
    CHECK_EQ(mkdir(path_in(dir, "node-0"), 0700), 0);
    CHECK_EQ(mkdir(path_in(dir, "node-1"), 0700), 0);
    CHECK_OK(lia_members_write(&later, &admin, path_in(dir, "node-1/members"), &why));
    CHECK_OK(lia_members_latest(&got, dir, NULL, NULL, NULL, &why));
    CHECK_EQ(got.epoch, 2);
    CHECK_OK(lia_members_latest(&got, dir, "node-0", NULL, NULL, &why));
    CHECK_EQ(got.epoch, 1);
    CHECK_OK(lia_members_latest(&got, dir, "node-1", NULL, NULL, &why));
    CHECK_EQ(got.epoch, 2);
    lia_sign_key other;
    lia_verify_key other_public;
    lia_sign_keys(&other_public, &other);
    CHECK_OK(lia_members_write(&later, &other, path_in(dir, "node-1/members"), &why));
    CHECK_OK(lia_members_latest(&got, dir, "node-1", NULL, NULL, &why));
    CHECK_EQ(got.epoch, 1); /* what nobody signed is not there */
}

TEST(public_keys_go_to_whoever_signs_the_list)
{
    lia_node_keys keys;
    uint8_t curve[LIA_CURVE_KEY_SIZE];
    lia_verify_key verify;
    lia_why why = {0};
    const char *path = path_in(lia_test_dir(), "node.pub");
    lia_node_keys_make(&keys);
    CHECK_OK(lia_node_public_write(&keys, path, &why));
    CHECK_OK(lia_node_public_read(curve, &verify, path, &why));
    CHECK_EQ(memcmp(curve, keys.curve_public, sizeof curve), 0);
    CHECK_EQ(memcmp(&verify, &keys.verify, sizeof verify), 0);
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
