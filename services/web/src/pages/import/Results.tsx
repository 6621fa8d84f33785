// SPDX-License-Identifier: Apache-2.0
// What became of the lines, and the way back.
import { Badge, Button, Group, Modal, Tabs, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formatNumber, useForms } from '@/ui/format';
import { sayFailure } from '@/ui/toast';
import classes from './Import.module.css';
import { Lines } from './Lines';
import { useTexts } from './pageTexts';
import {
  forget,
  type Import,
  importQuery,
  importsQuery,
  type List,
  lists,
  resultsQuery,
  undo,
} from './query';

function Listed({ one, list }: { one: Import; list: List }) {
  const t = useTexts();
  const { data, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(
    resultsQuery(one.id ?? '', list, one[list] ?? 0),
  );
  const lines = data?.pages.flatMap((page) => page.results ?? []) ?? [];
  if (data && lines.length === 0)
    return (
      <Text c="dimmed" py="md">
        {t('emptyList')}
      </Text>
    );
  return (
    <>
      <Lines label={t(list)} plural={one.kind ?? ''} lines={lines} />
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetching} onClick={() => void fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  );
}

function useUndo(id: string) {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const takeBack = async () => {
    setBusy(true);
    try {
      for (let isDone = false; !isDone; ) {
        const now = await undo(id);
        isDone = now.undo_complete !== false;
        client.setQueryData(importQuery(id).queryKey, now);
      }
      await client.invalidateQueries({ queryKey: importsQuery.queryKey });
    } catch (error) {
      sayFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, takeBack };
}

function Undo({ one }: { one: Import }) {
  const t = useTexts();
  const [isAsking, setAsking] = useState(false);
  const { isBusy, takeBack } = useUndo(one.id ?? '');
  const canUndo = (one.created ?? 0) + (one.updated ?? 0) > (one.undone ?? 0) + (one.kept ?? 0);
  if (!canUndo && !isBusy) return null;
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => setAsking(true)}>
        {t('undo')}
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={t('undoSure')}>
        <Text size="sm">{t('undoHint')}</Text>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setAsking(false)}>
            {t('cancel')}
          </Button>
          <Button
            color="red"
            data-autofocus
            onClick={() => {
              setAsking(false);
              void takeBack();
            }}
          >
            {t('undo')}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

function Ways({ one }: { one: Import }) {
  const t = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const drop = async () => {
    await forget(one.id ?? '').catch(sayFailure);
    await client.invalidateQueries({ queryKey: importsQuery.queryKey });
    await navigate({ to: '/import' });
  };
  return (
    <Group justify="flex-end">
      <Button variant="subtle" color="gray" onClick={() => void drop()}>
        {t('forget')}
      </Button>
      <Undo one={one} />
      <Button component={Link} to="/import">
        {t('again')}
      </Button>
    </Group>
  );
}

const colors: Record<List, string> = {
  created: 'teal',
  updated: 'blue',
  duplicates: 'yellow',
  failed: 'red',
  kept: 'gray',
};

export function Results({ one }: { one: Import }) {
  const t = useTexts();
  useForms();
  const shown: List[] = one.kept ? [...lists, 'kept'] : [...lists];
  const first = shown.find((list) => one[list]) ?? 'created';
  return (
    <section className={classes.card}>
      <Group justify="space-between">
        <Title order={2} size="h3">
          {t('results')}
        </Title>
        {!!one.undone && (
          <Badge color="gray">
            {t('undoneCount', { count: one.undone, shown: formatNumber(one.undone) })}
          </Badge>
        )}
      </Group>
      <Tabs defaultValue={first} keepMounted={false}>
        <Tabs.List mb="sm">
          {shown.map((list) => (
            <Tabs.Tab
              key={list}
              value={list}
              rightSection={
                <Badge size="sm" color={one[list] ? colors[list] : 'gray'}>
                  {formatNumber(one[list] ?? 0)}
                </Badge>
              }
            >
              {t(list)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map((list) => (
          <Tabs.Panel key={list} value={list}>
            <Listed one={one} list={list} />
          </Tabs.Panel>
        ))}
      </Tabs>
      <Ways one={one} />
    </section>
  );
}
