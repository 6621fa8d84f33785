// SPDX-License-Identifier: Apache-2.0
// The pages of a kind are laid out by drag and by keys, and somebody at another node sees it where they look.
import { editField, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

test('an administrator lays out customers, and who looks at one elsewhere sees it without loading anew', async ({
  enter,
  api,
}) => {
  const customer = await api.make('sales', 'customers', { name: 'Laid Out Ltd', job_title: 'Baker', country: 'DE' }, 'service');
  const agnes = await enter('agnes', `/customers/${customer.id}`);
  const details = agnes.getByRole('region', { name: 'Details' });
  await expect(valueOf(agnes, 'job_title')).toBeVisible();
  await expect(details.getByRole('tab')).toHaveCount(0);

  const ada = await enter('ada', '/schema?kind=customer');
  await ada.getByRole('tab', { name: 'Layout' }).click();
  await ada.getByRole('button', { name: 'Lay out the page' }).click();
  await ada.getByRole('textbox', { name: 'Title of tab 1' }).fill('Person');
  const person = ada.getByRole('region', { name: 'Person' });
  await person.getByRole('textbox', { name: 'Title of the block' }).fill('Work');
  const line = (name: string) => ada.locator(`[data-layout-field="${name}"]`);
  // By the mouse, into the block and before what stands there.
  await line('job_title').dragTo(person.getByText('Drag fields here'));
  await line('country').dragTo(line('job_title'));
  await expect(person.getByRole('list', { name: 'Work' }).getByRole('listitem')).toHaveText(['Country', 'Job title']);
  // By keys: the focus stays with the field, also in the other block.
  await person.getByRole('button', { name: 'Add a block' }).press('Enter');
  const down = person.getByRole('button', { name: 'Move Country down' });
  await down.press('Enter');
  await expect(person.getByRole('list', { name: 'Work' }).getByRole('listitem')).toHaveText(['Job title', 'Country']);
  await expect(down).toBeFocused();
  await ada.keyboard.press('Enter');
  await expect(person.getByRole('list', { name: 'Without a title' }).getByRole('listitem')).toHaveText(['Country']);
  await expect(down).toBeFocused();
  await ada.keyboard.press('Enter');
  await expect(ada.getByRole('list', { name: 'In no block' }).getByText('Country', { exact: true })).toBeVisible();
  // A second tab, by the menu.
  await ada.getByRole('button', { name: 'Add a tab' }).click();
  await ada.getByRole('textbox', { name: 'Title of tab 2' }).fill('Ours');
  await ada.getByRole('button', { name: 'Move Owner to…' }).click();
  await ada.getByRole('menuitem', { name: 'Ours › Without a title' }).click();
  await person.getByRole('checkbox', { name: 'Closed at the start' }).check();
  await expect(ada.getByRole('region', { name: 'Preview' }).getByRole('tab')).toHaveText(['Person', 'Ours', 'More']);
  await ada.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(ada.getByText('Layout saved')).toBeVisible();

  await expect(details.getByRole('tab')).toHaveText(['Person', 'Ours', 'More']);
  const work = details.getByRole('button', { name: 'Work' });
  await expect(work).toHaveAttribute('aria-expanded', 'false');
  await expect(valueOf(agnes, 'job_title')).toBeHidden();
  await work.press('Enter');
  await expect(valueOf(agnes, 'job_title')).toContainText('Baker');
  await editField(agnes, 'job_title', 'Miller');
  await api.seen('sales', `customers/${customer.id}`, (now) => now.job_title === 'Miller');
  await details.getByRole('tab', { name: 'Person' }).press('ArrowRight');
  await expect(valueOf(agnes, 'owner')).toBeVisible();
  await expect(valueOf(agnes, 'country')).toHaveCount(0);
  await details.getByRole('tab', { name: 'Ours' }).press('ArrowRight');
  await expect(valueOf(agnes, 'country')).toBeVisible();

  await ada.getByRole('button', { name: 'Remove the layout' }).click();
  await expect(ada.getByRole('button', { name: 'Lay out the page' })).toBeVisible();
  await expect(details.getByRole('tab')).toHaveCount(0);
  await expect(valueOf(agnes, 'job_title')).toContainText('Miller');
});

test('what somebody else laid out meanwhile is not written over', async ({ enter, api }) => {
  const made = await api.post('sales', 'page_layouts', { of: 'tasks', plan: { tabs: [{ title: 'First' }] } });
  const ada = await enter('ada', '/schema?kind=task&place=layout');
  await ada.getByRole('textbox', { name: 'Title of tab 1' }).fill('Mine');
  await api.patch('sales', `page_layouts/${made.id}`, { plan: { tabs: [{ title: 'Theirs' }] } });
  await ada.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(ada.getByRole('button', { name: 'Discard changes' })).toBeVisible();
  await ada.getByRole('button', { name: 'Discard changes' }).click();
  await expect(ada.getByRole('textbox', { name: 'Title of tab 1' })).toHaveValue('Theirs');
  expect((await api.get('sales', `page_layouts/${made.id}`)).plan.tabs[0].title).toBe('Theirs');
  await ada.getByRole('button', { name: 'Remove the layout' }).click();
  await expect(ada.getByRole('button', { name: 'Lay out the page' })).toBeVisible();
});

test('a kind that takes no fields of others is laid out, too', async ({ enter, api }) => {
  const { roles } = await api.get('sales', 'roles?page_size=1');
  const ada = await enter('ada', '/schema?kind=role');
  await expect(ada.getByText('This kind takes no fields of yours')).toBeVisible();
  await expect(ada.getByRole('button', { name: 'New field' })).toHaveCount(0);
  await ada.getByRole('tab', { name: 'Layout' }).click();
  await ada.getByRole('button', { name: 'Lay out the page' }).click();
  await ada.getByRole('textbox', { name: 'Title of tab 1' }).fill('Rights');
  await ada.getByRole('button', { name: 'Move Rights to…' }).click();
  await ada.getByRole('menuitem', { name: 'Rights › Without a title' }).click();
  await ada.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(ada.getByText('Layout saved')).toBeVisible();
  const other = await enter('ada', `/roles/${roles[0].id}`);
  await expect(other.getByRole('region', { name: 'Details' }).locator('[data-field="grants"]')).toBeVisible();
  await ada.getByRole('button', { name: 'Remove the layout' }).click();
  await expect(ada.getByRole('button', { name: 'Lay out the page' })).toBeVisible();
  // What has a page of its own is none of them.
  await expect(ada.getByRole('button', { name: 'Rule', exact: true })).toHaveCount(0);
});
