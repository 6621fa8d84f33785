// SPDX-License-Identifier: Apache-2.0
// Every registered page: in light, dark and on a phone it keeps nobody out and runs without a fault.
import { expectGoodLooks } from '../harness/look.ts';
import { registeredPages } from '../harness/pages.ts';
import { test } from '../harness/test.ts';

// Each page by itself: no page waits for those before it.
test.describe.configure({ mode: 'parallel' });

for (const { name, as = 'ada', path, ready } of await registeredPages())
  test(`${name} can be used by everybody`, async ({ enter, office }) => {
    const page = await enter(as, typeof path === 'string' ? path : await path(office));
    await ready(page);
    await expectGoodLooks(page, name);
  });
