// SPDX-License-Identifier: Apache-2.0
// How pages of a kind's records are laid out: edited at the left, as it will be at the right.
import { Badge, Button, Group, Text, Title } from '@mantine/core';
import { IconLayoutList, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act } from '@/api/act';
import { fieldOf, type Kind } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { useActions } from '@/app/useActions';
import { labelOf, shapeOf } from '@/kind/field/shape';
import { arrange } from '@/kind/record/arrange';
import { LaidOut } from '@/kind/record/Laid';
import { type LayoutRow, layoutOf } from '@/kind/record/layout';
import { useTexts as useKindTexts } from '@/kind/texts';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { useUnsaved } from '@/ui/unsaved';
import { addTab, type Draft, draftOf, isWhole, mostTabs, planOf, restOf } from './arrangement';
import classes from './Layout.module.css';
import { FieldList, TabPart } from './LayoutParts';
import { useTexts } from './layoutTexts';

/** Whatever a page can show. */
const fieldsOf = (kind: Kind) =>
  kind.fields.filter((field) => field.name !== 'archived' && shapeOf(field) !== 'id');

/** Sends a draft, or that there is to be no layout. False: it was not taken, and why is said. */
function useSend(kind: Kind) {
  const t = useTexts();
  const client = useQueryClient();
  const { pluralText } = useSchemaTexts();
  return (row: LayoutRow | undefined, version: string | undefined, draft: Draft | null): Promise<boolean> =>
    act(client, {
      method: row ? 'PATCH' : 'POST',
      path: row ? `page_layouts/${row.id}` : 'page_layouts',
      body: { ...(row ? {} : { of: kind.plural }), plan: draft && planOf(draft) },
      ...(row && version ? { headers: { 'If-Match': `"${version}"` } } : {}),
      label: t('layoutOf', { name: pluralText(kind.plural) }),
      done: t(draft ? 'saved' : 'wasReset'),
      ...(row ? { record: { plural: 'page_layouts', id: row.id }, undo: true } : {}),
    })
      .then(() => client.invalidateQueries({ queryKey: ['all', 'page_layouts'] }))
      .then(() => true)
      .catch(() => false);
}

function Preview({ kind, draft }: { kind: Kind; draft: Draft }) {
  const t = useTexts();
  const kindTexts = useKindTexts();
  const { labelText } = useSchemaTexts();
  const tabs = arrange(
    planOf(draft),
    fieldsOf(kind),
    (field) => field.name !== kind.title,
    kindTexts('more'),
  );
  return (
    <section className={classes.preview} aria-label={t('preview')}>
      <Title order={3} mb="sm">
        {t('preview')}
      </Title>
      <LaidOut
        tabs={tabs}
        inside={(block) =>
          block.fields.map((field) => (
            <div key={field.name} className={classes.sample}>
              <span>{labelText(labelOf(field))}</span>
              <span className={classes.value} aria-hidden />
            </div>
          ))
        }
      />
    </section>
  );
}

export default function Layout({ kind }: { kind: Kind }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const send = useSend(kind);
  const { data: rows } = useQuery(allQuery('page_layouts'));
  const [touched, setTouched] = useState<{ draft: Draft; version: string | undefined }>();
  const guard = useUnsaved(touched !== undefined);
  const row = rows && layoutOf(rows, kind.plural);
  const save = (what: Draft | null) =>
    void send(row, touched ? touched.version : row?.version, what).then((ok) => ok && setTouched(undefined));
  const saveDraft =
    touched && isWhole(touched.draft) ? () => save(touched.draft.length ? touched.draft : null) : undefined;
  useActions({ 'form.save': saveDraft });
  if (!rows) return null;
  const names = fieldsOf(kind).map((field) => field.name);
  const draft = touched?.draft ?? draftOf(row?.plan, names);
  const change = (next: Draft) =>
    setTouched({ draft: next, version: touched ? touched.version : row?.version });
  if (draft.length === 0 && !touched)
    return (
      <Empty icon={IconLayoutList} title={t('none')} hint={t('noneHint')}>
        <Button onClick={() => change(addTab([], t('firstTab')))}>{t('begin')}</Button>
      </Empty>
    );
  const labelFor = (name: string) => {
    const field = fieldOf(kind, name);
    return field ? labelText(labelOf(field)) : name;
  };
  const editing = { draft, onChange: change, labelOf: labelFor };
  return (
    <>
      {guard.question}
      <Group justify="space-between" mb="md">
        <Text size="sm" c="dimmed" className={classes.hint}>
          {t('hint')}
        </Text>
        <Group gap="xs">
          {touched && <Badge color="yellow">{t('unsaved')}</Badge>}
          {touched ? (
            <Button variant="default" onClick={() => setTouched(undefined)}>
              {t('discard')}
            </Button>
          ) : (
            <Button variant="default" onClick={() => save(null)}>
              {t('reset')}
            </Button>
          )}
          <Button disabled={!saveDraft} onClick={saveDraft}>
            {t('save')}
          </Button>
        </Group>
      </Group>
      <div className={classes.two}>
        <div className={classes.editor}>
          {draft.map((tab, at) => (
            <TabPart key={tab.key} tab={tab} number={at + 1} {...editing} />
          ))}
          <Button
            variant="default"
            w="fit-content"
            leftSection={<IconPlus size={14} />}
            disabled={draft.length >= mostTabs}
            onClick={() => change(addTab(draft, t('newTab', { number: draft.length + 1 })))}
          >
            {t('addTab')}
          </Button>
          <section className={classes.tab} aria-label={t('rest')}>
            <div>
              <Text fw={600} size="sm">
                {t('rest')}
              </Text>
              <Text size="xs" c="dimmed">
                {t('restHint')}
              </Text>
            </div>
            <FieldList names={restOf(draft, names)} label={t('rest')} {...editing} />
          </section>
        </div>
        <Preview kind={kind} draft={draft} />
      </div>
    </>
  );
}
