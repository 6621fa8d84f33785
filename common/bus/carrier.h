/* SPDX-License-Identifier: Apache-2.0 */
/* carrier - what every bus begins with, whatever carries it. */
#ifndef LIA_BUS_CARRIER_H
#define LIA_BUS_CARRIER_H

#include "common/bus/bus.h"

struct lia_bus {
    const lia_bus_carrier *carrier;
};

#endif
