// SPDX-License-Identifier: Apache-2.0
import {
  Button,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { act } from '@/api/act';
import { useKinds } from '@/api/kinds';
import { inWords } from '@/api/problem';
import type { Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { useTexts } from './pageTexts';
import { bodyOf, type Draft, emptyDraft } from './wants';

interface WantsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: string | undefined;
}

function Wants({ draft, set, error }: WantsProps) {
  const t = useTexts();
  const { pluralText, labelText } = useSchemaTexts();
  const { kinds, facts } = useKinds();
  return (
    <>
      <MultiSelect
        label={t('kinds')}
        description={t('kindsHint')}
        data={kinds.map((kind) => ({ value: kind.plural, label: pluralText(kind.plural) }))}
        value={draft.kinds}
        onChange={(next) => set({ kinds: next })}
        searchable
      />
      <Select
        label={t('fact')}
        data={facts.map((fact) => ({ value: fact.name, label: labelText(fact.label ?? fact.name) }))}
        value={draft.fact || null}
        onChange={(fact) => set({ fact: fact ?? '' })}
        searchable
        clearable
      />
      <TextInput
        label={t('topic')}
        description={t('topicHint')}
        value={draft.topic}
        onChange={(event) => set({ topic: event.currentTarget.value })}
      />
      <Textarea
        label={t('filter')}
        description={t('filterHint')}
        value={draft.filter}
        error={error}
        autosize
        minRows={2}
        onChange={(event) => set({ filter: event.currentTarget.value })}
      />
    </>
  );
}

export default function NewWebhook({ onClose }: { onClose: () => void }) {
  const t = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const made = await act<Row>(client, {
        method: 'POST',
        path: 'webhooks',
        body: bodyOf(draft),
        label: t('add'),
        done: t('made'),
        quiet: true,
      });
      await client.invalidateQueries({ queryKey: ['all', 'webhooks'] });
      if (made) await navigate({ to: `/webhooks/${made.id}` });
      onClose();
    } catch (failure) {
      setError(inWords(failure));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('add')} size={560}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <TextInput
            label={t('name')}
            required
            data-autofocus
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t('url')}
            type="url"
            required
            value={draft.url}
            onChange={(event) => set({ url: event.currentTarget.value })}
          />
          <Wants draft={draft} set={set} error={error} />
          <NumberInput
            label={t('parallel')}
            description={t('parallelHint')}
            min={1}
            max={16}
            value={draft.parallel}
            onChange={(next) => set({ parallel: Number(next) || 1 })}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
