/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/membership.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/bus/file.h"

static void path_of(const lia_membership *membership, const char *file, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s/%s", membership->dir, membership->self.name, file);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void drop_spares(lia_membership *membership)
{
    lia_wipe(membership->spares, sizeof membership->spares);
    membership->spare_count = 0;
}

/* Keys that cannot be read are no spares; the log says why, unless they are just not there. */
static void add_spare(lia_membership *membership, const char *file)
{
    char path[PATH_MAX];
    lia_why why = {{0}};
    path_of(membership, file, path);
    lia_node_keys *spare = &membership->spares[membership->spare_count];
    lia_err err = lia_node_keys_read(spare, path, &why);
    if (!err)
        membership->spare_count++;
    else if (err != LIA_EABSENT)
        LIA_LOG(WARN, "keys.not_read", LIA_TEXT("why", why.text));
}

static int64_t changed_at(const lia_membership *membership, const char *file)
{
    char path[PATH_MAX];
    struct stat info;
    path_of(membership, file, path);
    if (stat(path, &info)) return 0;
    return (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
}

static void read_spares(lia_membership *membership)
{
    drop_spares(membership);
    membership->next_keys_ms = changed_at(membership, "node.keys.next");
    add_spare(membership, "node.keys.next");
    add_spare(membership, "node.keys.former");
}

bool lia_membership_look(lia_membership *membership)
{
    if (membership->removed || changed_at(membership, "node.keys.next") == membership->next_keys_ms)
        return false;
    read_spares(membership);
    return true;
}

bool lia_membership_forget_former(lia_membership *membership)
{
    char path[PATH_MAX];
    path_of(membership, "node.keys.former", path);
    if (unlink(path)) return false;
    read_spares(membership);
    return true;
}

/* The keys that the list names become the present ones. In this order: whatever is missing after a
 * crash, the next start finds them by the list again. */
static lia_err promote(lia_membership *membership, lia_why *why)
{
    char present[PATH_MAX], next[PATH_MAX], former[PATH_MAX];
    path_of(membership, "node.keys", present);
    path_of(membership, "node.keys.next", next);
    path_of(membership, "node.keys.former", former);
    lia_node_keys old = membership->keys;
    lia_err err = lia_node_keys_write(&old, former, why);
    if (!err && rename(next, present))
        err = lia_why_set(why, LIA_EIO, "%s cannot take the place of %s", next, present);
    lia_wipe(&old, sizeof old);
    return err;
}

/* Takes the keys that the list has for this node, if they are not the present ones but lie ready.
 *   LIA_EDENIED  they are not here */
static lia_err find_keys(lia_membership *membership, lia_why *why)
{
    if (lia_node_keys_are_of(&membership->keys, &membership->self)) return LIA_OK;
    read_spares(membership);
    bool has_next = membership->next_keys_ms && membership->spare_count;
    if (!has_next || !lia_node_keys_are_of(&membership->spares[0], &membership->self))
        return lia_why_set(why, LIA_EDENIED,
                           "%s/%s/node.keys is not the key that member list %llu has for '%s'",
                           membership->dir, membership->self.name,
                           (unsigned long long)membership->list->epoch, membership->self.name);
    lia_err err = promote(membership, why);
    if (!err) membership->keys = membership->spares[0];
    read_spares(membership);
    return err;
}

/* ---- lists ---------------------------------------------------------------------------------- */

typedef struct lia_kept_list {
    lia_members members;
    struct lia_kept_list *next;
} lia_kept_list;

/* From here on readers find this one. */
static void publish(lia_membership *membership, lia_kept_list *take)
{
    take->next = membership->kept;
    membership->kept = take;
    __atomic_store_n(&membership->list, &take->members, __ATOMIC_RELEASE);
}

static void drop_lists(lia_membership *membership)
{
    while (membership->kept) {
        lia_kept_list *next = membership->kept->next;
        free(membership->kept);
        membership->kept = next;
    }
}

/* ---- opening -------------------------------------------------------------------------------- */

static lia_err find_self(lia_membership *membership, const char *name, lia_why *why)
{
    const lia_member *self = lia_members_by_name(membership->list, name);
    if (self) {
        membership->self = *self;
        return LIA_OK;
    }
    for (size_t i = 0; i < membership->list->removed_count; i++)
        if (strcmp(membership->list->removed[i].name, name) == 0)
            return lia_why_set(why, LIA_EABSENT,
                               "'%s' was removed from the cluster (member list %llu): it cannot "
                               "come back under this name",
                               name, (unsigned long long)membership->list->epoch);
    return lia_why_set(why, LIA_EABSENT, "there is no member '%s' in %s/members", name,
                       membership->dir);
}

lia_err lia_membership_open(lia_membership *out, const char *dir, const char *name, lia_why *why)
{
    char path[PATH_MAX];
    *out = (lia_membership){.dir = dir, .bytes = malloc(LIA_SIGNED_BYTES_MAX)};
    if (!out->bytes) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_kept_list *found = calloc(1, sizeof *found);
    if (!found) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_members_latest(&found->members, dir, name, out->bytes, &out->size, why);
    publish(out, found);
    if (!err) err = find_self(out, name, why);
    if (err) return err;
    path_of(out, "node.keys", path);
    err = lia_node_keys_read(&out->keys, path, why);
    if (!err) read_spares(out);
    return err ? err : find_keys(out, why);
}

void lia_membership_fini(lia_membership *membership)
{
    free(membership->bytes);
    drop_lists(membership);
    lia_wipe(&membership->keys, sizeof membership->keys);
    drop_spares(membership);
    *membership = (lia_membership){0};
}

/* ---- another list --------------------------------------------------------------------------- */

lia_err lia_membership_check(const lia_membership *membership, lia_span bytes, lia_members *out,
                             lia_why *why)
{
    const lia_members *now = membership->list;
    lia_err err = lia_members_parse(out, &now->admin, bytes, why);
    if (err) return err;
    if (!lia_members_later(out, now))
        return lia_why_set(why, LIA_EEXIST, "member list %llu is in force here already",
                           (unsigned long long)now->epoch);
    return lia_members_check_next(now, out, why);
}

static bool is_moved(const lia_member *from, const lia_member *to)
{
    return strcmp(from->bus, to->bus) || strcmp(from->pub, to->pub);
}

/* From here on the list is in force, whatever becomes of the keys. */
static void follow(lia_membership *membership, lia_membership_change *change)
{
    lia_why why = {{0}};
    lia_node_keys before = membership->keys;
    const lia_member *self = lia_members_find(membership->list, membership->self.number);
    if (self) {
        change->moved = is_moved(&membership->self, self);
        membership->self = *self;
        lia_err err = find_keys(membership, &why);
        if (err) LIA_LOG(ERROR, "keys.not_here", LIA_ERR(err), LIA_TEXT("why", why.text));
        membership->removed = err != LIA_OK;
    } else {
        membership->removed = true;
    }
    change->removed = membership->removed;
    change->curve =
        memcmp(before.curve_public, membership->keys.curve_public, sizeof before.curve_public) != 0;
    change->sign = memcmp(&before.verify, &membership->keys.verify, sizeof before.verify) != 0;
    lia_wipe(&before, sizeof before);
}

lia_err lia_membership_take(lia_membership *membership, lia_span bytes,
                            lia_membership_change *change, lia_why *why)
{
    char path[PATH_MAX];
    lia_kept_list *next = malloc(sizeof *next);
    *change = (lia_membership_change){0};
    if (!next) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_membership_check(membership, bytes, &next->members, why);
    path_of(membership, "members", path);
    if (!err && lia_file_replace(path, bytes, 0644, why)) err = LIA_EIO;
    if (!err) {
        publish(membership, next);
        memcpy(membership->bytes, bytes.data, bytes.size);
        membership->size = bytes.size;
        follow(membership, change);
    } else {
        free(next);
    }
    return err;
}
