// SPDX-License-Identifier: Apache-2.0
// What happened with a customer, of all departments, newest first.
import { Button, Center, Group, Loader, Select, Stack, TextInput } from '@mantine/core';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { fieldOf, useKinds } from '@/api/kinds';
import type { PanelProps } from '@/app/area';
import { departments } from '@/app/area';
import { useTexts as useShellTexts } from '@/app/texts';
import { choicesOf } from '@/kind/field/choice';
import { usePast } from '@/kind/past/moment';
import { Composer } from '@/kind/timeline/Composer';
import { Entries } from '@/kind/timeline/Entries';
import { FACTS, isSought, type Sieve } from '@/kind/timeline/entries';
import { useTimeline } from '@/kind/timeline/useTimeline';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import classes from './Customer.module.css';
import { useTexts } from './pageTexts';

function SieveBar({ sieve, setSieve }: { sieve: Sieve; setSieve: (sieve: Sieve) => void }) {
  const t = useTexts();
  const shell = useShellTexts();
  useSchemaTexts();
  const kind = useKinds().byPlural('interactions');
  const type = kind && fieldOf(kind, 'type');
  return (
    <Group gap="xs" className={classes.sieve}>
      <TextInput
        flex="1 1 160px"
        aria-label={t('find')}
        placeholder={t('find')}
        leftSection={<IconSearch size={14} />}
        value={sieve.text}
        onChange={(event) => setSieve({ ...sieve, text: event.currentTarget.value })}
      />
      <Select
        w={150}
        aria-label={t('allTypes')}
        allowDeselect={false}
        value={sieve.type}
        data={[
          { value: '', label: t('allTypes') },
          { value: FACTS, label: t('facts') },
          ...(type ? choicesOf(type).filter((one) => one.value !== 'unknown') : []),
        ]}
        onChange={(value) => setSieve({ ...sieve, type: value ?? '' })}
      />
      <Select
        w={150}
        aria-label={t('allDepartments')}
        allowDeselect={false}
        value={sieve.department}
        data={[
          { value: '', label: t('allDepartments') },
          ...departments.map((one) => ({ value: one, label: shell(one) })),
        ]}
        onChange={(department) => setSieve({ ...sieve, department: department ?? '' })}
      />
    </Group>
  );
}

export default function Timeline({ kind, row }: PanelProps) {
  const t = useTexts();
  const past = usePast();
  const [sieve, setSieve] = useState<Sieve>({ department: '', type: '', text: '' });
  const sought = useDeferredValue(sieve);
  const { shown, count, isPending, isReading, error, older, retry } = useTimeline(row.id, sought, past?.at);
  return (
    <Stack gap="sm">
      {!past && <Composer kind={kind} row={row} about={{ customer: row.id }} />}
      <SieveBar sieve={sieve} setSieve={setSieve} />
      {error !== undefined && <Failed error={error} reset={retry} />}
      {isPending && (
        <Center p="xl">
          <Loader size="sm" />
        </Center>
      )}
      {!isPending &&
        !isReading &&
        shown.length === 0 &&
        (count ? (
          <Empty icon={IconSearch} title={t('nothingFits')} hint={t('nothingFitsHint', { count })} />
        ) : (
          <Empty icon={IconHistory} title={t('nothing')} hint={t('nothingHint')} />
        ))}
      <Entries entries={shown} />
      {older && (
        <Button variant="default" loading={isReading} onClick={older}>
          {t(isSought(sought) ? 'lookFurther' : 'older', { count })}
        </Button>
      )}
    </Stack>
  );
}
