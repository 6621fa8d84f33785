// SPDX-License-Identifier: Apache-2.0
// A rule is tried without doing anything; a run that failed is found among the dead letters and tried again.
import { expect, test } from '../harness/test.ts';

test('a rule is dry run, and a run that failed is looked at and tried again', async ({ enter, api }) => {
  await api.post('sales', 'rules', {
    name: 'Letters to nobody',
    enabled: true,
    department: 'sales',
    trigger: 'change',
    kind: 'task',
    change: 'created',
    plan: { steps: [{ name: 'write', action: 'mail', to: 'nobody@example.com', subject: 'x', text: 'y' }] },
  });
  const ada = await enter('ada', '/automation');
  await ada.getByRole('row', { name: 'Letters to nobody' }).getByRole('button', { name: 'Dry run' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Look' }).click();
  await expect(dialog.getByText(/would have run/)).toBeVisible();
  await ada.keyboard.press('Escape');

  await api.post('sales', 'tasks', { title: 'Sets it off' });
  await ada.getByRole('tab', { name: 'Dead letters' }).click();
  const row = ada.getByRole('region', { name: 'Dead letters' }).getByRole('row', { name: 'Letters to nobody' }).first();
  await expect(row.getByText('Failed')).toBeVisible();
  await row.getByRole('button', { name: 'Retry' }).click();
  await row.getByRole('link').click();
  await ada.getByRole('tab', { name: 'Steps' }).click();
  await expect(ada.getByText('1. write')).toBeVisible();

  // Administrators are told, with why, and come to the run from there.
  await ada.goto(new URL('/today', ada.url()).href);
  await ada.getByRole('button', { name: /^Notices \(\d+\)/ }).click();
  const told = ada.getByRole('dialog').getByRole('button', { name: /Letters to nobody/ }).first();
  await expect(told).toContainText('no mail server');
  await told.click();
  await expect(ada.getByRole('button', { name: 'Retry' })).toBeVisible();
  await expect(ada.getByRole('region', { name: 'Details' }), 'said once, beside its steps').not.toContainText('no mail server');
});

test('a rule is put together, what is wrong with it is said where it stands, and it is tried before it is on', async ({ enter, api }) => {
  const ada = await enter('ada', '/automation');
  await ada.getByRole('link', { name: 'New rule' }).click();
  await ada.getByLabel('Name').fill('Look after newcomers');
  await ada.getByRole('button', { name: 'Add a step at the beginning' }).click();
  await ada.getByRole('combobox', { name: 'Of what kind' }).click();
  await ada.getByRole('option', { name: 'Task', exact: true }).click();
  // Its title is wanted, and nothing is said yet.
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada.getByText('must not be empty')).toBeVisible();
  await ada.getByRole('textbox', { name: 'Title' }).fill('Greet ');
  await ada.getByRole('button', { name: 'Title: Insert a value of the record' }).click();
  await ada.getByRole('menuitem', { name: 'Name', exact: true }).click();
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada).toHaveURL(/\/rules\/[0-9a-f-]{36}$/);

  await ada.getByRole('button', { name: 'Look' }).click();
  await expect(ada.getByText(/would have run/)).toBeVisible();
  await ada.getByRole('button', { name: 'Switch it on' }).click();
  await expect(ada.getByRole('switch', { name: 'On' })).toBeChecked();

  await api.seen('sales', `rules/${ada.url().split('/').pop()}`, (now) => now.enabled === true);
  await api.post('sales', 'customers?check=false', { name: 'Nora Newcomer' });
  await api.seen('sales', 'tasks?filter=title%20=%20%22Greet%20Nora%20Newcomer%22', (now) => now.tasks.length === 1);
  await ada.getByRole('tab', { name: 'Runs' }).click();
  await expect(ada.getByRole('row', { name: 'Look after newcomers' })).toBeVisible();
  await api.patch('sales', `rules/${ada.url().split('/').pop()}`, { enabled: false });
});

