// SPDX-License-Identifier: Apache-2.0
// One import, as far as it has come: its rules, its progress, or what became of the lines.
import { Alert, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { Page } from '@/ui/Page';
import { DropFile } from './FileButton';
import { fileOf, isOther, keepFile, markOf } from './file';
import classes from './Import.module.css';
import { Progress } from './Progress';
import { useTexts } from './pageTexts';
import { type Import, importQuery } from './query';
import { Results } from './Results';
import { useRun } from './runner';
import { Setup } from './Setup';

function AskFile({ id, onFile }: { id: string; onFile: (file: File) => void }) {
  const t = useTexts();
  const mark = markOf(id);
  const [isWrong, setWrong] = useState(false);
  return (
    <section className={classes.card}>
      <Title order={2} size="h3">
        {t('chooseAgain')}
      </Title>
      <Text size="sm" c="dimmed">
        {mark ? t('chooseAgainHint', { name: mark.name }) : t('chooseAgainUnknown')}
      </Text>
      {isWrong && mark && (
        <Alert color="red" role="alert">
          {t('other', { name: mark.name })}
        </Alert>
      )}
      <DropFile
        onFile={(file) => {
          if (isOther(mark, file)) setWrong(true);
          else onFile(file);
        }}
      />
    </section>
  );
}

function Body({ one }: { one: Import }) {
  const book = useKinds();
  const id = one.id ?? '';
  const [file, setFile] = useState(() => fileOf(id));
  const run = useRun(id);
  const kind = book.byPlural(one.kind ?? '');
  if (one.complete) return <Results one={one} />;
  const choose = (next: File) => {
    keepFile(id, next);
    setFile(next);
  };
  if (!file)
    return (
      <>
        <AskFile id={id} onFile={choose} />
        {!!one.offset && <Results one={one} />}
      </>
    );
  if (!run && !one.offset && kind) return <Setup one={one} kind={kind} file={file} />;
  return <Progress one={one} file={file} />;
}

export default function OneImport() {
  const t = useTexts();
  const { id = '' } = useParams({ strict: false });
  const { pluralText } = useSchemaTexts();
  const { data, error } = useQuery(importQuery(id));
  return (
    <Page title={data?.kind ? `${t('title')}: ${pluralText(data.kind)}` : t('title')}>
      {error && <Failed error={error} />}
      {data && (
        <div className={classes.page}>
          <Body key={id} one={data} />
        </div>
      )}
    </Page>
  );
}
