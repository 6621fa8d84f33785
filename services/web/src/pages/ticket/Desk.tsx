// SPDX-License-Identifier: Apache-2.0
// Where an agent begins: what is to be answered, by deadline.
import { Button, Center, Group, Loader, SegmentedControl, SimpleGrid, Table, Text } from '@mantine/core';
import { IconArrowRight, IconCoffee } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { fieldOf, type Kind, useKinds } from '@/api/kinds';
import { useUserId } from '@/api/session';
import { useActions } from '@/app/useActions';
import { nameOf, Reference } from '@/kind/field/Reference';
import { EnumBadge } from '@/kind/field/Value';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatNumber, useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ClockBadge, useNow } from './ClockBadge';
import { byUrgency, type ClockState, clockOf, nextOf, ofWhom, type Ticket, type Whose } from './clock';
import { usePageTexts } from './pageTexts';
import classes from './Ticket.module.css';
import { useTexts } from './texts';
import { queueQuery } from './useTicket';

function Tile({ label, value, late = false }: { label: string; value: number; late?: boolean }) {
  return (
    <div className={classes.tile}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={classes.figure} data-late={late || undefined}>
        {formatNumber(value)}
      </div>
    </div>
  );
}

function Tiles({ all, now }: { all: Ticket[]; now: number }) {
  const t = usePageTexts();
  const user = useUserId();
  const count = (...states: ClockState[]) =>
    all.filter((ticket) => states.includes(clockOf(ticket, now).state)).length;
  const late = count('late');
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      <Tile label={t('unanswered')} value={count('due', 'soon', 'late', 'none')} />
      <Tile label={t('late')} value={late} late={late > 0} />
      <Tile label={t('soon')} value={count('soon')} />
      <Tile label={t('yours')} value={ofWhom(all, 'mine', user).length} />
    </SimpleGrid>
  );
}

function Choice({ kind, name, value }: { kind: Kind; name: string; value: string | undefined }) {
  const field = fieldOf(kind, name);
  return field && value ? <EnumBadge field={field} name={value} /> : null;
}

function Line({ kind, ticket, now }: { kind: Kind; ticket: Ticket; now: number }) {
  const t = usePageTexts();
  return (
    <Table.Tr>
      <Table.Td>
        <ClockBadge ticket={ticket} now={now} />
      </Table.Td>
      <Table.Td className={classes.subject}>
        <Link to={`/tickets/${ticket.id}`} className={classes.link}>
          {nameOf(kind, ticket)}
        </Link>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {ticket.customer && <Reference plural="customers" id={ticket.customer} />}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Choice kind={kind} name="priority" value={ticket.priority ?? 'normal'} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Choice kind={kind} name="state" value={ticket.state} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        {ticket.owner ? (
          <Reference plural="users" id={ticket.owner} />
        ) : (
          <Text c="dimmed">{t('nobody')}</Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Queue({ kind, tickets, now }: { kind: Kind; tickets: Ticket[]; now: number }) {
  const t = usePageTexts();
  const own = useTexts();
  if (!tickets.length) return <Empty icon={IconCoffee} title={t('quiet')} hint={t('quietHint')} />;
  return (
    <div className={classes.queue}>
      <Table
        highlightOnHover
        verticalSpacing={7}
        horizontalSpacing={14}
        borderColor="var(--lia-line)"
        aria-label={t('queue')}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{own('deadline')}</Table.Th>
            <Table.Th>{t('subject')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('customer')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('priority')}</Table.Th>
            <Table.Th visibleFrom="md">{t('state')}</Table.Th>
            <Table.Th visibleFrom="md">{t('agent')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tickets.map((ticket) => (
            <Line key={ticket.id} kind={kind} ticket={ticket} now={now} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const MOST = 100;

export default function Desk() {
  const t = usePageTexts();
  const own = useTexts();
  useForms();
  const now = useNow();
  const user = useUserId();
  const navigate = useNavigate();
  const kind = useKinds().byPlural('tickets');
  const [whose, setWhose] = useState<Whose>('all');
  const { data, error, isPending, refetch } = useQuery(queueQuery);
  const all = byUrgency((data ?? []) as Ticket[]);
  const first = nextOf(all, '', user);
  const goNext = first && (() => void navigate({ to: `/tickets/${first.id}` }));
  useActions({ 'ticket.next': goNext });
  const actions = (
    <Group gap="xs" wrap="nowrap">
      <Button component={Link} to="/tickets" variant="default" visibleFrom="sm">
        {t('allTickets')}
      </Button>
      <Button disabled={!goNext} onClick={goNext} rightSection={<IconArrowRight size={14} />}>
        {own('next')}
      </Button>
    </Group>
  );
  return (
    <Page title={own('desk')} actions={actions}>
      {!kind || isPending ? (
        <Center h="100%">
          <Loader size="sm" />
        </Center>
      ) : error && !data ? (
        <Failed error={error} reset={() => void refetch()} />
      ) : (
        <div className={classes.desk}>
          <Tiles all={all} now={now} />
          <Group>
            <SegmentedControl
              aria-label={t('whose')}
              value={whose}
              onChange={(value) => setWhose(value as Whose)}
              data={[
                { value: 'all', label: t('all') },
                { value: 'mine', label: t('yours') },
                { value: 'nobody', label: t('unassigned') },
              ]}
            />
          </Group>
          <Queue kind={kind} tickets={ofWhom(all, whose, user).slice(0, MOST)} now={now} />
        </div>
      )}
    </Page>
  );
}
