// SPDX-License-Identifier: Apache-2.0
// What a rule or flow would have done over the last days.
import { Alert, Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { inWords } from '@/api/problem';
import type { Row } from '@/api/records';
import { type Dry, Outcome } from './Outcome';
import { useTexts } from './pageTexts';

interface DryRunProps {
  plural: 'rules' | 'flows';
  row: Row;
  onClose: () => void;
}
export default function DryRun({ plural, row, onClose }: DryRunProps) {
  const t = useTexts();
  const book = useKinds();
  const [days, setDays] = useState(30);
  const look = useMutation({
    mutationFn: () => request<Dry>('POST', `${plural}/${row.id}:dryRun`, { body: { days } }),
  });
  return (
    <Modal opened onClose={onClose} title={t('dryRunOf', { name: String(row.name ?? '') })} size={560}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('dryHint')}
        </Text>
        <Group align="flex-end">
          <NumberInput
            label={t('days')}
            min={1}
            max={90}
            value={days}
            onChange={(next) => setDays(Number(next) || 30)}
            data-autofocus
          />
          <Button loading={look.isPending} onClick={() => look.mutate()}>
            {t('tryIt')}
          </Button>
        </Group>
        {look.error && <Alert color="red">{inWords(look.error)}</Alert>}
        {look.data && <Outcome dry={look.data} plural={book.byName(String(row.kind ?? ''))?.plural} />}
      </Stack>
    </Modal>
  );
}
