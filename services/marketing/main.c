/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/run.h"
#include "services/marketing/marketing.h"

int main(int argc, char **argv)
{
    return lia_run(argc, argv, &lia_marketing);
}
