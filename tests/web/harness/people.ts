// SPDX-License-Identifier: Apache-2.0
// Who works here: an administrator, and somebody of each department with the role that such people have.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from './api.ts';
import { type Cluster, type Department, departments, until } from './cluster.ts';

export type PersonName = 'ada' | 'sal' | 'mara' | 'agnes' | 'anton';

export interface Person {
  name: PersonName;
  label: string;
  email: string;
  password: string;
  /** Where they work. */
  at: Department;
  id: string;
  token: string;
  /** The value of a browser's session. */
  session: string;
}
export type People = Record<PersonName, Person>;

const password = 'a sea of green tea';
const all = { read: 'all', create: 'all', change: 'all', archive: 'own', export: 'all' };
const roles = {
  Seller: { grants: [{ kind: '*', ...all }] },
  Marketer: { grants: [{ kind: '*', ...all }] },
  Agent: { grants: [{ kind: '*', ...all }], hidden: ['deal.amount'] },
  Analyst: { grants: [{ kind: '*', read: 'all', create: 'own', change: 'own', archive: 'own', export: 'all' }] },
};
const staff: { name: PersonName; label: string; at: Department; role: keyof typeof roles }[] = [
  { name: 'sal', label: 'Sal Ventura', at: 'sales', role: 'Seller' },
  { name: 'mara', label: 'Mara Keting', at: 'marketing', role: 'Marketer' },
  { name: 'agnes', label: 'Agnes Dienst', at: 'service', role: 'Agent' },
  { name: 'anton', label: 'Anton Zahl', at: 'analytics', role: 'Analyst' },
];

/** Signs in as a browser does, and once more as a program. */
async function enter(cluster: Cluster, email: string): Promise<{ session: string; token: string }> {
  const say = (body: object) =>
    fetch(`${cluster.url('sales')}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password, ...body }),
    });
  const [browser, program] = await Promise.all([say({}), say({ token: true })]);
  const session = /^liaison=([^;]*)/.exec(browser.headers.get('set-cookie') ?? '')?.[1];
  const { token } = (await program.json()) as { token?: string };
  if (!session || !token) throw new Error(`${email} cannot sign in: ${browser.status} ${program.status}`);
  return { session, token };
}

async function found(cluster: Cluster): Promise<Person> {
  const secret = /#setup=([\w-]+)/.exec(cluster.log('sales'))?.[1];
  const who = { name: 'ada' as const, label: 'Ada Quill', email: 'ada@example.com', password, at: 'sales' as const };
  await new Api(cluster).post('sales', 'setup', { secret, name: who.label, email: who.email, password });
  const passes = await enter(cluster, who.email);
  const { id } = (await new Api(cluster, passes.token).get('sales', 'session')).user;
  return { ...who, id, ...passes };
}

async function hire(cluster: Cluster, api: Api, one: (typeof staff)[number], team: string, role: string): Promise<Person> {
  const email = `${one.name}@example.com`;
  const user = await api.post('sales', 'users', { name: one.label, email, team, roles: [role], department: one.at });
  const { secret } = await api.post('sales', `users/${user.id}:invite`);
  await new Api(cluster).post('sales', 'session:setPassword', { secret, password });
  return { name: one.name, label: one.label, email, password, at: one.at, id: user.id, ...(await enter(cluster, email)) };
}

export async function employ(cluster: Cluster): Promise<People> {
  const ada = await found(cluster);
  writeFileSync(join(cluster.dir, 'admin.token'), ada.token, { mode: 0o600 });
  const api = new Api(cluster, ada.token);
  const hired = await Promise.all(
    staff.map(async (one) => {
      const team = await api.post('sales', 'teams', { name: one.at });
      const role = await api.post('sales', 'roles', { name: one.role, ...roles[one.role] });
      return hire(cluster, api, one, team.id, role.id);
    }),
  );
  const people = Object.fromEntries([ada, ...hired].map((person) => [person.name, person])) as People;
  // Everybody is known everywhere before the first test begins.
  for (const person of Object.values(people))
    for (const at of departments)
      await until(`${person.name} to be known at ${at}`, () =>
        new Api(cluster, person.token).get(at, 'session').then(
          () => true,
          () => false,
        ),
      );
  return people;
}
