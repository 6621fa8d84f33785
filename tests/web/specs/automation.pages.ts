// SPDX-License-Identifier: Apache-2.0
import type { Office } from '../harness/office.ts';
import type { RegisteredPage } from '../harness/pages.ts';

const rule = {
  name: 'Thanks for a new deal',
  enabled: false,
  department: 'sales',
  trigger: 'change',
  kind: 'deal',
  change: 'created',
  plan: { steps: [{ name: 'pause', action: 'wait', period: '1d' }] },
};

const flow = {
  name: 'Welcome and remind',
  enabled: false,
  department: 'sales',
  kind: 'customer',
  exit: 'tags:lost',
  plan: {
    steps: [
      { name: 'Say hello', action: 'create', kind: 'task', values: [{ field: 'title', value: 'Welcome {{name}}' }] },
      { name: 'Wait for an answer', action: 'wait', until: 'tags:answered', period: '3d', otherwise: 'Call' },
      { name: 'Large one?', action: 'branch', condition: 'country = SG', then: 'Hand over' },
      { name: 'Try again', action: 'loop', back: 'Wait for an answer', times: 3 },
      { name: 'Done', action: 'end' },
      { name: 'Call', action: 'create', kind: 'task', values: [{ field: 'title', value: 'Call {{name}}' }] },
      { name: 'Hand over', action: 'hand_over', department: 'service', text: 'Wants help' },
    ],
  },
};
// An address that nobody is asked at: it is looked at, never run.
const asking = {
  name: 'Score and sort',
  enabled: false,
  department: 'sales',
  kind: 'customer',
  plan: {
    steps: [
      {
        name: 'Ask for a score',
        action: 'http',
        request: 'post',
        url: 'https://score.example/v1/people/{{id}}',
        text: '{"name": "{{name}}", "country": "{{country}}"}',
        headers: [{ name: 'X-Purpose', value: 'scoring' }],
        takes: [
          { name: 'score', pointer: '/result/score', type: 'whole' },
          { name: 'group', pointer: '/result/group', may_miss: true },
        ],
        otherwise: 'Look yourself',
      },
      { name: 'High?', action: 'branch', condition: 'http.score > 80', then: 'Note it' },
      { name: 'Wait a week', action: 'wait', period: '1w' },
      { name: 'Look yourself', action: 'create', kind: 'task', values: [{ field: 'title', value: 'Look at {{name}}' }] },
      { name: 'Note it', action: 'set', values: [{ field: 'note', value: '{{http.score}}, {{http.group}}' }] },
    ],
  },
};
const askingPath = async ({ api }: Office) => `/flows/${(await api.post('sales', 'flows', asking)).id}`;

const flowPath = async ({ api }: Office) => `/flows/${(await api.post('sales', 'flows', flow)).id}`;

export default [
  {
    name: 'automation',
    as: 'ada',
    path: async ({ api }) => {
      await api.post('sales', 'rules', rule);
      return '/automation';
    },
    ready: (page) => page.getByRole('rowheader', { name: rule.name }).first().waitFor(),
  },
  {
    name: 'automation-letters',
    as: 'ada',
    path: '/automation',
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Dead letters' }).click();
      await page.getByText('Runs that failed and wait').waitFor();
    },
  },
  {
    name: 'flow-editor',
    as: 'ada',
    path: flowPath,
    ready: (page) => page.getByRole('button', { name: /^1\. Say hello/ }).waitFor(),
  },
  {
    name: 'flow-step',
    as: 'ada',
    path: flowPath,
    ready: async (page) => {
      await page.getByRole('button', { name: /^2\. Wait for an answer/ }).click();
      await page.getByText('Goes on when').waitFor();
      await page.getByRole('textbox', { name: 'At most' }).waitFor();
    },
  },
  {
    name: 'flow-http',
    as: 'ada',
    path: askingPath,
    ready: async (page) => {
      await page.getByRole('button', { name: /^1\. Ask for a score/ }).click();
      await page.getByText('Keep of the answer').waitFor();
    },
  },
  {
    name: 'flow-dry',
    as: 'ada',
    path: async (office) => {
      await office.api.post('sales', 'customers?check=false', { name: 'Dry Runner', country: 'SG' });
      return askingPath(office);
    },
    ready: async (page) => {
      await page.getByRole('button', { name: 'Look', exact: true }).click();
      await page.getByText(/would have run/).waitFor();
      await page.locator('summary').first().click();
      await page.locator('details[open]').getByText('Without a good answer').first().waitFor();
    },
  },
  {
    name: 'rule-editor',
    as: 'ada',
    path: async ({ api }) => `/rules/${(await api.post('sales', 'rules', { ...rule, condition: 'stage != won' })).id}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Look' }).click();
      await page.getByText(/would have run/).waitFor();
    },
  },
  {
    name: 'rule-new',
    as: 'ada',
    path: '/rules/new',
    ready: (page) => page.getByRole('button', { name: 'Add a step at the beginning' }).waitFor(),
  },
] satisfies RegisteredPage[];
