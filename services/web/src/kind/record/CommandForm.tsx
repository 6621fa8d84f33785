// SPDX-License-Identifier: Apache-2.0
// A command on a record (win a deal, complete a task), with a field for each thing that it asks.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Command, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { sayFailure } from '@/ui/toast';
import { FieldInput } from '../field/Input';
import { nameOf } from '../field/Reference';
import { labelOf } from '../field/shape';
import { isEmpty } from '../field/Value';
import { useTexts } from '../texts';
import { askedOf, commandLabel, runCommand } from './command';

interface CommandFormProps {
  kind: Kind;
  row: Row;
  command: Command;
  /** Does it in another way, with what was said. */
  run?: (body: Record<string, unknown>) => Promise<void>;
  onClose: () => void;
}

export default function CommandForm({ kind, row, command, run, onClose }: CommandFormProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const client = useQueryClient();
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [isBusy, setBusy] = useState(false);
  const fields = askedOf(kind, command);
  const submit = async () => {
    setBusy(true);
    try {
      const body = Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
      if (run) {
        onClose();
        await run(body);
        return;
      }
      await runCommand(client, kind, row, command, body);
      onClose();
    } catch (error) {
      sayFailure(error);
    } finally {
      setBusy(false);
    }
  };
  useActions({ 'form.save': isBusy ? undefined : () => void submit() });
  return (
    <Modal opened onClose={onClose} title={`${commandLabel(command)}: ${nameOf(kind, row)}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack gap="sm">
          {command.help && (
            <Text size="sm" c="dimmed">
              {command.help}
            </Text>
          )}
          {fields.map((field, index) => (
            <FieldInput
              key={field.name}
              field={field}
              label={labelText(labelOf(field))}
              showLabel
              autoFocus={index === 0}
              required={!!field.required}
              value={values[field.name]}
              onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
            />
          ))}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {labelText(verbLabel(command))}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
