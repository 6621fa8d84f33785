/* SPDX-License-Identifier: Apache-2.0 */
/* shelf - where backups lie: a folder, or a bucket that speaks S3. Things on it have names with
 * slashes in them and are put whole or not at all. */
#ifndef LIA_LIAISON_SHELF_H
#define LIA_LIAISON_SHELF_H

#include "tools/liaison/client.h"

typedef struct lia_shelf {
    char place[600]; /* the folder, or "https://endpoint/bucket/prefix", without a slash at its end
                      */
    CURL *curl;      /* of a bucket; NULL: it is a folder */
    char login[300], signing[96];
    char error[CURL_ERROR_SIZE];
} lia_shelf;

/* `text`: a path, or s3://bucket/prefix. Then the environment says the rest, by the names that
 * others use: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY. LIA_EINVAL
 * with what is missing */
LIA_MUST_USE lia_err lia_shelf_open(lia_shelf *out, const char *text, lia_why *why);
void lia_shelf_close(lia_shelf *shelf);

LIA_MUST_USE lia_err lia_shelf_put(lia_shelf *shelf, const char *name, lia_span bytes,
                                   lia_why *why);
/* LIA_EABSENT  there is none     LIA_EIO  it cannot be read; `why` names it */
LIA_MUST_USE lia_err lia_shelf_get(lia_shelf *shelf, const char *name, lia_bytes *out,
                                   lia_why *why);
/* One that is not there is fine. */
LIA_MUST_USE lia_err lia_shelf_remove(lia_shelf *shelf, const char *name, lia_why *why);
/* LIA_EABSENT  it is not there */
LIA_MUST_USE lia_err lia_shelf_has(lia_shelf *shelf, const char *name, lia_why *why);

#endif
