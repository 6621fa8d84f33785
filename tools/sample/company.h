/* SPDX-License-Identifier: Apache-2.0 */
/* company - a believable company from a seed: its products, people, customers and what happened
 * with them. Every record depends on the seed and its own number only, so a larger company begins
 * with the smaller one, and making it again gives the same records. Pure. */
#ifndef LIA_SAMPLE_COMPANY_H
#define LIA_SAMPLE_COMPANY_H

#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/wire/schema.h"

typedef enum lia_sample_kind {
    LIA_SAMPLE_USERS,
    LIA_SAMPLE_PRODUCTS,
    LIA_SAMPLE_SEGMENTS,
    LIA_SAMPLE_CAMPAIGNS,
    LIA_SAMPLE_CUSTOMERS,
    LIA_SAMPLE_INTERACTIONS,
    LIA_SAMPLE_DEALS,
    LIA_SAMPLE_TICKETS,
    LIA_SAMPLE_TASKS,
    LIA_SAMPLE_KINDS
} lia_sample_kind;

/* "customers" */
const char *lia_sample_plural(lia_sample_kind kind);

/* Interactions a customer may have at most; interaction `nth` of customer `c` has the number
 * c * this + nth. */
#define LIA_SAMPLE_INTERACTIONS_MAX 256
#define LIA_SAMPLE_REFERENCE_SIZE   48

typedef struct lia_company {
    uint64_t seed;
    lia_time until; /* the last day of the two years; midnight */
    /* The text that stands for another record: its id, where it has one. */
    void (*refer)(void *context, lia_sample_kind kind, uint64_t number,
                  char text[LIA_SAMPLE_REFERENCE_SIZE]);
    void *context;
} lia_company;

/* How many there are whatever the size; 0 for kinds that grow with the customers. */
uint64_t lia_sample_fixed_count(lia_sample_kind kind);

/* "sample:1:customers:42" */
void lia_sample_put_key(lia_buf *out, const lia_company *company, lia_sample_kind kind,
                        uint64_t number);

/* The record as the API takes it, and which department writes it. False: there is no such one (not
 * every customer has a deal). For deals, tickets and tasks the number is the customer's. */
bool lia_sample_put(lia_buf *out, const lia_company *company, lia_sample_kind kind, uint64_t number,
                    lia_department *department);

/* How many interactions a customer has: few have many. */
uint64_t lia_sample_interactions(const lia_company *company, uint64_t customer);

/* What then happens to a deal or ticket: up to this many verbs, in order. */
#define LIA_SAMPLE_VERBS_MAX 6
typedef struct lia_sample_verb {
    const char *verb; /* "advance" */
    const char *body; /* JSON */
} lia_sample_verb;
size_t lia_sample_verbs(const lia_company *company, lia_sample_kind kind, uint64_t number,
                        lia_sample_verb verbs[LIA_SAMPLE_VERBS_MAX]);

/* company_work.c */
bool lia_sample_put_segment(lia_buf *out, uint64_t number);
bool lia_sample_put_campaign(lia_buf *out, const lia_company *company, uint64_t number);
bool lia_sample_put_deal(lia_buf *out, const lia_company *company, uint64_t number);
bool lia_sample_put_ticket(lia_buf *out, const lia_company *company, uint64_t number);
bool lia_sample_put_task(lia_buf *out, const lia_company *company, uint64_t number);
/* company_talk.c */
bool lia_sample_put_interaction(lia_buf *out, const lia_company *company, uint64_t number,
                                lia_department *department);
/* company.c: for the other two */
void lia_sample_put_reference(lia_buf *out, const lia_company *company, const char *field,
                              lia_sample_kind kind, uint64_t number);
void lia_sample_put_text(lia_buf *out, const char *field, const char *text);
size_t lia_sample_culture(const lia_company *company, uint64_t customer);
bool lia_sample_is_organization(const lia_company *company, uint64_t customer);

#endif
