// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Group, Paper, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { IconMessage, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { act } from '@/api/act';
import { allQuery, type Row } from '@/api/records';
import { useUserId } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { nameOf, useName } from '@/kind/field/Reference';
import { useChoices } from '@/kind/field/ReferenceInput';
import { Empty } from '@/ui/Empty';
import { formatAgo, formatInstantLong, useForms } from '@/ui/format';
import { Face } from '@/ui/light';
import classes from './Comments.module.css';
import { mentionAt, mentioned, withMention } from './mention';
import { useTexts } from './pageTexts';
import { texts } from './texts';

interface Comment extends Row {
  text?: string;
  author?: string;
  edited_at?: string;
}

const commentsQuery = (id: string) => allQuery('comments', { filter: `record = "${id}"` });

function Item({ comment }: { comment: Comment }) {
  const t = useTexts();
  useForms();
  const client = useQueryClient();
  const user = useUserId();
  const name = useName('users', comment.author) ?? 'Liaison';
  const remove = () =>
    void act(client, {
      method: 'DELETE',
      path: `comments/${comment.id}`,
      label: t('remove'),
      record: { plural: 'comments', id: comment.id },
      undo: true,
      done: t('removed'),
    })
      .then(() => client.invalidateQueries({ queryKey: ['all', 'comments'] }))
      .catch(() => undefined);
  return (
    <Group align="flex-start" wrap="nowrap" gap="sm" className={classes.item}>
      <Face name={name} size={26} />
      <div className={classes.body}>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          {comment.created_at && (
            <Tooltip label={formatInstantLong(comment.created_at)}>
              <Text size="xs" c="dimmed">
                {formatAgo(comment.created_at)}
                {comment.edited_at && `, ${t('edited')}`}
              </Text>
            </Tooltip>
          )}
        </Group>
        <div className={classes.text}>{comment.text}</div>
      </div>
      {comment.author === user && (
        <ActionIcon size={24} aria-label={t('remove')} onClick={remove}>
          <IconX size={13} />
        </ActionIcon>
      )}
    </Group>
  );
}

function People({ name, pick }: { name: string; pick: (id: string, label: string) => void }) {
  const t = useTexts();
  const { choices } = useChoices('users', name);
  const fitting = choices.filter((one) => one.label.toLowerCase().includes(name.toLowerCase())).slice(0, 6);
  if (!fitting.length) return null;
  return (
    <Paper withBorder shadow="md" className={classes.people} role="listbox" aria-label={t('mention')}>
      {fitting.map((one) => (
        <button
          key={one.value}
          type="button"
          role="option"
          aria-selected={false}
          className={classes.person}
          // The text keeps the caret.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => pick(one.value, one.label)}
        >
          <Face name={one.label} size={20} />
          {one.label}
        </button>
      ))}
    </Paper>
  );
}

/** A text with mentions, and what is done with it. */
export function Composer({ kind, row }: PanelProps) {
  const t = useTexts();
  const client = useQueryClient();
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const [picked, setPicked] = useState<{ id: string; name: string }[]>([]);
  const mention = mentionAt(text, caret);
  const send = async () => {
    const said = text.trim();
    if (!said) return;
    const mentions = mentioned(said, picked);
    setText('');
    try {
      await act(client, {
        method: 'POST',
        path: 'comments',
        body: { of: kind.plural, record: row.id, text: said, ...(mentions.length ? { mentions } : {}) },
        label: `${texts('title')}: ${nameOf(kind, row)}`,
        done: null,
      });
      await client.invalidateQueries({ queryKey: ['all', 'comments'] });
    } catch {
      setText(said);
    }
  };
  const pick = (id: string, name: string) => {
    if (!mention) return;
    const next = withMention(text, mention.from, caret, name);
    setText(next.text);
    setCaret(next.caret);
    setPicked([...picked, { id, name }]);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.caret, next.caret);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <div className={classes.composer}>
      <Textarea
        ref={input}
        variant="unstyled"
        autosize
        minRows={2}
        maxRows={10}
        aria-label={t('write')}
        placeholder={t('write')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
      />
      {mention && <People name={mention.name} pick={pick} />}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t('hint')}
        </Text>
        <Button size="compact-sm" disabled={!text.trim()} onClick={() => void send()}>
          {t('send')}
        </Button>
      </Group>
    </div>
  );
}

export default function Comments({ kind, row }: PanelProps) {
  const t = useTexts();
  const { data } = useQuery(commentsQuery(row.id));
  const comments = ([...(data ?? [])] as Comment[]).reverse();
  return (
    <Stack gap="sm">
      <Composer kind={kind} row={row} />
      {data && !comments.length && <Empty icon={IconMessage} title={t('empty')} hint={t('emptyHint')} />}
      {comments.map((comment) => (
        <Item key={comment.id} comment={comment} />
      ))}
    </Stack>
  );
}
