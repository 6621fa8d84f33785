// SPDX-License-Identifier: Apache-2.0
// What comes next: the deal's open tasks, the first one before all others; done with one press.
import { ActionIcon, Button, Group, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconCircle, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { act, change } from '@/api/act';
import { useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { useMay, useMayWith, useUserId } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { Reference } from '@/kind/field/Reference';
import { usePast } from '@/kind/past/moment';
import { formatAgo, formatInstant, useForms } from '@/ui/format';
import { say } from '@/ui/toast';
import classes from './Deal.module.css';
import { type Deal, openFirst, type Task } from './deal';
import { usePageTexts } from './pageTexts';

function useTasks(deal: Deal) {
  const past = usePast();
  const question = {
    ...(deal.customer ? { customer: deal.customer } : {}),
    filter: `deal = "${deal.id}"`,
    ...(past ? { as_of: past.at } : {}),
  };
  const { data } = useQuery(allQuery('tasks', question, 200));
  return openFirst((data ?? []) as Task[]);
}

function OneTask({ task, isNext }: { task: Task; isNext: boolean }) {
  const t = usePageTexts();
  const client = useQueryClient();
  const kind = useKinds().byPlural('tasks');
  const may = useMayWith();
  const past = usePast();
  const title = task.title ?? '';
  const finish = () =>
    void act(client, {
      method: 'POST',
      path: `tasks/${task.id}:complete`,
      body: {},
      label: t('markDone', { task: title }),
      record: { plural: 'tasks', id: task.id, patch: { state: 'done' } },
      done: null,
    })
      .then((answer) => {
        if (!answer) return;
        const undo = () =>
          void change(client, 'tasks', task, { state: 'open' }, title).catch(() => undefined);
        say(t('finished', { task: title }), { action: { label: t('undo'), run: undo } });
      })
      .catch(() => undefined);
  const isLate = task.due_at !== undefined && Date.parse(task.due_at) < Date.now();
  return (
    <li className={classes.task} data-next={isNext || undefined}>
      {kind && may('change', kind, task) && !past && (
        <ActionIcon size={24} aria-label={t('markDone', { task: title })} onClick={finish}>
          <IconCircle size={16} />
        </ActionIcon>
      )}
      <div className={classes.what}>
        <Link to={`/tasks/${task.id}`} className={classes.link}>
          {title}
        </Link>
        <Group gap={6} wrap="nowrap">
          {task.due_at && (
            <Tooltip label={formatInstant(task.due_at)}>
              <Text size="xs" c={isLate ? 'red' : 'dimmed'}>
                {formatAgo(task.due_at)}
              </Text>
            </Tooltip>
          )}
          {typeof task.owner === 'string' && <Reference plural="users" id={task.owner} plain />}
        </Group>
      </div>
    </li>
  );
}

function NewTask({ deal }: { deal: Deal }) {
  const t = usePageTexts();
  const client = useQueryClient();
  const user = useUserId();
  const [title, setTitle] = useState('');
  const [due, setDue] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim()) return;
    const body = {
      title: title.trim(),
      deal: deal.id,
      ...(deal.customer ? { customer: deal.customer } : {}),
      ...(user ? { owner: user } : {}),
      ...(due ? { due_at: new Date(`${due}T09:00`).toISOString() } : {}),
    };
    void act(client, { method: 'POST', path: 'tasks', body, label: body.title, undo: false })
      .then(() => {
        setTitle('');
        setDue('');
        return client.invalidateQueries({ queryKey: ['all', 'tasks'] });
      })
      .catch(() => undefined);
  };
  return (
    <form onSubmit={add}>
      <TextInput
        aria-label={t('addStep')}
        placeholder={t('addStep')}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      {title && (
        <Group gap={6} mt={6} wrap="nowrap">
          <TextInput
            type="date"
            flex={1}
            aria-label={t('due')}
            value={due}
            onChange={(event) => setDue(event.currentTarget.value)}
          />
          <Button type="submit" leftSection={<IconPlus size={14} />}>
            {t('add')}
          </Button>
        </Group>
      )}
    </form>
  );
}

const SHOWN = 5;

export default function Steps({ row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const may = useMay();
  const past = usePast();
  const [hasAll, setAll] = useState(false);
  const deal = row as Deal;
  const open = useTasks(deal);
  if (!may('read', 'task')) return null;
  const shown = hasAll ? open : open.slice(0, SHOWN);
  return (
    <section className={classes.card} aria-label={t('steps')}>
      <Text fw={600} size="sm" mb={6}>
        {t('steps')}
      </Text>
      <Stack gap={8}>
        {open.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noStep')}
          </Text>
        )}
        <ol className={classes.tasks}>
          {shown.map((task, index) => (
            <OneTask key={task.id} task={task} isNext={index === 0} />
          ))}
        </ol>
        {open.length > shown.length && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAll(true)}>
            {t('later', { count: open.length - shown.length })}
          </Button>
        )}
        {may('create', 'task') && !past && <NewTask deal={deal} />}
      </Stack>
    </section>
  );
}
