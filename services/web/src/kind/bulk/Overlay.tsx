// SPDX-License-Identifier: Apache-2.0
// Above all pages: what an offer asks, and runs that go on.
import { Ask } from './Ask';
import { Runs } from './RunPanel';
import { useAsking } from './store';

export default function Overlay() {
  const asking = useAsking();
  return (
    <>
      {asking && <Ask key={asking.offer.id} target={asking.target} offer={asking.offer} />}
      <Runs />
    </>
  );
}
