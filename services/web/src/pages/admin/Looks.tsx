// SPDX-License-Identifier: Apache-2.0
// Who looked at whose data at this node, filtered, and taken away as a table.
import { Button, Select, Table, Text } from '@mantine/core';
import { IconDownload, IconEyeSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useName } from '@/kind/field/Reference';
import { ReferenceInput } from '@/kind/field/ReferenceInput';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, formatNumber, useForms } from '@/ui/format';
import { sayFailure } from '@/ui/toast';
import classes from './Admin.module.css';
import { WhenFilter, WhoFilter, withPart } from './auditFilters';
import { useTexts } from './auditTexts';
import { ScrollTable } from './ScrollTable';
import { auditActions, type Entry, type Question, readTrail, textOf, toCsv } from './trail';

const isId = (text: string) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text);

function Actor({ actor }: { actor: string }) {
  const t = useTexts();
  const name = useName('users', isId(actor) ? actor : undefined);
  return <>{name ?? (actor === 'local' ? t('local') : actor === 'unknown' ? t('unknown') : actor)}</>;
}

function CustomerLink({ id }: { id: string }) {
  const name = useName('customers', id);
  return <Link to={`/customers/${id}`}>{name ?? id.slice(-6)}</Link>;
}

function About({ entry }: { entry: Entry }) {
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const kind = entry.kind ? book.byPlural(entry.kind) : undefined;
  const [only] = entry.customers ?? [];
  const count = entry.customer_count ?? 0;
  return (
    <>
      {kind && entry.kind !== 'customers' && `${labelText(kind.label)} `}
      {entry.everybody ? (
        t('everybody')
      ) : count === 1 && only ? (
        <CustomerLink id={only} />
      ) : (
        count > 0 && t('customers', { count, shown: formatNumber(count) })
      )}
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  const t = useTexts();
  return (
    <Table.Tr>
      <Table.Td title={formatInstantLong(entry.at)} className={classes.figures}>
        {formatAgo(entry.at)}
      </Table.Td>
      <Table.Th scope="row">
        <Actor actor={entry.actor} />
      </Table.Th>
      <Table.Td>
        {t(textOf(entry.action))}
        {entry.times > 1 && (
          <Text size="xs" c="dimmed">
            {t('times', { shown: formatNumber(entry.times) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <About entry={entry} />
      </Table.Td>
      <Table.Td>{entry.words}</Table.Td>
      <Table.Td className={classes.figures}>{entry.count > 0 ? formatNumber(entry.count) : ''}</Table.Td>
      <Table.Td className={classes.figures}>{entry.address}</Table.Td>
    </Table.Tr>
  );
}

/** At most so many lines are taken away at once. */
const mostLines = 20_000;

function useExport(question: Question) {
  const [busy, setBusy] = useState<number>();
  const run = async () => {
    const entries: Entry[] = [];
    setBusy(0);
    try {
      let token: string | undefined;
      do {
        const page = await readTrail(question, token, 500);
        entries.push(...page.entries);
        token = page.next;
        setBusy(entries.length);
      } while (token && entries.length < mostLines);
      const url = URL.createObjectURL(new Blob([toCsv(entries)], { type: 'text/csv' }));
      const link = Object.assign(document.createElement('a'), { href: url, download: 'audit.csv' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      sayFailure(error);
    } finally {
      setBusy(undefined);
    }
  };
  return { run, busy };
}

function Filters({ question, onChange }: { question: Question; onChange: (question: Question) => void }) {
  const t = useTexts();
  const put = (part: keyof Question, value: string | null) => onChange(withPart(question, part, value));
  return (
    <div className={classes.filters}>
      <WhoFilter question={question} put={put} />
      <Select
        label={t('action')}
        clearable
        clearButtonProps={{ 'aria-label': t('clear') }}
        data={auditActions.map((value) => ({ value, label: t(textOf(value)) }))}
        value={question.action ?? null}
        onChange={(action) => put('action', action)}
      />
      <ReferenceInput
        plural="customers"
        label={t('customer')}
        value={question.customer ?? null}
        clearable
        onChange={(id) => put('customer', id)}
      />
      <WhenFilter question={question} put={put} />
    </div>
  );
}

export function Looks() {
  const t = useTexts();
  useForms();
  const [question, setQuestion] = useState<Question>({});
  const list = useInfiniteQuery({
    queryKey: ['audit', question],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => readTrail(question, pageParam, 50, signal),
    getNextPageParam: (last: { next?: string }) => last.next,
    staleTime: 0,
  });
  const { run, busy } = useExport(question);
  const entries = list.data?.pages.flatMap((page) => page.entries);
  const columns = ['when', 'who', 'action', 'about', 'words', 'count', 'address'] as const;
  return (
    <>
      <div className={classes.head}>
        <Text size="sm" c="dimmed">
          {t('hint')}
        </Text>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} />}
          loading={busy !== undefined}
          onClick={() => void run()}
        >
          {t('export')}
        </Button>
      </div>
      <Filters question={question} onChange={setQuestion} />
      {list.error && <Failed error={list.error} />}
      {entries?.length === 0 && <Empty icon={IconEyeSearch} title={t('none')} hint={t('noneHint')} />}
      {!!entries?.length && (
        <ScrollTable label={t('looks')} columns={columns.map((column) => t(column))} spacing={6}>
          {entries.map((entry, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no name but its place
            <Line key={at} entry={entry} />
          ))}
        </ScrollTable>
      )}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  );
}
