// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Table, Tabs } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, Suspense, useState } from 'react';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import { later } from '@/app/offline/later';
import { Reference } from '@/kind/field/Reference';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { Page } from '@/ui/Page';
import { sayFailure } from '@/ui/toast';
import classes from './Access.module.css';
import type { Invitation } from './Invite';
import { useTexts } from './pageTexts';

const CreateForm = later(() => import('@/kind/form/CreateForm'));
const Invite = later(() => import('./Invite'));

const tabs = ['users', 'teams', 'roles'] as const;
type Tab = (typeof tabs)[number];
const adds = { users: 'newUser', teams: 'newTeam', roles: 'newRole' } as const;
const heads = {
  users: ['name', 'email', 'department', 'team', 'roles', 'invite'],
  teams: ['name', 'parent'],
  roles: ['name', 'rights'],
} as const;

function References({ plural, ids }: { plural: string; ids: unknown }) {
  const all = (Array.isArray(ids) ? ids : ids ? [ids] : []) as string[];
  return all.map((id) => (
    <span key={id}>
      <Reference plural={plural} id={id} />{' '}
    </span>
  ));
}

function UserCells({ row }: { row: Row }) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const [said, setSaid] = useState<Invitation>();
  const name = String(row.name ?? '');
  const invite = () =>
    void request<Invitation>('POST', `users/${row.id}:invite`, { body: {} }).then(setSaid).catch(sayFailure);
  return (
    <>
      <Table.Td>{String(row.email ?? '')}</Table.Td>
      <Table.Td>{row.department ? valueText(String(row.department)) : ''}</Table.Td>
      <Table.Td>
        <References plural="teams" ids={row.team} />
      </Table.Td>
      <Table.Td>
        <References plural="roles" ids={row.roles} />
      </Table.Td>
      <Table.Td>
        <Button size="compact-sm" variant="default" aria-label={t('inviteOf', { name })} onClick={invite}>
          {t('invite')}
        </Button>
        <Suspense>{said && <Invite name={name} said={said} onClose={() => setSaid(undefined)} />}</Suspense>
      </Table.Td>
    </>
  );
}

function RoleCells({ row }: { row: Row }) {
  const t = useTexts();
  const grants = (row.grants ?? []) as { kind: string }[];
  const kinds = grants.filter((grant) => grant.kind !== '*').length;
  return (
    <Table.Td>
      {row.administrator ? (
        <Badge color="blue">{t('administrator')}</Badge>
      ) : (
        [grants.length > kinds ? t('others') : '', kinds ? t('some', { count: kinds }) : '']
          .filter(Boolean)
          .join(', ')
      )}
    </Table.Td>
  );
}

const cells: Record<Tab, (row: Row) => ReactNode> = {
  users: (row) => <UserCells row={row} />,
  teams: (row) => (
    <Table.Td>
      <References plural="teams" ids={row.parent} />
    </Table.Td>
  ),
  roles: (row) => <RoleCells row={row} />,
};

function List({ tab }: { tab: Tab }) {
  const t = useTexts();
  const { data, error } = useQuery(allQuery(tab));
  if (error) return <Failed error={error} />;
  if (data?.length === 0) return <Empty icon={IconUsers} title={t('none')} />;
  return (
    <section className={classes.scroll} aria-label={t(tab)} tabIndex={0}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            {heads[tab].map((head) => (
              <Table.Th key={head}>{t(head)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data?.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Th scope="row">
                <Link to={`/${tab}/${row.id}`}>{String(row.name ?? row.id)}</Link>
              </Table.Th>
              {cells[tab](row)}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export default function Access() {
  const t = useTexts();
  const book = useKinds();
  const [tab, setTab] = useState<Tab>('users');
  const [isNew, setNew] = useState(false);
  const kind = book.byPlural(tab);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
      {t(adds[tab])}
    </Button>
  );
  return (
    <Page title={t('title')} actions={add}>
      <Tabs value={tab} onChange={(next) => next && setTab(next as Tab)} keepMounted={false}>
        <Tabs.List px="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((one) => (
          <Tabs.Panel key={one} value={one} className={classes.page}>
            <List tab={one} />
          </Tabs.Panel>
        ))}
      </Tabs>
      <Suspense>{isNew && kind && <CreateForm kind={kind} onClose={() => setNew(false)} />}</Suspense>
    </Page>
  );
}
