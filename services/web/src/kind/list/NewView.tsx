// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '../texts';
import classes from './ViewBar.module.css';

/** Asks how a view is to be called, and who shall see it. */
export default function NewView({
  onSave,
  onClose,
}: {
  onSave: (name: string, sharing: string) => void;
  onClose: () => void;
}) {
  const t = useTexts();
  const [name, setName] = useState('');
  const [sharing, setSharing] = useState('private');
  return (
    <Modal opened onClose={onClose} title={t('saveAsNew')} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(name, sharing);
          onClose();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            required
            label={t('viewName')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <div>
            <div className={classes.label}>{t('sharing')}</div>
            <SegmentedControl
              fullWidth
              value={sharing}
              onChange={setSharing}
              data={[
                { value: 'private', label: t('private') },
                { value: 'team', label: t('team') },
                { value: 'all', label: t('everybody') },
              ]}
            />
          </div>
          <Button type="submit" disabled={!name.trim()}>
            {t('save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
