/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/node.h"

static void print_help(const lia_service *service)
{
    printf("liaison-%s %s - the %s department's node\n\n"
           "usage: liaison-%s --dir DIR [options]\n\n"
           "  --dir DIR      the cluster's folder: member list, keys, data (made by tools/up or\n"
           "                 'liaison keys')\n"
           "  --name NAME    which member of the list this is (default: %s)\n"
           "  --map-gib N    most the log, and the views, may grow to (default: 64)\n"
           "  --log-keep T   events that are older (90d; s, min, h, d or w) and known to all "
           "members may\n"
           "                 leave the log; what they said stays (default: they stay for ever)\n"
           "  --tls-cert F   certificate chain (PEM) for HTTPS; read again on SIGHUP\n"
           "  --tls-key F    its private key (PEM)\n"
           "  --url URL      what browsers call this node, as in https://crm.example.com\n"
           "  --proxy ADDR   address of the proxy in front: its X-Forwarded-For and -Proto count\n"
           "  --webhook-timeout T     how long a webhook's receiver may take to answer (default: 15s)\n"
           "  --webhooks-to-private   webhooks may lead to addresses of private networks\n"
           "  --providers-to-private  providers that people sign in by may be in private networks,\n"
           "                          and on this machine without TLS\n"
           "  --providers-ca F        certificates to trust for them (default: the system's)\n"
           "  --smtp URL     mail server: smtp://mail.example.com:587 (STARTTLS) or smtps://...\n"
           "  --smtp-from A  address that mail comes from\n"
           "  --smtp-login F file whose first line is user:password\n"
           "  --smtp-ca F    certificates to trust for it (default: the system's)\n"
           "  --smtp-plain   also when the server has no TLS\n"
           "  --rebuild      compute the views anew from the log, then exit\n"
           "  --openapi      print the API's document (OpenAPI 3.1), then exit\n"
           "  --verbose      log more\n"
           "  --version, --help\n\n"
           "It logs JSON lines to stderr and ends in order on SIGTERM or SIGINT.\n",
           service->name, LIA_VERSION, service->name, service->name, service->name);
}

bool lia_node_parse_flags(int argc, char **argv, const lia_service *service, lia_node_flags *out,
                          int *status)
{
    enum { SMTP = 256, SMTP_FROM, SMTP_LOGIN, SMTP_CA, SMTP_PLAIN, WEBHOOK_TIMEOUT, WEBHOOKS_TO_PRIVATE,
           PROVIDERS_TO_PRIVATE, PROVIDERS_CA }; /* without a letter */
    static const struct option options[] = {{"dir", required_argument, NULL, 'd'},
                                            {"name", required_argument, NULL, 'n'},
                                            {"map-gib", required_argument, NULL, 'm'},
                                            {"log-keep", required_argument, NULL, 'l'},
                                            {"rebuild", no_argument, NULL, 'r'},
                                            {"openapi", no_argument, NULL, 'o'},
                                            {"tls-cert", required_argument, NULL, 'c'},
                                            {"tls-key", required_argument, NULL, 'k'},
                                            {"url", required_argument, NULL, 'u'},
                                            {"proxy", required_argument, NULL, 'p'},
                                            {"smtp", required_argument, NULL, SMTP},
                                            {"smtp-from", required_argument, NULL, SMTP_FROM},
                                            {"smtp-login", required_argument, NULL, SMTP_LOGIN},
                                            {"smtp-ca", required_argument, NULL, SMTP_CA},
                                            {"smtp-plain", no_argument, NULL, SMTP_PLAIN},
                                            {"webhook-timeout", required_argument, NULL, WEBHOOK_TIMEOUT},
                                            {"webhooks-to-private", no_argument, NULL, WEBHOOKS_TO_PRIVATE},
                                            {"providers-to-private", no_argument, NULL, PROVIDERS_TO_PRIVATE},
                                            {"providers-ca", required_argument, NULL, PROVIDERS_CA},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    *out = (lia_node_flags){0};
    *status = 2;
    int option;
    while ((option = getopt_long(argc, argv, "d:n:h", options, NULL)) != -1) {
        char *end;
        switch (option) {
        case 'd':
            out->dir = optarg;
            break;
        case 'n':
            out->name = optarg;
            break;
        case 'c':
            out->tls_certificate = optarg;
            break;
        case 'k':
            out->tls_key = optarg;
            break;
        case 'u':
            out->url = optarg;
            break;
        case 'p':
            out->proxy = optarg;
            break;
        case 'm':
            errno = 0;
            out->map_bytes = (size_t)strtoull(optarg, &end, 10) << 30;
            if (errno || *end || !out->map_bytes) {
                fprintf(stderr, "--map-gib: '%s' is not a number of GiB\n", optarg);
                return false;
            }
            break;
        case 'l':
            if (lia_period_parse(lia_span_text(optarg), &out->log_keep_ms)) {
                fprintf(stderr, "--log-keep: '%s': " LIA_PERIOD_WANTED "\n", optarg);
                return false;
            }
            break;
        case WEBHOOK_TIMEOUT:
            if (lia_period_parse(lia_span_text(optarg), &out->webhook_timeout_ms) ||
                out->webhook_timeout_ms > LIA_HOUR_MS) {
                fprintf(stderr, "--webhook-timeout: '%s': " LIA_PERIOD_WANTED "; an hour at most\n",
                        optarg);
                return false;
            }
            break;
        case WEBHOOKS_TO_PRIVATE:
            out->webhooks_to_private = true;
            break;
        case PROVIDERS_TO_PRIVATE:
            out->providers_to_private = true;
            break;
        case PROVIDERS_CA:
            out->providers_ca = optarg;
            break;
        case 'r':
            out->rebuild = true;
            break;
        case 'o':
            out->openapi = true;
            break;
        case SMTP:
            out->smtp_url = optarg;
            break;
        case SMTP_FROM:
            out->smtp_from = optarg;
            break;
        case SMTP_LOGIN:
            out->smtp_login = optarg;
            break;
        case SMTP_CA:
            out->smtp_ca = optarg;
            break;
        case SMTP_PLAIN:
            out->smtp_plain = true;
            break;
        case 'v':
            out->verbose = true;
            break;
        case 'V':
            printf("liaison-%s %s\n", service->name, LIA_VERSION);
            *status = 0;
            return false;
        case 'h':
            print_help(service);
            *status = 0;
            return false;
        default:
            fprintf(stderr, "try liaison-%s --help\n", service->name);
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "'%s' is not understood; try --help\n", argv[optind]);
        return false;
    }
    if (!out->dir && !out->openapi) {
        fprintf(stderr, "--dir is missing; try --help\n");
        return false;
    }
    if (!out->tls_certificate != !out->tls_key) {
        fprintf(stderr, "--tls-cert and --tls-key go together\n");
        return false;
    }
    if (out->verbose) lia_log_set_level(LIA_DEBUG);
    return true;
}
