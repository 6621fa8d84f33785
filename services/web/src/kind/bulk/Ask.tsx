// SPDX-License-Identifier: Apache-2.0
// What an offer wants to know before it is done, for one record or for many.
import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Field, type Kind, useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { useWorkspace } from '@/app/workspace';
import { useSchemaTexts } from '@/texts/schema';
import { stageNames } from '../board/columns';
import { stagesOf } from '../board/staged';
import { FieldInput } from '../field/Input';
import { nameOf } from '../field/Reference';
import { labelOf } from '../field/shape';
import { isEmpty, valueAsText } from '../field/Value';
import { askedOf } from '../record/command';
import { offerLabel } from './label';
import { asOffered, type Offer } from './offers';
import { start } from './runs';
import { answered, countOf, type Target } from './store';
import { useTexts } from './texts';

/** What is typed in; a set of texts that is added to begins empty. */
export function fieldsOf(kind: Kind, offer: Offer): Field[] {
  switch (offer.type) {
    case 'field':
    case 'add':
    case 'remove':
      return [offer.field];
    case 'command':
      return askedOf(kind, offer.command);
    case 'give':
      return (offer.command.fields ?? []).filter((field) => field.name !== offer.by);
    default:
      return [];
  }
}

/** Stages of all pipelines, for a command that wants one: nobody knows their names by heart. */
function useStages(kind: Kind): { name: string; stages: string[] } | undefined {
  const book = useKinds();
  const board = stagesOf(kind, (plural) => book.byPlural(plural))[0];
  const { data } = useQuery({ ...allQuery(board?.stages?.plural ?? ''), enabled: !!board?.stages });
  if (!board || !data) return undefined;
  return { name: board.field.name, stages: [...new Set(data.flatMap((one) => stageNames(board, one)))] };
}

interface OneFieldProps {
  kind: Kind;
  field: Field;
  value: unknown;
  isFirst: boolean;
  onChange: (value: unknown) => void;
}

function OneField({ kind, field, value, isFirst, onChange }: OneFieldProps) {
  const { labelText } = useSchemaTexts();
  const known = useStages(kind);
  const label = labelText(labelOf(field));
  if (known && field.name === known.name && !field.reference)
    return (
      <Select
        label={label}
        data={known.stages}
        required={!!field.required}
        data-autofocus={isFirst || undefined}
        value={(value as string | undefined) ?? null}
        onChange={onChange}
      />
    );
  return (
    <FieldInput
      field={field}
      label={label}
      showLabel
      autoFocus={isFirst}
      required={!!field.required}
      value={value}
      onChange={onChange}
    />
  );
}

export function Ask({ target, offer }: { target: Target; offer: Offer }) {
  const t = useTexts();
  const client = useQueryClient();
  useSchemaTexts();
  const { kind } = target;
  const count = countOf(target);
  const only = count === 1 ? target.rows[0] : undefined;
  const { own } = useWorkspace();
  const fields = fieldsOf(kind, offer).map((field) => asOffered(offer, field, own));
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    only && offer.type === 'field' ? { [offer.field.name]: only[offer.field.name] } : {},
  );
  const name = offerLabel(offer);
  const go = () => {
    const said = fields
      .map((field) => valueAsText(field, field.reference ? undefined : values[field.name]))
      .filter(Boolean);
    answered();
    void start(client, { target, label: [name, ...said].join(': '), offer, said: values });
  };
  // What asks nothing of one record is done at once.
  const isPlain = fields.length === 0 && only !== undefined;
  const begun = useRef(false);
  useEffect(() => {
    if (!isPlain || begun.current) return;
    begun.current = true;
    go();
  });
  if (isPlain) return null;
  const isMissing = fields.some(
    (field) =>
      (field.required || offer.type === 'add' || offer.type === 'remove') && isEmpty(values[field.name]),
  );
  return (
    <Modal
      opened
      onClose={answered}
      size="sm"
      title={`${name}: ${only ? nameOf(kind, only) : t('meant', { count })}`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isMissing) go();
        }}
      >
        <Stack gap="sm">
          {(offer.type === 'command' || offer.type === 'give') && offer.command.help && (
            <Text size="sm" c="dimmed">
              {offer.command.help}
            </Text>
          )}
          {fields.map((field, index) => (
            <OneField
              key={field.name}
              kind={kind}
              field={field}
              isFirst={index === 0}
              value={values[field.name]}
              onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
            />
          ))}
          {offer.type === 'field' && (
            <Text size="xs" c="dimmed">
              {t('clears')}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={answered}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              disabled={isMissing}
              {...(offer.type === 'archive' ? { color: 'red.9', 'data-autofocus': true } : {})}
            >
              {only && (offer.type === 'command' || offer.type === 'give') ? name : t('run', { count })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
