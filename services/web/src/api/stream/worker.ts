// SPDX-License-Identifier: Apache-2.0
// The SharedWorker: one hub, a port for each tab.
import { type FromTab, Hub } from './hub';
import { network } from './network';

const hub = new Hub(network);
const scope = self as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  hub.join(port);
  port.onmessage = (message: MessageEvent<FromTab>) => hub.take(port, message.data);
};
