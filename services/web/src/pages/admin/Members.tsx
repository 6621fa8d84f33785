// SPDX-License-Identifier: Apache-2.0
// Who belongs to the installation, by which list and with which keys, and how that changes.
import { ActionIcon, Badge, Group, Table, Text, Title } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { membersQuery } from '@/api/kinds';
import { allQuery } from '@/api/records';
import type { components } from '@/api/schema';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, useForms } from '@/ui/format';
import { say } from '@/ui/toast';
import classes from './Admin.module.css';
import { useTexts } from './nodesTexts';
import { ScrollTable } from './ScrollTable';

type Member = components['schemas']['Member'];

export const short = (key: string | undefined) => (key ? `${key.slice(0, 8)}…${key.slice(-4)}` : '');

function State({ member, here, epoch }: { member: Member; here: boolean; epoch: number }) {
  const t = useTexts();
  if (here) return <Badge color="blue">{t('here')}</Badge>;
  if (member.refuses) return <Badge color="red">{t('refuses')}</Badge>;
  if (!member.connected) return <Badge color="gray">{t('away')}</Badge>;
  if (member.epoch !== undefined && member.epoch < epoch)
    return <Badge color="yellow">{t('olderList')}</Badge>;
  return <Badge color="teal">{t('connected')}</Badge>;
}

function MemberRow({ member, here, epoch }: { member: Member; here: boolean; epoch: number }) {
  const { valueText } = useSchemaTexts();
  return (
    <Table.Tr>
      <Table.Th scope="row">{member.name}</Table.Th>
      <Table.Td>{valueText(member.department)}</Table.Td>
      <Table.Td className={classes.figures}>{member.number}</Table.Td>
      <Table.Td>
        <State member={member} here={here} epoch={epoch} />
      </Table.Td>
      <Table.Td className={classes.figures}>{member.epoch ?? (here ? epoch : '')}</Table.Td>
      <Table.Td className={classes.key} title={member.verify_key ?? ''}>
        {short(member.verify_key)}
      </Table.Td>
      <Table.Td className={classes.key}>{[member.http, member.bus].filter(Boolean).join(' ')}</Table.Td>
    </Table.Tr>
  );
}

function Command({ text }: { text: string }) {
  const t = useTexts();
  return (
    <div className={classes.command}>
      <code>{text}</code>
      <ActionIcon
        aria-label={`${t('copy')}: ${text}`}
        onClick={() => void navigator.clipboard.writeText(text).then(() => say(t('copied')))}
      >
        <IconCopy size={14} />
      </ActionIcon>
    </div>
  );
}

function How({ example }: { example: string }) {
  const t = useTexts();
  const ways = [
    [
      'invite',
      ['liaison peer invite NAME --department sales', 'liaison join CODE --at NODE --dir DIR --start'],
    ],
    ['rotate', [`liaison keys rotate --name ${example}`]],
    ['remove', [`liaison peer remove ${example}`]],
  ] as const;
  return (
    <section aria-label={t('how')}>
      <Title order={2}>{t('how')}</Title>
      <Text size="sm" c="dimmed" mb="sm" maw={760}>
        {t('howHint')}
      </Text>
      <div className={classes.how}>
        {ways.map(([way, commands]) => (
          <div key={way} className={classes.card}>
            <Text fw={600} size="sm">
              {t(way)}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`${way}Hint`)}
            </Text>
            {commands.map((text) => (
              <Command key={text} text={text} />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function Changes() {
  const t = useTexts();
  useForms();
  const { data } = useQuery(allQuery('member_changes'));
  const changes = [...(data ?? [])].sort((a, b) => Number(b.epoch) - Number(a.epoch));
  if (changes.length === 0) return null;
  return (
    <section aria-label={t('changes')}>
      <Title order={2} mb="xs">
        {t('changes')}
      </Title>
      <section className={classes.scroll} tabIndex={0} aria-label={t('changes')}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('listOf')}</Table.Th>
              <Table.Th>{t('taken')}</Table.Th>
              <Table.Th>{t('what')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Th scope="row">{String(one.epoch)}</Table.Th>
                <Table.Td title={formatInstantLong(String(one.taken_at))}>
                  {formatAgo(String(one.taken_at))}
                </Table.Td>
                <Table.Td>{String(one.summary ?? '')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </section>
  );
}

export function Members() {
  const t = useTexts();
  const { data, error } = useQuery({ ...membersQuery, refetchInterval: 5000 });
  if (error) return <Failed error={error} />;
  if (!data) return null;
  const columns = ['name', 'department', 'number', 'state', 'listOf', 'key', 'addresses'] as const;
  return (
    <>
      <Group gap="sm">
        <Title order={2}>{t('list', { epoch: data.epoch })}</Title>
        <Text size="sm" c="dimmed">
          {t('inForce', { epoch: data.in_force })}
        </Text>
        {data.former.length > 0 && <Badge color="yellow">{t('former', { count: data.former.length })}</Badge>}
        {data.removed.length > 0 && (
          <Badge color="gray">{t('removed', { count: data.removed.length })}</Badge>
        )}
      </Group>
      <ScrollTable label={t('members')} columns={columns.map((column) => t(column))}>
        {data.members.map((member) => (
          <MemberRow
            key={member.number}
            member={member}
            here={member.name === data.node}
            epoch={data.epoch}
          />
        ))}
      </ScrollTable>
      <Changes />
      <How example={data.node} />
    </>
  );
}
