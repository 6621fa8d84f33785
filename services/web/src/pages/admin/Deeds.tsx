// SPDX-License-Identifier: Apache-2.0
// Who changed what: by person, kind and time, each line with its record and the fields' old and new values.
import { Button, Select, Table, Text } from '@mantine/core';
import { IconArrowLeft, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useKinds } from '@/api/kinds';
import { toLocal } from '@/kind/field/time';
import { Actor, FieldChange } from '@/kind/record/History';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, formatNumber, useForms } from '@/ui/format';
import classes from './Admin.module.css';
import { WhenFilter, WhoFilter, withPart } from './auditFilters';
import { useTexts } from './auditTexts';
import { ScrollTable } from './ScrollTable';
import { type Deed, type DeedsQuestion, readDeeds } from './trail';

/** Of a new record most fields say little: these are shown at once. */
const fieldsShown = 4;

function Fields({ deed }: { deed: Deed }) {
  const t = useTexts();
  const kind = useKinds().byPlural(deed.kind);
  const [all, setAll] = useState(false);
  const shown = all ? deed.fields : deed.fields.slice(0, fieldsShown);
  const left = deed.fields.length - shown.length;
  if (!kind) return null;
  return (
    <>
      {shown.map((field, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: of a set one field has several changes at once
        <FieldChange key={at} kind={kind} change={field} />
      ))}
      {left > 0 && (
        <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
          {t('moreFields', { count: left, shown: formatNumber(left) })}
        </Button>
      )}
    </>
  );
}

function Run({ run, onOpen }: { run: NonNullable<Deed['run']>; onOpen: (run: string) => void }) {
  const t = useTexts();
  const count = run.count ?? 0;
  const shown = formatNumber(count);
  return (
    <div className={classes.ranges}>
      <span>{!count ? t('runSome') : run.more ? t('runMore', { shown }) : t('run', { count, shown })}</span>
      <Button variant="subtle" size="compact-xs" onClick={() => onOpen(run.position)}>
        {t('showRun')}
      </Button>
    </div>
  );
}

function Line({ deed, onOpen }: { deed: Deed; onOpen: (run: string) => void }) {
  const kind = useKinds().byPlural(deed.kind);
  const { labelText } = useSchemaTexts();
  return (
    <Table.Tr className={classes.deed}>
      <Table.Td title={formatInstantLong(deed.at)} className={classes.figures}>
        {formatAgo(deed.at)}
      </Table.Td>
      <Table.Th scope="row">
        <Actor change={deed} />
      </Table.Th>
      <Table.Td>{labelText(deed.label)}</Table.Td>
      <Table.Td>
        {kind && (
          <Text size="xs" c="dimmed">
            {labelText(kind.label)}
          </Text>
        )}
        {deed.record && (
          <Link to={`/${deed.kind}/${deed.record.id}`}>{deed.record.title ?? deed.record.id.slice(-6)}</Link>
        )}
      </Table.Td>
      <Table.Td>{deed.run ? <Run run={deed.run} onOpen={onOpen} /> : <Fields deed={deed} />}</Table.Td>
    </Table.Tr>
  );
}

const ranges = { lastDay: 1, lastWeek: 7, lastMonth: 30 } as const;

interface FiltersProps {
  question: DeedsQuestion;
  onChange: (question: DeedsQuestion) => void;
}

function Filters({ question, onChange }: FiltersProps) {
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const put = (part: keyof DeedsQuestion, value: string | null) => onChange(withPart(question, part, value));
  const since = (days: number) =>
    put('since', toLocal(new Date(Date.now() - days * 86_400_000).toISOString(), 'instant'));
  return (
    <>
      <div className={classes.filters}>
        <WhoFilter question={question} put={put} />
        <Select
          label={t('kind')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('clear') }}
          data={book.kinds.map((kind) => ({ value: kind.plural, label: labelText(kind.label) }))}
          value={question.kind ?? null}
          onChange={(kind) => put('kind', kind)}
        />
        <WhenFilter question={question} put={put} />
      </div>
      <div className={classes.ranges}>
        {(Object.keys(ranges) as (keyof typeof ranges)[]).map((range) => (
          <Button key={range} variant="default" size="compact-sm" onClick={() => since(ranges[range])}>
            {t(range)}
          </Button>
        ))}
      </div>
    </>
  );
}

function Lines({ deeds, onOpen }: { deeds: Deed[]; onOpen: (run: string) => void }) {
  const t = useTexts();
  return (
    <ScrollTable
      label={t('changes')}
      columns={(['when', 'who', 'action', 'record', 'change'] as const).map((column) => t(column))}
      spacing={6}
    >
      {deeds.map((deed) => (
        <Line key={`${deed.position} ${deed.record?.id ?? ''}`} deed={deed} onOpen={onOpen} />
      ))}
    </ScrollTable>
  );
}

export function Deeds() {
  const t = useTexts();
  useForms();
  const [question, setQuestion] = useState<DeedsQuestion>({});
  const [run, setRun] = useState<string>();
  const asked = run ? { run } : question;
  const list = useInfiniteQuery({
    queryKey: ['deeds', asked],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => readDeeds(asked, pageParam, 50, signal),
    getNextPageParam: (last: { next?: string }) => last.next,
    staleTime: 0,
  });
  const deeds = list.data?.pages.flatMap((page) => page.deeds);
  return (
    <>
      <Text size="sm" c="dimmed">
        {run ? t('ofRun') : t('changesHint')}
      </Text>
      {run ? (
        <div>
          <Button
            variant="default"
            leftSection={<IconArrowLeft size={14} />}
            onClick={() => setRun(undefined)}
          >
            {t('leaveRun')}
          </Button>
        </div>
      ) : (
        <Filters question={question} onChange={setQuestion} />
      )}
      {list.error && <Failed error={list.error} />}
      {deeds?.length === 0 && !list.hasNextPage && (
        <Empty icon={IconHistory} title={t('noChanges')} hint={t('noChangesHint')} />
      )}
      {!!deeds?.length && <Lines deeds={deeds} onOpen={setRun} />}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  );
}
