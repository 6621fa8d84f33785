// SPDX-License-Identifier: Apache-2.0
import { expectGoodLooks } from '../harness/look.ts';
import { expect, test } from '../harness/test.ts';

test('somebody signs in, stays signed in at every node, and signs out', async ({ visitor, cluster, people }) => {
  const context = await visitor();
  const page = await context.newPage();
  await page.goto(`${cluster.url('sales')}/customers`);
  await page.getByLabel('E-mail').fill(people.sal.email);
  await page.getByLabel(/^Password/).fill('not it');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('do not fit');
  await page.getByLabel(/^Password/).fill(people.sal.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('grid', { name: /Customer/ })).toBeVisible();
  const cookies = await context.cookies();
  expect(cookies.filter((cookie) => cookie.name === 'liaison').map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
    { httpOnly: true, sameSite: 'Strict' },
  ]);
  // The same address but for its port: the session counts at every node.
  await page.goto(`${cluster.url('service')}/customers`);
  await expect(page.getByRole('grid', { name: /Customer/ })).toBeVisible();
});

test('the way in can be used by everybody', async ({ visitor, cluster }) => {
  const page = await (await visitor()).newPage();
  await page.goto(cluster.url('sales'));
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await expectGoodLooks(page, 'sign-in');
});

test('with a directory the way in says whose password counts', async ({ visitor, cluster, people }) => {
  const page = await (await visitor()).newPage();
  await page.route('**/api/v1/session/providers', (route) =>
    route.fulfill({ json: { providers: [], directory: { title: 'Example directory' } } }),
  );
  await page.goto(cluster.url('sales'));
  const name = page.getByLabel('User name or e-mail');
  const password = page.getByLabel(/^Password/);
  await expect(password).toHaveAccessibleDescription('That of Example directory, or the one that you chose here.');
  await name.fill('sal');
  await password.fill('not it');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('User name, password or code do not fit');
  await expectGoodLooks(page, 'sign-in-directory');
  // Whoever chose a password here signs in as always.
  await name.fill(people.sal.email);
  await password.fill(people.sal.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('main')).toBeVisible();
  await expect(name).toBeHidden();
});
