/* SPDX-License-Identifier: Apache-2.0 */
/* words - what the sample company's records are made of. All of it is made up: addresses end in
 * example.com, phone numbers begin with +999, a country code that nobody has. */
#ifndef LIA_SAMPLE_WORDS_H
#define LIA_SAMPLE_WORDS_H

#include <stddef.h>

typedef struct lia_spelling {
    const char *name, *mail; /* as written, and as in an e-mail address */
} lia_spelling;

typedef struct lia_culture {
    const char *country, *language, *currency;
    lia_spelling given[12], family[12];
    const char *cities[6];
    const char *street;
    const char *company; /* "%s GmbH" with a trade in it */
    const char *hello;   /* "Guten Tag" */
    const char *thanks;
} lia_culture;

extern const lia_culture lia_cultures[];
extern const size_t lia_culture_count;

typedef struct lia_article {
    const char *name, *category;
    unsigned price_minor;
} lia_article;

extern const lia_article lia_articles[];
extern const size_t lia_article_count;

extern const char *const lia_trades[], *const lia_job_titles[], *const lia_tags[];
extern const size_t lia_trade_count, lia_job_title_count, lia_tag_count;

/* What is said: by type of interaction ("call", "email" ...), with one %s for an article. */
typedef struct lia_saying {
    const char *subject, *text;
} lia_saying;
const lia_saying *lia_sayings(const char *type, size_t *count);

#endif
