/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/department.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/bus/members.h"

/* ---- ports ----------------------------------------------------------------------------------- */

/* Free ones of loopback, taken together so that they differ. */
static void find_ports(uint16_t *ports, size_t count)
{
    int fds[8];
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&address, size) ||
            getsockname(fds[i], (struct sockaddr *)&address, &size))
            abort();
        ports[i] = ntohs(address.sin_port);
    }
    for (size_t i = 0; i < count; i++) close(fds[i]);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static const char *const departments[] = {"any", "sales", "marketing", "service", "analytics"};

static void fill_member(lia_member *member, const char *name, const lia_node_keys *keys,
                        const uint16_t ports[3])
{
    *member = (lia_member){.number = 1, .shard = 0, .verify_key = keys->verify};
    for (size_t i = 0; i < LIA_COUNT(departments); i++)
        if (!strcmp(name, departments[i])) member->department = (uint8_t)i;
    snprintf(member->name, sizeof member->name, "%s", name);
    snprintf(member->http, sizeof member->http, "127.0.0.1:%u", ports[0]);
    snprintf(member->bus, sizeof member->bus, "127.0.0.1:%u", ports[1]);
    snprintf(member->pub, sizeof member->pub, "127.0.0.1:%u", ports[2]);
    memcpy(member->curve_key, keys->curve_public, sizeof member->curve_key);
}

static lia_err make_cluster(const char *dir, const char *name, const uint16_t ports[3],
                            lia_why *why)
{
    static lia_members members;
    char path[1024];
    lia_node_keys keys;
    lia_sign_key admin;
    lia_verify_key admin_public;
    lia_err err = lia_crypto_init();
    if (err) return err;
    lia_sign_keys(&admin_public, &admin);
    lia_node_keys_make(&keys);
    members = (lia_members){.cluster = lia_id_make(lia_time_now().ms), .epoch = 1, .count = 1};
    fill_member(&members.list[0], name, &keys, ports);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (mkdir(path, 0700)) return LIA_EIO;
    snprintf(path, sizeof path, "%s/%s/node.keys", dir, name);
    err = lia_node_keys_write(&keys, path, why);
    if (!err) err = lia_admin_key_write(&admin, dir, why);
    snprintf(path, sizeof path, "%s/members", dir);
    if (!err) err = lia_members_write(&members, &admin, path, why);
    return err;
}

/* ---- the process ----------------------------------------------------------------------------- */

static void find_setup(lia_process *process, const char *said)
{
    const char *mark = "#setup=", *at = strstr(said, mark);
    process->setup[0] = 0;
    if (!at) return;
    at += strlen(mark);
    snprintf(process->setup, sizeof process->setup, "%.*s", (int)strcspn(at, "\"\n"), at);
}

/* Reads the child's log up to the line that says it is ready. */
static bool wait_ready(lia_process *process, int log)
{
    char said[64 << 10];
    size_t size = 0;
    while (size < sizeof said - 1) {
        ssize_t got = read(log, said + size, sizeof said - 1 - size);
        if (got <= 0) break;
        size += (size_t)got;
        said[size] = 0;
        if (strstr(said, "\"node.ready\"")) {
            find_setup(process, said);
            return true;
        }
    }
    said[size] = 0;
    fprintf(stderr, "%s", said);
    return false;
}

/* Its further log goes to ours, by a process of its own so that nobody waits for anybody. */
static void pass_on(int log)
{
    if (fork() == 0) {
        char bytes[4096];
        ssize_t got;
        while ((got = read(log, bytes, sizeof bytes)) > 0)
            if (write(STDERR_FILENO, bytes, (size_t)got) < 0) break;
        _exit(0);
    }
    close(log);
}

bool lia_process_start(lia_process *out, const char *bin_dir, const char *dir, const char *name)
{
    lia_why why = {{0}};
    char program[1024];
    uint16_t ports[3];
    int ends[2];
    find_ports(ports, LIA_COUNT(ports));
    lia_err err = make_cluster(dir, name, ports, &why);
    if (err || pipe(ends)) {
        fprintf(stderr, "%s: %s\n", lia_err_name(err), why.text);
        return false;
    }
    snprintf(program, sizeof program, "%s/liaison-%s", bin_dir, name);
    out->port = ports[0];
    out->pid = fork();
    if (out->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not stop it */
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "--dir", dir, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    bool ready = wait_ready(out, ends[0]);
    pass_on(ends[0]);
    if (!ready) lia_process_stop(out);
    return ready;
}

bool lia_process_stop(lia_process *process)
{
    int status = 0;
    kill(process->pid, SIGTERM);
    if (waitpid(process->pid, &status, 0) != process->pid) return false;
    if (WIFSIGNALED(status)) fprintf(stderr, "ended by signal %d\n", WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status))
        fprintf(stderr, "ended with status %d\n", WEXITSTATUS(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
