/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/simulate_ask.h"

#include <stdio.h>

#include "tools/liaison/simulate.h"

/* SplitMix64 (Steele et al. 2014). */
uint64_t lia_ask_roll(lia_asks *asks, uint64_t bound)
{
    uint64_t z = asks->dice += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

static const char *some_customer(lia_asks *asks)
{
    return asks->ids[lia_ask_roll(asks, asks->id_count)];
}

static void put_customer(lia_ask *a, uint64_t number)
{
    *a = (lia_ask){"POST", "application/json", "/customers", ""};
    snprintf(a->json, sizeof a->json,
             "{\"name\":\"" LIA_ASK_MADE_UP
             " Person %llu\",\"emails\":[{\"value\":\"p%llu@sim.example\"}]}",
             (unsigned long long)number, (unsigned long long)number);
}

static void get(lia_ask *a, const char *format, const char *id)
{
    *a = (lia_ask){.method = "GET"};
    snprintf(a->path, sizeof a->path, format, id);
}

static void post(lia_ask *a, const char *path, const char *format, const char *id, uint64_t number)
{
    *a = (lia_ask){.method = "POST", .type = "application/json"};
    snprintf(a->path, sizeof a->path, "%s", path);
    snprintf(a->json, sizeof a->json, format, id, (unsigned long long)number);
}

void lia_ask_make(lia_asks *asks, lia_ask *a, int op, uint64_t number)
{
    char word[32];
    switch (op) {
    case LIA_DO_OPEN:
        get(a, "/customers/%s?timeline=20", some_customer(asks));
        break;
    case LIA_DO_LIST:
        get(a, "/customers?page_size=50%s", "");
        break;
    case LIA_DO_SEARCH:
        snprintf(word, sizeof word, "%llu",
                 (unsigned long long)lia_ask_roll(asks, asks->customers));
        get(a, "/search?q=" LIA_ASK_MADE_UP "%%20%s", word);
        break;
    case LIA_DO_STATUS:
        get(a, "/status%s", "");
        break;
    case LIA_DO_CHANGE:
        post(a, "", "{\"note\":\"seen again %.0s%llu\"}", "", number);
        a->method = "PATCH";
        snprintf(a->path, sizeof a->path, "/customers/%s", some_customer(asks));
        break;
    case LIA_DO_INTERACTION:
        post(a, "/interactions",
             "{\"customer\":\"%s\",\"type\":\"call\",\"subject\":\"call %llu\",\"text\":\"Wanted "
             "to know "
             "when the parcel comes, and was told.\"}",
             some_customer(asks), number);
        break;
    case LIA_DO_TASK:
        post(a, "/tasks", "{\"customer\":\"%s\",\"title\":\"call back %llu\"}", some_customer(asks),
             number);
        break;
    case LIA_DO_DEAL:
        post(a, "/deals", "{\"customer\":\"%s\",\"name\":\"deal %llu\"}", some_customer(asks),
             number);
        break;
    case LIA_DO_TICKET:
        post(a, "/tickets", "{\"customer\":\"%s\",\"subject\":\"ticket %llu\"}",
             some_customer(asks), number);
        break;
    default:
        put_customer(a, number);
        break;
    }
}
