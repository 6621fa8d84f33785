// SPDX-License-Identifier: Apache-2.0
// Records of other kinds that refer to this one.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { type Field, type Kind, useKinds } from '@/api/kinds';
import { allQuery, type ListQuestion, type Row } from '@/api/records';
import { useMay } from '@/api/session';
import { later } from '@/app/offline/later';
import { useSchemaTexts } from '@/texts/schema';
import { nameOf } from '../field/Reference';
import { defaultColumns, listFields, shapeOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import { usePast } from '../past/moment';
import { useTexts } from '../texts';
import classes from './Related.module.css';

const CreateForm = later(() => import('../form/CreateForm'));

const MOST = 20;

/** One line for a record: its name, or what it is about when it has none, and two things that tell most. */
export function RecordLine({ kind, row, without = [] }: { kind: Kind; row: Row; without?: string[] }) {
  const columns = defaultColumns(kind).filter(
    (name) => name !== kind.title && !without.includes(name) && !isEmpty(row[name]),
  );
  const told = columns.flatMap((name) => listFields(kind).filter((field) => field.name === name));
  const about = kind.title ? undefined : told.find((field) => shapeOf(field) === 'reference');
  const fields = told.filter((field) => field !== about).slice(0, 2);
  return (
    <Link to={`/${kind.plural}/${row.id}`} className={classes.line}>
      <span className={classes.name}>
        {about ? <Value field={about} value={row[about.name]} plain /> : nameOf(kind, row)}
      </span>
      {fields.map((field) => (
        <span key={field.name} className={classes.value}>
          <Value field={field} value={row[field.name]} plain />
        </span>
      ))}
    </Link>
  );
}

interface RelatedKindProps {
  kind: Kind;
  field: Field;
  id: string;
  /** Shown also when there is none, with the way to make one. */
  always?: boolean;
  title?: string;
  /** Those who name it in a part of the field instead: "affiliations.organization". */
  path?: string;
}

export function RelatedKind({ kind, field, id, always = false, title, path }: RelatedKindProps) {
  const t = useTexts();
  const { innerLabel, pluralText } = useSchemaTexts();
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  const past = usePast();
  const question: ListQuestion = {
    ...(field.name === kind.customer ? { customer: id } : { filter: `${path ?? field.name} = "${id}"` }),
    ...(past ? { as_of: past.at } : {}),
  };
  const { data } = useQuery(allQuery(kind.plural, { ...question, page_size: MOST }, MOST));
  const rows = data ?? [];
  const canMake = !path && !past && !kind.internal && !field.read_only && may('create', kind.name);
  if (!rows.length && !(always && canMake)) return null;
  const label = title ?? pluralText(kind.plural);
  return (
    <section className={classes.card} aria-label={label}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap={6}>
          <Text fw={600} size="sm">
            {label}
          </Text>
          {rows.length > 0 && (
            <Badge color="gray" size="sm">
              {rows.length >= MOST ? `${MOST}+` : rows.length}
            </Badge>
          )}
        </Group>
        {canMake && (
          <Button
            variant="subtle"
            size="compact-xs"
            mih={24}
            aria-label={t('newOf', { kind: innerLabel(kind.label) })}
            onClick={() => setMaking(true)}
          >
            <IconPlus size={14} />
          </Button>
        )}
      </Group>
      <Stack gap={0}>
        {rows.slice(0, 8).map((row) => (
          <RecordLine key={row.id} kind={kind} row={row} without={[field.name]} />
        ))}
      </Stack>
      {isMaking && (
        <Suspense>
          <CreateForm
            kind={kind}
            given={{ [field.name]: field.repeated ? [id] : id }}
            onClose={() => setMaking(false)}
            onMade={() => undefined}
          />
        </Suspense>
      )}
    </section>
  );
}

/** All kinds that refer to this one, those of the schema and those that were added. */
export function Related({ kind, id, without = [] }: { kind: Kind; id: string; without?: string[] }) {
  const book = useKinds();
  const may = useMay();
  const referring = book
    .referringTo(kind.plural)
    .filter(
      ({ kind: other, field }) =>
        !other.in_log &&
        !without.includes(other.plural) &&
        may('read', other.name) &&
        (field.indexed || field.name === other.customer),
    );
  return (
    <Stack gap="sm">
      {referring.map(({ kind: other, field }) => (
        <RelatedKind key={`${other.plural}.${field.name}`} kind={other} field={field} id={id} />
      ))}
    </Stack>
  );
}
