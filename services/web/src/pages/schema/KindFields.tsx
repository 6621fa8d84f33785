// SPDX-License-Identifier: Apache-2.0
// What a kind holds: the fields that were added to it, and those that are always there.
import { ActionIcon, Anchor, Badge, Button, Group, Menu, Tabs, Text, Title } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots, IconForms, IconPencil, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { act, change } from '@/api/act';
import { type Field, type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { later } from '@/app/offline/later';
import { labelOf, type Shape, shapeOf } from '@/kind/field/shape';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { type FieldDefinition, inOrder, type KindDefinition, positionsAfter } from './definition';
import { useTexts } from './pageTexts';
import classes from './Schema.module.css';

const FieldForm = later(() => import('./FieldForm'));
const KindForm = later(() => import('./KindForm'));
const Layout = later(() => import('./Layout'));

/** Retires a definition, or takes it back. */
export function useRetire() {
  const t = useTexts();
  const client = useQueryClient();
  return (
    plural: 'custom_fields' | 'custom_kinds',
    one: { id: string; label?: string; archived?: boolean },
  ) => {
    const name = one.label ?? '';
    const label = t(one.archived ? 'restore' : 'retire');
    void act(client, {
      method: one.archived ? 'POST' : 'DELETE',
      path: one.archived ? `${plural}/${one.id}:restore` : `${plural}/${one.id}`,
      ...(one.archived ? { body: {} } : {}),
      label: `${label}: ${name}`,
      record: { plural, id: one.id },
      undo: true,
      done: t(one.archived ? 'wasRestored' : 'wasRetired', { name }),
    })
      .then(() => client.invalidateQueries({ queryKey: ['all', plural] }))
      .then(() => client.invalidateQueries({ queryKey: ['kinds'] }))
      .catch(() => undefined);
  };
}

function Flags({
  field,
}: {
  field: Pick<FieldDefinition, 'required' | 'searchable' | 'indexed' | 'unique' | 'personal'>;
}) {
  const t = useTexts();
  const set = (['required', 'searchable', 'indexed', 'unique', 'personal'] as const).filter(
    (flag) => field[flag],
  );
  return set.map((flag) => (
    <Badge key={flag} color="gray" visibleFrom="sm">
      {t(flag)}
    </Badge>
  ));
}

interface AddedProps {
  field: FieldDefinition;
  /** Its index is being made. */
  isIndexing?: boolean;
  onEdit: () => void;
  onUp?: (() => void) | undefined;
  onDown?: (() => void) | undefined;
}

function Added({ field, isIndexing, onEdit, onUp, onDown }: AddedProps) {
  const t = useTexts();
  const retire = useRetire();
  const problem = useKinds().problems.get(field.id);
  const name = field.label ?? field.name ?? '';
  const type = field.type === 'reference' ? 'referenceType' : (field.type as 'text');
  return (
    <li className={`${classes.field} ${field.archived ? classes.retired : ''}`}>
      <div className={classes.words}>
        <Text fw={600} size="sm">
          {name}
        </Text>
        <div className={classes.name}>
          {field.name} · {t(type)}
        </div>
        {problem && (
          <Text size="sm" c="var(--mantine-color-error)">
            {t('problem', { why: problem })}
          </Text>
        )}
      </div>
      {isIndexing && <Badge color="blue">{t('indexing')}</Badge>}
      {field.archived ? <Badge color="gray">{t('retired')}</Badge> : <Flags field={field} />}
      <Group gap={2} wrap="nowrap">
        {!field.archived && (
          <>
            <ActionIcon aria-label={t('up', { name })} disabled={!onUp} onClick={onUp}>
              <IconArrowUp size={15} />
            </ActionIcon>
            <ActionIcon aria-label={t('down', { name })} disabled={!onDown} onClick={onDown}>
              <IconArrowDown size={15} />
            </ActionIcon>
            <ActionIcon aria-label={`${t('edit')}: ${name}`} onClick={onEdit}>
              <IconPencil size={15} />
            </ActionIcon>
          </>
        )}
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={`${t(field.archived ? 'restore' : 'retire')}: ${name}`}
          onClick={() => retire('custom_fields', field)}
        >
          {t(field.archived ? 'restore' : 'retire')}
        </Button>
      </Group>
    </li>
  );
}

const shapeText = {
  text: 'text',
  paragraphs: 'long_text',
  email: 'email',
  phone: 'phone',
  url: 'url',
  bool: 'yes_no',
  number: 'number',
  decimal: 'decimal',
  percent: 'percent',
  measure: 'number',
  enum: 'choice',
  instant: 'date_time',
  date: 'date',
  duration: 'duration',
  money: 'money',
  reference: 'referenceType',
  country: 'country',
  currency: 'currency',
  language: 'language',
  kind: 'kindType',
  id: 'idType',
  object: 'object',
  set: 'set',
} as const satisfies Record<Shape, string>;

function Given({ field }: { field: Field }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  return (
    <li className={classes.field}>
      <div className={classes.words}>
        <Text size="sm">{labelText(labelOf(field))}</Text>
        <div className={classes.name}>
          {field.name} · {t(shapeText[shapeOf(field)])}
        </div>
      </div>
      <Flags field={field} />
    </li>
  );
}

interface KindFieldsProps {
  kind: Kind;
  definition: KindDefinition | undefined;
  fields: FieldDefinition[];
  place: 'fields' | 'layout';
  onPlace: (place: 'fields' | 'layout') => void;
}

export function KindFields({ kind, definition, fields, place, onPlace }: KindFieldsProps) {
  const t = useTexts();
  const client = useQueryClient();
  const retire = useRetire();
  const { pluralText } = useSchemaTexts();
  const [edited, setEdited] = useState<FieldDefinition | 'new'>();
  const [isRenaming, setRenaming] = useState(false);
  const added = inOrder(fields.filter((field) => !field.archived));
  const retired = inOrder(fields.filter((field) => field.archived));
  const names = new Set(fields.map((field) => field.name));
  const given = kind.fields.filter((field) => !names.has(field.name) && field.name !== 'archived');
  const move = (at: number, by: -1 | 1) => {
    for (const { id, position } of positionsAfter(added, at, by)) {
      const field = added.find((one) => one.id === id);
      if (field)
        void change(client, 'custom_fields', field as unknown as Row, { position }, field.label ?? '', {
          done: null,
        }).catch(() => undefined);
    }
  };
  const lists = (
    <>
      {kind.extensible && (
        <Title order={3} mb="xs">
          {t('added')}
        </Title>
      )}
      {!kind.extensible ? (
        <Text size="sm" c="dimmed" mb="md">
          {t('fixedHint')}
        </Text>
      ) : added.length + retired.length === 0 ? (
        <Empty icon={IconForms} title={t('noFields')} hint={t('noFieldsHint')} />
      ) : (
        <ul className={classes.list} aria-label={t('added')}>
          {added.map((field, at) => (
            <Added
              key={field.id}
              field={field}
              isIndexing={kind.fields.some((one) => one.definition === field.id && one.indexing)}
              onEdit={() => setEdited(field)}
              onUp={at > 0 ? () => move(at, -1) : undefined}
              onDown={at < added.length - 1 ? () => move(at, 1) : undefined}
            />
          ))}
          {retired.map((field) => (
            <Added key={field.id} field={field} onEdit={() => setEdited(field)} />
          ))}
        </ul>
      )}
      <Title order={3} mb="xs">
        {t('given')}
      </Title>
      <ul className={classes.list} aria-label={t('given')}>
        {given.map((field) => (
          <Given key={field.name} field={field} />
        ))}
      </ul>
    </>
  );
  return (
    <div className={classes.fields}>
      <Group justify="space-between" mb="md">
        <Group gap="sm">
          <Title order={2}>{definition ? kind.label : pluralText(kind.plural)}</Title>
          <Anchor component={Link} to={`/${kind.plural}`} size="sm">
            {t('openList')}
          </Anchor>
        </Group>
        <Group gap="xs">
          {definition && (
            <Menu>
              <Menu.Target>
                <ActionIcon aria-label={t('editKind', { name: kind.label })}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setRenaming(true)}>{t('edit')}</Menu.Item>
                <Menu.Item onClick={() => retire('custom_kinds', definition)}>{t('retire')}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
          {kind.extensible && (
            <Button leftSection={<IconPlus size={14} />} onClick={() => setEdited('new')}>
              {t('newField')}
            </Button>
          )}
        </Group>
      </Group>
      {definition?.help && (
        <Text size="sm" c="dimmed" mb="sm">
          {definition.help}
        </Text>
      )}
      <Tabs value={place} onChange={(next) => onPlace(next === 'layout' ? 'layout' : 'fields')} mb="md">
        <Tabs.List>
          <Tabs.Tab value="fields">{t('fieldsTab')}</Tabs.Tab>
          <Tabs.Tab value="layout">{t('layoutTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fields" pt="md">
          {place === 'fields' && lists}
        </Tabs.Panel>
        <Tabs.Panel value="layout" pt="md">
          {place === 'layout' && (
            <Suspense>
              <Layout kind={kind} />
            </Suspense>
          )}
        </Tabs.Panel>
      </Tabs>
      <Suspense>
        {edited && (
          <FieldForm
            kind={kind}
            field={edited === 'new' ? undefined : edited}
            position={added.length + 1}
            onClose={() => setEdited(undefined)}
          />
        )}
        {isRenaming && definition && (
          <KindForm kind={definition} onClose={() => setRenaming(false)} onMade={() => undefined} />
        )}
      </Suspense>
    </div>
  );
}
