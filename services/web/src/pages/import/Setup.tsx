// SPDX-License-Identifier: Apache-2.0
// Before anything is written: columns, rules, and what would become of the first lines.
import { Alert, Button, Group, Loader, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Kind } from '@/api/kinds';
import { inWords } from '@/api/problem';
import { sayFailure } from '@/ui/toast';
import { beginningOf } from './file';
import { formatBytes } from './form';
import classes from './Import.module.css';
import { Counts, Lines } from './Lines';
import { Mapping } from './Mapping';
import { useTexts } from './pageTexts';
import { askAnew, forget, type Import, importsQuery, look, type Preview, type Question } from './query';
import { Rules } from './Rules';
import { start } from './runner';
import { Steps } from './Steps';
import { readTable, samplesOf } from './table';
import { keysOf } from './target';

async function lookAt(id: string, question: Question, file: File, signal: AbortSignal) {
  const said = await askAnew(id, question);
  const preview = await look(id, said.format ?? 'csv', file, signal);
  const columns = preview.columns ?? [];
  const text = new TextDecoder(preview.encoding ?? 'utf-8').decode(
    await (await beginningOf(file)).arrayBuffer(),
  );
  const rows = columns.length ? readTable(text, preview.delimiter ?? ',', 30) : [];
  return { preview, samples: samplesOf(rows, columns) };
}

function Found({ preview, plural }: { preview: Preview; plural: string }) {
  const t = useTexts();
  const errors = preview.errors ?? [];
  const likely = preview.duplicate_lines ?? [];
  const first = (preview.records ?? []).slice(0, 3);
  return (
    <>
      <Counts of={preview.would ?? {}} />
      {errors.length > 0 ? (
        <>
          <Title order={3} size="h4">
            {t('errors')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('errorsHint')}
          </Text>
          <Lines label={t('errors')} plural={plural} lines={errors} />
        </>
      ) : (
        <Alert color="teal">{t('noErrors')}</Alert>
      )}
      {likely.length > 0 && (
        <>
          <Title order={3} size="h4">
            {t('likely')}
          </Title>
          <Lines label={t('likely')} plural={plural} lines={likely} />
        </>
      )}
      {first.length > 0 && (
        <>
          <Title order={3} size="h4">
            {t('first')}
          </Title>
          {first.map((one) => (
            <code key={one.line} className={classes.code}>
              {one.record}
            </code>
          ))}
        </>
      )}
    </>
  );
}

const cleaned = ({ key, source, mode, ...rest }: Question): Question => ({
  ...rest,
  ...(key ? { key, mode: mode ?? 'create' } : {}),
  ...(source ? { source } : {}),
});

export function Setup({ one, kind, file }: { one: Import; kind: Kind; file: File }) {
  const t = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const id = one.id ?? '';
  const [question, setQuestion] = useState<Question>({ kind: kind.plural, format: one.format ?? 'csv' });
  const asked = cleaned(question);
  const { data, error, isFetching } = useQuery({
    queryKey: ['import-preview', id, asked],
    queryFn: ({ signal }) => lookAt(id, asked, file, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const preview = data?.preview;
  const mapping = question.mapping ?? preview?.mapping ?? {};
  const change = (more: Partial<Question>) => setQuestion((now) => ({ ...now, ...more }));
  const discard = async () => {
    await forget(id).catch(sayFailure);
    await client.invalidateQueries({ queryKey: importsQuery.queryKey });
    await navigate({ to: '/import' });
  };
  return (
    <>
      <Steps now={error ? 'columns' : 'check'} />
      <section className={classes.card}>
        <Title order={2} size="h3">
          {t('columns')}
        </Title>
        {!preview && !error && <Loader size="sm" aria-label={t('looking')} />}
        {preview?.columns?.length ? (
          <Mapping
            kind={kind}
            columns={preview.columns}
            samples={data?.samples ?? {}}
            mapping={mapping}
            onChange={(next) => change({ mapping: next })}
          />
        ) : (
          preview && (
            <Text size="sm" c="dimmed">
              {t('noColumns')}
            </Text>
          )
        )}
      </section>
      <section className={classes.card}>
        <Title order={2} size="h3">
          {t('rules')}
        </Title>
        <Rules
          isOfCustomers={kind.plural === 'customers'}
          keys={preview?.columns?.length ? keysOf(mapping) : ['emails.value', 'phones.value', 'name']}
          question={question}
          onChange={change}
        />
      </section>
      <section className={classes.card} aria-busy={isFetching}>
        <Group gap="xs">
          <Title order={2} size="h3">
            {t('would', { count: preview?.looked_at ?? 0, shown: preview?.looked_at ?? 0 })}
          </Title>
          {isFetching && <Loader size="xs" aria-label={t('looking')} />}
        </Group>
        {error && (
          <Alert color="red" role="alert">
            {inWords(error)}
          </Alert>
        )}
        {preview && !error && <Found preview={preview} plural={kind.plural} />}
      </section>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => void discard()}>
          {t('discard')}
        </Button>
        <Button disabled={!preview || !!error || isFetching} onClick={() => void start(client, id, file)}>
          {t('start', { size: formatBytes(file.size) })}
        </Button>
      </Group>
    </>
  );
}
