// SPDX-License-Identifier: Apache-2.0
// Whom an administrator can look as: people, and roles.
import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { allQuery, type Row } from '@/api/records';
import { useSession } from '@/api/session';
import { lookAs } from '@/api/view';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';
import { useTexts } from './pageTexts';
import { texts } from './texts';
import classes from './ViewAs.module.css';

const labelOf = (row: Row) => String(row.name ?? row.email ?? row.id);

function Choices({ title, rows }: { title: string; rows: Row[] }) {
  const t = useTexts();
  if (!rows.length) return null;
  return (
    <Stack gap={4} component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {rows.map((row) => (
        <Group key={row.id} className={classes.row} justify="space-between" wrap="nowrap">
          <div className={classes.who}>
            <Text size="sm" fw={550} truncate>
              {labelOf(row)}
            </Text>
            {typeof row.email === 'string' && (
              <Text size="xs" c="dimmed" truncate>
                {row.email}
              </Text>
            )}
          </div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconEye size={14} />}
            aria-label={t('lookAs', { name: labelOf(row) })}
            onClick={() => lookAs({ id: row.id, name: labelOf(row) })}
          >
            {t('look')}
          </Button>
        </Group>
      ))}
    </Stack>
  );
}

export default function LookAs() {
  const t = useTexts();
  const { administrator, user } = useSession();
  const [text, setText] = useState('');
  const people = useQuery({ ...allQuery('users'), enabled: administrator }).data ?? [];
  const roles = useQuery({ ...allQuery('roles'), enabled: administrator }).data ?? [];
  const fits = (row: Row) =>
    row.id !== user?.id && `${labelOf(row)} ${row.email ?? ''}`.toLowerCase().includes(text.toLowerCase());
  return (
    <Page title={texts('title')}>
      {administrator ? (
        <Stack className={classes.page} gap="lg">
          <Text size="sm" c="dimmed">
            {t('hint')}
          </Text>
          <TextInput
            aria-label={t('find')}
            placeholder={t('find')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Choices title={t('people')} rows={people.filter(fits)} />
          <Choices title={t('roles')} rows={roles.filter(fits)} />
        </Stack>
      ) : (
        <Empty icon={IconEye} title={texts('title')} hint={t('forAdministrators')} />
      )}
    </Page>
  );
}
