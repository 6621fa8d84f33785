// SPDX-License-Identifier: Apache-2.0
// What happened with a customer, of all departments, newest first.
import { Badge, Button, Center, Group, Loader, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { type Field, useKinds } from '@/api/kinds';
import type { PanelProps } from '@/app/area';
import { departments } from '@/app/area';
import { useName } from '@/kind/field/Reference';
import { labelOf } from '@/kind/field/shape';
import { isEmpty, Value } from '@/kind/field/Value';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatDate, formatInstantLong, formatMoney, formatTime, type Money, useForms } from '@/ui/format';
import { Composer } from './Composer';
import classes from './Customer.module.css';
import { byDay, type Entry, keyOf, passes, type Sieve, timelineQuery } from './entries';
import { useTexts } from './pageTexts';
import { signOf } from './signs';

function By({ user }: { user: string }) {
  const t = useTexts();
  const name = useName('users', user);
  return name && t('by', { name });
}

function InteractionText({ interaction }: { interaction: NonNullable<Entry['interaction']> }) {
  const { subject, text, outcome, amount } = interaction;
  return (
    <>
      {subject && <Text size="sm">{subject}</Text>}
      {text && (
        <Text size="sm" className={classes.text} lineClamp={6}>
          {text}
        </Text>
      )}
      {(amount || outcome) && (
        <Text size="sm" c="dimmed">
          {[amount && formatMoney(amount as Money), outcome].filter(Boolean).join(' · ')}
        </Text>
      )}
    </>
  );
}

/** Says nothing to people: an id of which no name is known, or of the customer whose page this is. */
const isBareId = (field: Field, value: unknown) =>
  field.name === 'customer' || (!field.reference && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(String(value)));

/** What a fact tells, field by field, and the record that it is about as a link. */
function FactText({ entry }: { entry: Entry }) {
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const kind = book.kinds.find((one) => one.name !== 'interaction' && one.name in entry);
  const about =
    kind && ((entry as Record<string, unknown>)[kind.name] as Record<string, unknown> | undefined);
  const fields = book.fact(entry.event)?.fields ?? [];
  const said = fields
    .map((field) => ({ field, value: entry.fact?.[field.name as never] as unknown }))
    .filter(({ field, value }) => field.type !== 'object' && !isEmpty(value) && !isBareId(field, value))
    .slice(0, 4);
  return (
    <>
      {kind && typeof about?.id === 'string' && (
        <Link to={`/${kind.plural}/${about.id}`} className={classes.link}>
          {String(about[kind.title ?? ''] ?? labelText(kind.label))}
        </Link>
      )}
      {said.map(({ field, value }) => (
        <Text key={field.name} size="sm" c="dimmed" component="div" className={classes.fact}>
          {labelText(labelOf(field))}: <Value field={field} value={value} plain />
        </Text>
      ))}
    </>
  );
}

function Item({ entry }: { entry: Entry }) {
  const t = useTexts();
  const { labelText, valueText } = useSchemaTexts();
  const { interaction } = entry;
  const type = interaction?.type ? String(interaction.type) : undefined;
  const Sign = signOf(type ?? entry.event);
  const direction = interaction?.direction;
  return (
    <li className={classes.entry}>
      <span className={classes.sign} data-department={entry.department}>
        <Sign size={15} stroke={1.7} />
      </span>
      <div className={classes.what}>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="sm" fw={600} truncate>
            {type ? valueText(type) : labelText(entry.label)}
            {(direction === 'inbound' || direction === 'outbound') && (
              <Text span size="xs" c="dimmed" ml={6}>
                {t(direction)}
              </Text>
            )}
          </Text>
          <Tooltip label={`${formatInstantLong(entry.time)} · ${entry.node} ${entry.seq}`}>
            <Text size="xs" c="dimmed" className={classes.time}>
              {formatTime(entry.time)}
            </Text>
          </Tooltip>
        </Group>
        {entry.erased ? (
          <Text c="dimmed">{t('erased')}</Text>
        ) : interaction ? (
          <InteractionText interaction={interaction} />
        ) : (
          <FactText entry={entry} />
        )}
        <Group gap={6} mt={2}>
          <Badge size="sm" color="gray">
            {departments.some((one) => one === entry.department)
              ? t(entry.department as 'sales')
              : entry.node}
          </Badge>
          {interaction?.user && (
            <Text size="xs" c="dimmed">
              <By user={interaction.user} />
            </Text>
          )}
        </Group>
      </div>
    </li>
  );
}

function SieveBar({ sieve, setSieve }: { sieve: Sieve; setSieve: (sieve: Sieve) => void }) {
  const t = useTexts();
  return (
    <Group gap="xs" wrap="nowrap" className={classes.sieve}>
      <TextInput
        flex={1}
        aria-label={t('find')}
        placeholder={t('find')}
        leftSection={<IconSearch size={14} />}
        value={sieve.text}
        onChange={(event) => setSieve({ ...sieve, text: event.currentTarget.value })}
      />
      <Select
        w={170}
        aria-label={t('allDepartments')}
        allowDeselect={false}
        value={sieve.department}
        data={[
          { value: '', label: t('allDepartments') },
          ...departments.map((one) => ({ value: one, label: t(one) })),
        ]}
        onChange={(department) => setSieve({ ...sieve, department: department ?? '' })}
      />
    </Group>
  );
}

export default function Timeline({ row }: PanelProps) {
  const t = useTexts();
  useForms();
  const [sieve, setSieve] = useState<Sieve>({ department: '', text: '' });
  const sought = useDeferredValue(sieve);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(timelineQuery(row.id));
  const all = data?.pages.flatMap((page) => page.timeline) ?? [];
  const shown = all.filter((entry) => passes(entry, sought));
  return (
    <Stack gap="sm">
      <Composer customer={row} />
      <SieveBar sieve={sieve} setSieve={setSieve} />
      {error && !data && <Failed error={error} reset={() => void refetch()} />}
      {isPending && (
        <Center p="xl">
          <Loader size="sm" />
        </Center>
      )}
      {data &&
        shown.length === 0 &&
        (all.length ? (
          <Empty icon={IconSearch} title={t('nothingFits')} hint={t('nothingFitsHint')} />
        ) : (
          <Empty icon={IconHistory} title={t('nothing')} hint={t('nothingHint')} />
        ))}
      {byDay(shown, formatDate).map(({ day, entries }) => (
        <section key={`${day} ${entries[0] ? keyOf(entries[0]) : ''}`} aria-label={day}>
          <Text size="xs" fw={600} c="dimmed" className={classes.day}>
            {day}
          </Text>
          <ol className={classes.entries}>
            {entries.map((entry) => (
              <Item key={keyOf(entry)} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('older')}
        </Button>
      )}
    </Stack>
  );
}
