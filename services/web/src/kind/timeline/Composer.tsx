// SPDX-License-Identifier: Apache-2.0
// Writing down what happened, or what is to be done, without leaving the page.
import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { act } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMay, useMayWith } from '@/api/session';
import { nameOf } from '../field/Reference';
import classes from './Timeline.module.css';
import { useTexts } from './texts';
import { Waiting } from './Waiting';

const ways = ['note', 'call', 'email', 'chat', 'meeting', 'task'] as const;
type Way = (typeof ways)[number];
const channelOf: Partial<Record<Way, string>> = {
  call: 'phone',
  email: 'email',
  chat: 'chat',
  meeting: 'in_person',
};

/** What is written down is about this customer, and about a deal or a ticket of theirs. */
export interface About {
  customer: string;
  deal?: string;
  ticket?: string;
}

interface Draft {
  text: string;
  subject: string;
  direction: string;
  due: string;
}
const empty: Draft = { text: '', subject: '', direction: 'outbound', due: '' };

/** What was begun on a page and not sent yet is there when somebody comes back, by the record's id. */
const kept = new Map<string, { way: Way; draft: Draft }>();

function bodyOf(way: Way, about: About, draft: Draft): { path: string; body: Record<string, unknown> } {
  if (way === 'task')
    return {
      path: 'tasks',
      body: {
        ...about,
        title: draft.text.trim(),
        ...(draft.due ? { due_at: new Date(draft.due).toISOString() } : {}),
      },
    };
  return {
    path: 'interactions',
    body: {
      ...about,
      type: way,
      text: draft.text.trim(),
      occurred_at: new Date().toISOString(),
      ...(draft.subject.trim() ? { subject: draft.subject.trim() } : {}),
      ...(channelOf[way] ? { channel: channelOf[way], direction: draft.direction } : {}),
    },
  };
}

interface ComposerProps {
  /** Whose page it is. */
  kind: Kind;
  row: Row;
  about: About;
}

export function Composer({ kind, row, about }: ComposerProps) {
  const t = useTexts();
  const may = useMay();
  const mayWith = useMayWith();
  const book = useKinds();
  const client = useQueryClient();
  const [wanted, setWay] = useState<Way>(kept.get(row.id)?.way ?? 'note');
  const [draft, setDraft] = useState(kept.get(row.id)?.draft ?? empty);
  const [isBusy, setBusy] = useState(false);
  const interactions = book.byPlural('interactions');
  // A task is one's own; what was said belongs to whose the customer is.
  const offered = ways.filter((one) =>
    one === 'task'
      ? may('create', 'task')
      : interactions !== undefined && mayWith('create', interactions, about),
  );
  const way = offered.find((one) => one === wanted) ?? offered[0];
  useEffect(() => {
    if (way && (draft.text || draft.subject)) kept.set(row.id, { way, draft });
    else kept.delete(row.id);
  }, [row.id, way, draft]);
  if (!way) return null;
  const put = (what: Partial<Draft>) => setDraft((now) => ({ ...now, ...what }));
  const send = async () => {
    if (!draft.text.trim() || isBusy) return;
    const { path, body } = bodyOf(way, about, draft);
    setBusy(true);
    try {
      await act(client, {
        method: 'POST',
        path,
        body,
        label: `${t(way)}: ${nameOf(kind, row)}`,
        done: t('logged'),
        undo: false,
      });
      setDraft(empty);
      void client.invalidateQueries({ queryKey: ['timeline', about.customer] });
    } catch {
      // What was typed stays; the reason is on the screen.
    } finally {
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };
  return (
    <>
      <div className={classes.composer}>
        <fieldset className={classes.ways} aria-label={t('kindOfEntry')}>
          {offered.map((one) => (
            <Button
              key={one}
              size="compact-sm"
              variant={one === way ? 'light' : 'subtle'}
              color={one === way ? 'indigo' : 'gray'}
              aria-pressed={one === way}
              onClick={() => setWay(one)}
            >
              {t(one)}
            </Button>
          ))}
        </fieldset>
        {(way === 'email' || way === 'meeting') && (
          <TextInput
            aria-label={t('subject')}
            placeholder={t('subject')}
            value={draft.subject}
            onChange={(event) => put({ subject: event.currentTarget.value })}
          />
        )}
        <Textarea
          autosize
          minRows={2}
          maxRows={12}
          aria-label={t(way === 'task' ? 'whatTask' : 'what')}
          placeholder={t(way === 'task' ? 'whatTask' : 'what')}
          value={draft.text}
          onChange={(event) => put({ text: event.currentTarget.value })}
          onKeyDown={onKeyDown}
        />
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            {channelOf[way] && (
              <Select
                w={170}
                aria-label={t('direction')}
                allowDeselect={false}
                value={draft.direction}
                onChange={(direction) => put({ direction: direction ?? 'outbound' })}
                data={[
                  { value: 'outbound', label: t('outbound') },
                  { value: 'inbound', label: t('inbound') },
                ]}
              />
            )}
            {way === 'task' && (
              <TextInput
                type="datetime-local"
                aria-label={t('due')}
                value={draft.due}
                onChange={(event) => put({ due: event.currentTarget.value })}
              />
            )}
          </Group>
          <Button onClick={() => void send()} loading={isBusy} disabled={!draft.text.trim()}>
            {t(way === 'task' ? 'add' : 'log')}
          </Button>
        </Group>
      </div>
      <Waiting about={about} />
    </>
  );
}
