// SPDX-License-Identifier: Apache-2.0
// A kind of record that is added, or another label and help of one.
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { act, change } from '@/api/act';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { sayFailure } from '@/ui/toast';
import { type KindDefinition, nameFor, pluralFor } from './definition';
import { useTexts } from './pageTexts';

interface KindFormProps {
  kind?: KindDefinition | undefined;
  onClose: () => void;
  onMade: (name: string) => void;
}

export default function KindForm({ kind, onClose, onMade }: KindFormProps) {
  const t = useTexts();
  const client = useQueryClient();
  const [label, setLabel] = useState(kind?.label ?? '');
  const [name, setName] = useState<string>();
  const [plural, setPlural] = useState<string>();
  const [help, setHelp] = useState(kind?.help ?? '');
  const [isWithout, setWithout] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const named = name ?? nameFor(label);
  const pluralNow = plural ?? pluralFor(named);
  const send = async () => {
    if (kind) {
      await change(client, 'custom_kinds', kind as unknown as Row, { label, help: help || null }, label, {
        quiet: true,
      });
    } else {
      const body = {
        label,
        name: named,
        plural: pluralNow,
        ...(help ? { help } : {}),
        ...(isWithout ? { without_customer: true } : {}),
      };
      await act(client, {
        method: 'POST',
        path: 'custom_kinds',
        body,
        label,
        done: t('made', { name: label }),
        quiet: true,
      });
    }
    await client.invalidateQueries({ queryKey: ['all', 'custom_kinds'] });
    await client.invalidateQueries({ queryKey: ['kinds'] });
    if (!kind) onMade(named);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await send();
      onClose();
    } catch (error) {
      const part = error instanceof ApiError ? /^([a-z_]+)[:.]/.exec(error.message)?.[1] : undefined;
      if (part) setErrors({ [part]: (error as ApiError).message });
      else sayFailure(error);
      setBusy(false);
    }
  };
  const said = (part: string) => (errors[part] ? { error: errors[part] } : {});
  return (
    <Modal opened onClose={onClose} title={kind ? t('editKind', { name: kind.label ?? '' }) : t('newKind')}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <TextInput
            label={t('label')}
            required
            data-autofocus
            maxLength={100}
            value={label}
            {...said('label')}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          {!kind && (
            <>
              <TextInput
                label={t('name')}
                description={t('nameHint')}
                value={named}
                {...said('name')}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <TextInput
                label={t('plural')}
                description={t('pluralHint')}
                value={pluralNow}
                {...said('plural')}
                onChange={(event) => setPlural(event.currentTarget.value)}
              />
            </>
          )}
          <TextInput
            label={t('help')}
            maxLength={500}
            value={help}
            onChange={(event) => setHelp(event.currentTarget.value)}
          />
          {!kind && (
            <Switch
              label={t('withoutCustomer')}
              description={t('typeHint')}
              checked={isWithout}
              onChange={(event) => setWithout(event.currentTarget.checked)}
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t(kind ? 'save' : 'create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