test('a flow is drawn, and steps are added, moved, renamed and removed by keys alone', async ({ enter, api }) => {
  const flow = await api.post('sales', 'flows', {
    name: 'Care',
    department: 'sales',
    kind: 'customer',
    plan: {
      steps: [
        { name: 'first', action: 'wait', period: '1d' },
        { name: 'fork', action: 'branch', condition: 'country = SG', then: 'last' },
        { name: 'last', action: 'end' },
      ],
    },
  });
  const ada = await enter('ada', `/flows/${flow.id}`);
  const step = (name: RegExp) => ada.getByRole('button', { name });
  await ada.getByRole('button', { name: /^Begin:/ }).focus();
  await ada.keyboard.press('ArrowDown');
  await expect(step(/^1\. first/)).toBeFocused();
  await ada.keyboard.press('Insert');
  await expect(step(/^2\. Create a record/)).toBeFocused();
  await ada.keyboard.press('Alt+ArrowUp');
  await expect(step(/^1\. Create a record/)).toBeFocused();
  await ada.keyboard.press('Delete');
  await expect(step(/^1\. first/)).toBeFocused();
  await ada.keyboard.press('End');
  await expect(step(/^3\. last/)).toBeFocused();
  await ada.keyboard.press('Enter');
  await expect(ada.getByRole('combobox', { name: 'What it does' })).toBeFocused();
  await ada.getByLabel('Name').fill('fork');
  await expect(ada.getByText('Another step is called so.')).toBeVisible();
  await ada.getByLabel('Name').fill('the end');
  await expect(step(/^3\. the end/)).toBeVisible();
  await ada.keyboard.press('Control+s');
  await expect(ada.getByText('Not saved yet')).toBeHidden();
  await api.seen('sales', `flows/${flow.id}`, (now) => now.plan.steps[1].then === 'the end' && now.plan.steps.length === 3);
});

test('an answer from outside is asked for and known below, and the dry run of a flow tells both ways', async ({ enter, api }) => {
  const flow = await api.post('sales', 'flows', {
    name: 'Ask outside',
    department: 'sales',
    kind: 'customer',
    plan: { steps: [{ name: 'Ask', action: 'http', url: 'https://score.example/{{id}}' }] },
  });
  await api.post('sales', 'customers?check=false', { name: 'Asked About' });
  const ada = await enter('ada', `/flows/${flow.id}`);
  await ada.getByRole('button', { name: /^1\. Ask/ }).click();
  await ada.getByRole('button', { name: 'Add a value' }).click();
  await ada.getByLabel('Called').fill('score');
  await ada.getByLabel('Where it stands').fill('result');
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada.getByText('it begins with /')).toBeVisible();
  await ada.getByLabel('Where it stands').fill('/result/score');
  await ada.getByRole('button', { name: 'Add a step below Ask' }).click();
  await ada.getByRole('combobox', { name: 'Of what kind' }).click();
  await ada.getByRole('option', { name: 'Task', exact: true }).click();
  await ada.getByRole('button', { name: 'Title: Insert a value of the record' }).click();
  await ada.getByRole('menuitem', { name: 'Answer: score' }).click();
  await ada.getByRole('button', { name: 'Save' }).click();
  await api.seen('sales', `flows/${flow.id}`, (now) => now.plan.steps[1]?.values[0].value === '{{http.score}}');

  await ada.getByRole('button', { name: 'Look' }).click();
  await expect(ada.getByText(/would have run/)).toBeVisible();
  await expect(ada.getByText('No rule that is on starts it')).toBeVisible();
  await ada.locator('summary').first().click();
  const way = ada.locator('details[open]');
  await expect(way.getByText('not known before it runs').first()).toBeVisible();
  await expect(way.getByText('With a good answer').first()).toBeVisible();
  await expect(way.getByText('Without a good answer').first()).toBeVisible();
});
