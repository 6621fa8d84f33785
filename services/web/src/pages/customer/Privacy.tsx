// SPDX-License-Identifier: Apache-2.0
// What the customer's menu has beside the rest: everything that is recorded about them as a file, and erasing
// them at every department. Shows nothing itself.
import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { act } from '@/api/act';
import { urlOf } from '@/api/client';
import { useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { useActions } from '@/app/useActions';
import { nameOf } from '@/kind/field/Reference';
import { useTexts } from './pageTexts';

function Export({ row, name, onClose }: { row: Row; name: string; onClose: () => void }) {
  const t = useTexts();
  const file = (format: 'html' | 'json') => ({
    component: 'a' as const,
    href: urlOf(`customers/${row.id}/export`, { format }),
    download: `${name}.${format}`,
    leftSection: <IconDownload size={14} />,
    onClick: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={t('exportOf', { name })} size="sm">
      <Stack gap="sm">
        <Text size="sm">{t('exportHint')}</Text>
        <Group gap="xs">
          <Button {...file('html')}>{t('exportHtml')}</Button>
          <Button variant="default" {...file('json')}>
            {t('exportJson')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Erase({ row, name, onClose }: { row: Row; name: string; onClose: () => void }) {
  const t = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [alone, setAlone] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const members = (row.members as unknown[] | undefined)?.length ?? 1;
  const erase = async () => {
    setBusy(true);
    try {
      const erasure = await act<Row>(client, {
        method: 'POST',
        path: `customers/${row.id}:erase`,
        body: { ...(reason.trim() ? { reason: reason.trim() } : {}), ...(alone ? { alone } : {}) },
        label: t('eraseOf', { name }),
        done: t('eraseBegun'),
      });
      onClose();
      if (erasure) void navigate({ to: `/erasures/${erasure.id}` });
    } catch {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('eraseOf', { name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) void erase();
        }}
      >
        <Stack gap="sm">
          <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />}>
            {t('eraseHint')}
          </Alert>
          <TextInput
            label={t('reason')}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {members > 1 && (
            <Checkbox
              label={t('eraseAlone', { count: members })}
              checked={alone}
              onChange={(event) => setAlone(event.currentTarget.checked)}
            />
          )}
          <TextInput
            label={t('typeName', { name })}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" color="red.9" loading={isBusy} disabled={typed !== name}>
              {t('eraseNow')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export default function Privacy({ kind, row }: PanelProps) {
  const may = useMayWith();
  const book = useKinds();
  const [open, setOpen] = useState<'export' | 'erase'>();
  const name = nameOf(kind, row);
  const canErase =
    may('change', kind, row) && book.commandsOf(kind.plural).some((one) => one.verb === 'erase');
  useActions({
    'customer.export': may('export', kind, row) ? () => setOpen('export') : undefined,
    'customer.eraseAsk': canErase ? () => setOpen('erase') : undefined,
  });
  const close = () => setOpen(undefined);
  if (open === 'export') return <Export row={row} name={name} onClose={close} />;
  if (open === 'erase') return <Erase row={row} name={name} onClose={close} />;
  return null;
}
