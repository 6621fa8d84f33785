// SPDX-License-Identifier: Apache-2.0
// A link by which somebody sets their first password.
import { Button, CopyButton, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import type { components } from '@/api/schema';
import { formatInstantLong, useForms } from '@/ui/format';
import { useTexts } from './pageTexts';

export type Invitation = components['schemas']['Invitation'];

interface InviteProps {
  name: string;
  said: Invitation;
  onClose: () => void;
}
export default function Invite({ name, said, onClose }: InviteProps) {
  const t = useTexts();
  useForms();
  const link = new URL(said.path, location.origin).href;
  return (
    <Modal opened onClose={onClose} title={t('inviteOf', { name })}>
      <Stack gap="sm">
        <Text size="sm">{t('inviteHint', { name, when: formatInstantLong(said.expires_at) })}</Text>
        <TextInput label={t('link')} value={link} readOnly />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('close')}
          </Button>
          <CopyButton value={link}>
            {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'copied' : 'copy')}</Button>}
          </CopyButton>
        </Group>
      </Stack>
    </Modal>
  );
}
