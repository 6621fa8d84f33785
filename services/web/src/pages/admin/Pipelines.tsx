// SPDX-License-Identifier: Apache-2.0
// The stages that deals go through, in their order, each with its chance.
import { ActionIcon, Badge, Button, Group, NumberInput, Text, TextInput, Title } from '@mantine/core';
import { IconArrowDown, IconArrowGuide, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, change } from '@/api/act';
import { useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import { useMay } from '@/api/session';
import { choiceText, optionsOf } from '@/kind/field/choice';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { Page } from '@/ui/Page';
import classes from './Admin.module.css';
import { useTexts } from './pipelinesTexts';
import { inOrder, moved, type Stage, stagesToSend, withStage } from './stages';

interface StageRowsProps {
  stages: Stage[];
  canEdit: boolean;
  onChange: (stages: Stage[]) => void;
}

function StageRows({ stages, canEdit, onChange }: StageRowsProps) {
  const t = useTexts();
  const put = (at: number, some: Partial<Stage>) =>
    onChange(stages.map((stage, index) => (index === at ? { ...stage, ...some } : stage)));
  return (
    <ol className={classes.stages}>
      {stages.map((stage, at) => {
        const number = at + 1;
        const name = stage.name || String(number);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stage that is being named has no name to go by
          <li key={at} className={classes.stage}>
            <Text size="sm" c="dimmed">
              {number}
            </Text>
            <TextInput
              aria-label={t('stage', { number })}
              value={stage.name}
              disabled={!canEdit}
              onChange={(event) => put(at, { name: event.currentTarget.value })}
            />
            <NumberInput
              aria-label={t('probability', { number })}
              min={0}
              max={100}
              suffix=" %"
              allowDecimal={false}
              disabled={!canEdit}
              value={stage.probability ?? 0}
              onChange={(next) => put(at, { probability: Number(next) || 0 })}
            />
            <Group gap={0} wrap="nowrap">
              <ActionIcon
                aria-label={t('up', { name })}
                disabled={!canEdit || at === 0}
                onClick={() => onChange(moved(stages, at, -1))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                aria-label={t('down', { name })}
                disabled={!canEdit || at === stages.length - 1}
                onClick={() => onChange(moved(stages, at, 1))}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
              <ActionIcon
                aria-label={t('remove', { name })}
                disabled={!canEdit}
                onClick={() => onChange(stages.filter((_, index) => index !== at))}
              >
                <IconX size={14} />
              </ActionIcon>
            </Group>
          </li>
        );
      })}
    </ol>
  );
}

function Pipeline({ row }: { row: Row }) {
  const t = useTexts();
  const client = useQueryClient();
  const canEdit = useMay()('change', 'pipeline');
  const [draft, setDraft] = useState<Stage[]>();
  const [isBusy, setBusy] = useState(false);
  const saved = inOrder((row.stages as Stage[] | undefined) ?? []);
  const stages = draft ?? saved;
  const name = String(row.name ?? '');
  const save = async () => {
    setBusy(true);
    try {
      await change(client, 'pipelines', row, { stages: stagesToSend(stages) }, t('stages', { name }));
      setDraft(undefined);
    } catch {
      // Said by the toast; what was typed stays.
    } finally {
      setBusy(false);
    }
  };
  const isGone = draft && saved.some((stage) => !draft.some((one) => one.name === stage.name));
  return (
    <section className={classes.card} aria-label={t('stages', { name })}>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={2}>{name}</Title>
          {row.is_default === true && <Badge color="teal">{t('isDefault')}</Badge>}
        </Group>
        {row.is_default !== true && canEdit && (
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() =>
              void change(client, 'pipelines', row, { is_default: true }, name).catch(() => undefined)
            }
          >
            {t('makeDefault')}
          </Button>
        )}
      </Group>
      <StageRows stages={stages} canEdit={canEdit} onChange={setDraft} />
      {isGone && (
        <Text size="sm" c="dimmed">
          {t('kept')}
        </Text>
      )}
      {canEdit && (
        <Group justify="space-between">
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={13} />}
            onClick={() => setDraft(withStage(stages))}
          >
            {t('addStage')}
          </Button>
          {draft && (
            <Group gap="xs">
              <Button variant="default" onClick={() => setDraft(undefined)}>
                {t('discard')}
              </Button>
              <Button loading={isBusy} onClick={() => void save()}>
                {t('save')}
              </Button>
            </Group>
          )}
        </Group>
      )}
    </section>
  );
}

function Reasons() {
  const t = useTexts();
  useSchemaTexts();
  const field = useKinds()
    .byName('deal')
    ?.fields.find((one) => one.name === 'lost_reason');
  const reasons = field ? optionsOf(field).filter((one) => one.name !== 'none') : [];
  if (!field || reasons.length === 0) return null;
  return (
    <section className={classes.card} aria-label={t('reasons')}>
      <Title order={2}>{t('reasons')}</Title>
      <Text size="sm" c="dimmed">
        {t('reasonsHint')}
      </Text>
      <Group gap={6}>
        {reasons.map((one) => (
          <Badge key={one.name} color="gray">
            {choiceText(field, one.name)}
          </Badge>
        ))}
      </Group>
    </section>
  );
}

const firstStages: Stage[] = [
  { name: 'new', order: 1, probability: 10 },
  { name: 'offer', order: 2, probability: 50 },
];

export default function Pipelines() {
  const t = useTexts();
  const client = useQueryClient();
  const may = useMay();
  const { data, error } = useQuery(allQuery('pipelines'));
  const make = () =>
    void act(client, {
      method: 'POST',
      path: 'pipelines',
      body: { name: `${t('newPipeline')} ${(data?.length ?? 0) + 1}`, stages: firstStages },
      label: t('newPipeline'),
    })
      .then(() => client.invalidateQueries({ queryKey: ['all', 'pipelines'] }))
      .catch(() => undefined);
  return (
    <Page
      title={t('title')}
      actions={
        may('create', 'pipeline') && (
          <Button leftSection={<IconPlus size={14} />} onClick={make}>
            {t('newPipeline')}
          </Button>
        )
      }
    >
      <div className={classes.page}>
        {error && <Failed error={error} />}
        {data?.length === 0 && <Empty icon={IconArrowGuide} title={t('none')} hint={t('noneHint')} />}
        {data?.map((row) => (
          <Pipeline key={row.id} row={row} />
        ))}
        <Reasons />
      </div>
    </Page>
  );
}
