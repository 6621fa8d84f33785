// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { reachOf } from './reach';
import type { Row } from './records';
import { mayWith, type Session } from './session';

const users = [
  { id: 'ada', team: 'north' },
  { id: 'ben', team: 'north' },
  { id: 'cleo', team: 'coast' },
  { id: 'dan', team: 'south' },
  { id: 'eve' },
] as Row[];
const teams = [
  { id: 'north' },
  { id: 'harbour', parent: 'north' },
  { id: 'coast', parent: 'harbour' },
  { id: 'south' },
] as Row[];

test('a team is its people, a subtree also those of the teams below', () => {
  const reach = reachOf('ada', users, teams);
  expect(['ada', 'ben', 'cleo', 'dan', 'eve', 'gone'].map((one) => reach('team', one))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(['ben', 'cleo', 'dan', 'eve'].map((one) => reach('subtree', one))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('who is in no team reaches their own, and teams in a ring end', () => {
  expect(['eve', 'ada'].map((one) => reachOf('eve', users, teams)('subtree', one))).toEqual([true, false]);
  const ring = [
    { id: 'north', parent: 'coast' },
    { id: 'coast', parent: 'north' },
  ] as Row[];
  expect(reachOf('ada', users, ring)('subtree', 'cleo')).toBe(true);
});

const session = (rights: Session['rights']): Session => ({
  user: { id: 'ada', name: 'Ada', email: 'ada@example.com' },
  administrator: false,
  rights,
});
const deal = { name: 'deal', fields: [{ name: 'owner', reference: 'users' }] };
const interaction = { name: 'interaction', fields: [{ name: 'customer', reference: 'customers' }] };

test('with a right of the team only records of its people are offered for change', () => {
  const ada = session({ deal: { change: 'team' }, interaction: { change: 'team', create: 'own' } });
  const reach = reachOf('ada', users, teams);
  const may = (owner?: string) => mayWith(ada, 'change', deal, owner ? { owner } : {}, { reach });
  expect([may('ada'), may('ben'), may('cleo'), may('dan'), may()]).toEqual([true, true, false, false, false]);
  expect(mayWith(ada, 'change', deal, { owner: 'dan' }), 'not known yet: the node has the last word').toBe(
    true,
  );

  // What has no owner of its own is whose the customer is.
  const ownerOf = (customer: string) => ({ harbour: 'ben', farm: 'dan', nobody: null })[customer];
  const with_ = (action: 'change' | 'create', customer: string) =>
    mayWith(ada, action, interaction, { customer }, { reach, ownerOf });
  expect(['harbour', 'farm', 'nobody', 'never read'].map((one) => with_('change', one))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(with_('create', 'harbour')).toBe(false);
});
