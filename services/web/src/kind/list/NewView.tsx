// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SavedView } from '@/app/shell/favourites';
import { useTexts } from '../texts';
import classes from './ViewBar.module.css';

interface NewViewProps {
  /** What it is called and who sees it so far. */
  view?: SavedView | undefined;
  title: string;
  onSave: (name: string, sharing: NonNullable<SavedView['sharing']>) => void;
  onClose: () => void;
}

/** Asks how a view is to be called, and who shall see it. */
export default function NewView({ view, title, onSave, onClose }: NewViewProps) {
  const t = useTexts();
  const [name, setName] = useState(view?.name ?? '');
  const [sharing, setSharing] = useState<NonNullable<SavedView['sharing']>>(view?.sharing ?? 'private');
  return (
    <Modal opened onClose={onClose} title={title} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(name.trim(), sharing);
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
